import kafkajs from 'kafkajs';
import { eventually } from './eventually.ts';
import { uniqueName } from './unique-name.ts';

const LED_WITHIN_MS = 60_000;

/** A Kafka topic of a test's own. */
export interface TestTopic {
  readonly brokers: readonly string[];
  readonly topic: string;
  /** A consumer group of the test's own. */
  readonly groupId: string;
  /** Deletes the topic, and those of the journal and of SIP messages beside it. */
  readonly close: () => Promise<void>;
}

/** How a topic is made. */
export interface TestTopicOptions {
  /** @default 3; 0 leaves the topic to be created by what is tested */
  readonly partitions?: number;
}

/** Where the tests' Kafka is: `TANDEM_TEST_KAFKA_BROKERS`, with commas between. @default '127.0.0.1:21092' */
export function testKafkaBrokers(): readonly string[] {
  const listed = process.env['TANDEM_TEST_KAFKA_BROKERS'] ?? '127.0.0.1:21092';
  return listed.split(',').map((broker) => broker.trim());
}

/** Creates a topic and waits until it has leaders. @throws when no broker answers. */
export async function topicForTest({ partitions = 3 }: TestTopicOptions = {}): Promise<TestTopic> {
  const brokers = testKafkaBrokers();
  const topic = uniqueName('tandem-test');
  const client = new kafkajs.Kafka({
    clientId: 'tandem-testing',
    brokers: [...brokers],
    logLevel: kafkajs.logLevel.NOTHING,
    retry: { retries: 3, initialRetryTime: 100 },
  });
  await asAdmin(client, async (admin) => {
    if (partitions === 0) return;
    const topics = [{ topic, numPartitions: partitions, replicationFactor: 1 }];
    await admin.createTopics({ topics, waitForLeaders: false });
    await untilLed(admin, topic);
  });
  return {
    brokers,
    topic,
    groupId: `${topic}-group`,
    close: () =>
      asAdmin(client, async (admin) => {
        // Each may never have been created; there is nothing to clean up then.
        for (const each of [topic, `${topic}.journal`, `${topic}.messages`]) {
          await admin.deleteTopics({ topics: [each] }).catch(() => undefined);
        }
      }),
  };
}

/** Has the group of a topic, which nobody reads now, begin again with what was published since a moment, as `kafka-consumer-groups.sh --reset-offsets` does. */
export async function putGroupBack(
  { brokers, groupId, topic }: TestTopic,
  sinceMs: number,
): Promise<void> {
  const client = new kafkajs.Kafka({
    clientId: 'tandem-testing',
    brokers: [...brokers],
    logLevel: kafkajs.logLevel.NOTHING,
  });
  await asAdmin(client, async (admin) => {
    const partitions = await admin.fetchTopicOffsetsByTimestamp(topic, sinceMs);
    await admin.setOffsets({ groupId, topic, partitions });
  });
}

/** Over a connection of its own: one that stays open wakes the test each millisecond (findings/kafkajs-idle-timers.sh). */
async function asAdmin(
  client: kafkajs.Kafka,
  work: (admin: kafkajs.Admin) => Promise<void>,
): Promise<void> {
  const admin = client.admin();
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.disconnect();
  }
}

/** A new topic is unknown to the broker at first, and then without leaders; the client's own wait gives up on the former. */
function untilLed(admin: kafkajs.Admin, topic: string): Promise<void> {
  const isLed = async (): Promise<boolean> => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    return topics[0]?.partitions.every(({ leader }) => leader >= 0) === true;
  };
  return eventually(`topic ${topic} has leaders`, () => isLed().catch(() => false), LED_WITHIN_MS);
}

import type { Admin } from 'kafkajs';

/** Partitions of the topic of call events: the most consumers that can share it. */
const PARTITIONS = 12;
/** As many copies as there are brokers, up to this. */
const MAX_REPLICATION = 3;

/** Settings of a topic, as Kafka names them. */
export type TopicSettings = Readonly<Record<string, string>>;

/**
 * Creates the topic where it is missing, with 12 partitions and up to three replicas.
 * @param settings of a topic that is made. @default the broker's
 * @throws where the brokers are away.
 */
export async function ensureTopic(
  admin: Admin,
  topic: string,
  settings: TopicSettings = {},
): Promise<void> {
  const topics = await admin.listTopics();
  if (topics.includes(topic)) return;
  const { brokers } = await admin.describeCluster();
  const replicationFactor = Math.min(MAX_REPLICATION, brokers.length);
  await admin.createTopics({
    waitForLeaders: true,
    topics: [
      {
        topic,
        numPartitions: PARTITIONS,
        replicationFactor,
        configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })),
      },
    ],
  });
}

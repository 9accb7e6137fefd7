import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SwitchError } from '@tandem/domain';
import { persistent, topicForTest } from '@tandem/testing';
import kafkajs from 'kafkajs';
import {
  createKafkaConsumer,
  createKafkaLogReader,
  createKafkaPublisher,
} from '../../src/index.ts';
import { collect, event, testEventLog, until } from '../event-log-contract.ts';
import { silentEventLogger } from '../silent-event-logger.ts';

const clientId = 'tandem-events-test';
const logger = silentEventLogger;
/** A port on which nothing listens. */
const nowhere = ['127.0.0.1:1'];

testEventLog('Kafka', async () => {
  const topicUnderTest = await topicForTest();
  const { brokers, topic, groupId } = topicUnderTest;
  return {
    publisher: () => persistent(createKafkaPublisher({ brokers, clientId, topic, logger })),
    consumer: (group, log = logger) =>
      createKafkaConsumer({ brokers, clientId, topic, group: `${groupId}-${group}`, logger: log }),
    appendRaw: async (value) => {
      const producer = client(brokers).producer({
        createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      });
      await producer.connect();
      await producer.send({ topic, messages: [{ value }] });
      await producer.disconnect();
    },
    close: () => topicUnderTest.close(),
  };
});

test('BILL-04 a topic that is missing is created with 12 partitions', async () => {
  const topicUnderTest = await topicForTest({ partitions: 0 });
  const { brokers, topic, groupId } = topicUnderTest;
  const publisher = persistent(createKafkaPublisher({ brokers, clientId, topic, logger }));
  // The consumer may be there first: it must not matter who creates it.
  const consumer = createKafkaConsumer({ brokers, clientId, topic, group: groupId, logger });
  const seen = collect();
  void consumer.run({ handle: seen.take });
  await publisher.publish([event('call-1', 1)]);
  await seen.until(1);
  const admin = client(brokers).admin();
  await admin.connect();
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  assert.equal(topics[0]?.partitions.length, 12);
  await admin.disconnect();
  await consumer.close();
  await publisher.close();
  await topicUnderTest.close();
});

test('OPS-06 a message carries the call id as key and the trace as header', async () => {
  const topicUnderTest = await topicForTest();
  const { brokers, topic, groupId } = topicUnderTest;
  const publisher = persistent(createKafkaPublisher({ brokers, clientId, topic, logger }));
  const traceParent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  await publisher.publish([event('call-1', 1, { traceParent }), event('call-2', 1)]);
  const consumer = client(brokers).consumer({ groupId });
  const headers = new Map<string, string | undefined>();
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    eachMessage: ({ message }) => {
      headers.set(String(message.key), message.headers?.['traceparent']?.toString());
      return Promise.resolve();
    },
  });
  await until(() => headers.size === 2);
  assert.deepEqual([headers.get('call-1'), headers.get('call-2')], [traceParent, undefined]);
  await consumer.disconnect();
  await publisher.close();
  await topicUnderTest.close();
});

test('BILL-04 without Kafka a publisher rejects within seconds, so that the outbox takes over', async () => {
  const publisher = createKafkaPublisher({ brokers: nowhere, clientId, logger });
  const startedMs = Date.now();
  await assert.rejects(
    publisher.publish([event('call-1', 1)]),
    (error) => error instanceof SwitchError && error.code === 'SWITCH_STORE_UNAVAILABLE',
  );
  assert.ok(Date.now() - startedMs < 30_000);
  await publisher.close();
});

test('BILL-04 without Kafka a consumer keeps trying and can be closed', async () => {
  const warnings: string[] = [];
  const consumer = createKafkaConsumer({
    brokers: nowhere,
    clientId,
    group: 'nobody',
    logger: { ...logger, warn: (_, message) => warnings.push(message) },
  });
  const running = consumer.run({ handle: () => Promise.resolve() });
  await until(() => warnings.length >= 2);
  await consumer.close();
  await running;
});

test('BILL-04 two consumers of a group share the partitions; when one leaves the other takes all', async () => {
  const topicUnderTest = await topicForTest({ partitions: 12 });
  const { brokers, topic, groupId } = topicUnderTest;
  // Each publisher has a partition of its own.
  const join = () => persistent(createKafkaPublisher({ brokers, clientId, topic, logger }));
  const publishers = [join()];
  const open = () => createKafkaConsumer({ brokers, clientId, topic, group: groupId, logger });
  const [one, other] = [open(), open()];
  const seen = collect();
  const counts = [0, 0];
  for (const [index, consumer] of [one, other].entries()) {
    void consumer.run({
      handle: (events) => {
        counts[index] = (counts[index] ?? 0) + events.length;
        return seen.take(events);
      },
    });
  }
  let published = 0;
  const publishSome = async () => {
    const events = Array.from({ length: 60 }, () => event(`call-${String((published += 1))}`, 1));
    await publishers.at(-1)?.publish(events);
  };
  while (counts.some((count) => count === 0)) {
    publishers.push(join());
    await publishSome();
    await seen.until(published);
  }
  await one.close();
  await publishSome();
  await seen.until(published);
  assert.equal(seen.events.length, published);
  await other.close();
  await Promise.all(publishers.map((publisher) => publisher.close()));
  await topicUnderTest.close();
});

test('BILL-09 the events of a span of time are read again, without moving a consumer', async () => {
  const topicUnderTest = await topicForTest();
  const { brokers, topic } = topicUnderTest;
  const publisher = persistent(createKafkaPublisher({ brokers, clientId, topic, logger }));
  const reader = createKafkaLogReader({ brokers, clientId, topic, logger });
  const read = async (fromMs: number, untilMs: number): Promise<string[]> => {
    const callIds: string[] = [];
    await reader.read({ fromMs, untilMs }, (events) => {
      callIds.push(...events.map(({ head }) => head.callId));
      return Promise.resolve();
    });
    // A publisher that was told of no success has sent twice: the log may hold an event more than once.
    return [...new Set(callIds)].sort();
  };
  await publisher.publish(['a', 'b', 'c', 'd'].map((callId) => event(callId, 1)));
  await new Promise((resolve) => setTimeout(resolve, 20));
  const middleMs = Date.now();
  await publisher.publish(['e', 'f'].map((callId) => event(callId, 1)));
  assert.deepEqual(await read(0, middleMs), ['a', 'b', 'c', 'd']);
  assert.deepEqual(await read(middleMs, Date.now() + 1000), ['e', 'f']);
  assert.deepEqual(await read(Date.now() + 60_000, Date.now() + 61_000), []);
  await assert.rejects(
    reader.read({ fromMs: 0, untilMs: middleMs }, () => Promise.reject(new Error('no'))),
    /no/,
  );
  await publisher.close();
  await topicUnderTest.close();
});

function client(brokers: readonly string[]) {
  return new kafkajs.Kafka({
    clientId,
    brokers: [...brokers],
    logLevel: kafkajs.logLevel.NOTHING,
  });
}

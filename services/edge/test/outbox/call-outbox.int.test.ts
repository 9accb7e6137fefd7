import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createKafkaConsumer, createKafkaPublisher } from '@tandem/events';
import type { EventConsumer } from '@tandem/events';
import { connectRedis, silentLogger } from '@tandem/service';
import type { Redis } from '@tandem/service';
import { redisForTest, topicForTest } from '@tandem/testing';
import type { TestRedis, TestTopic } from '@tandem/testing';
import { redisCallStore } from '../../src/adapters/redis-call-store.ts';
import { CallOutbox } from '../../src/outbox/call-outbox.ts';
import { systemClock } from '../../src/system.ts';
import { answerOf, newCallId } from '../support/call-store-contract.ts';

const logger = silentLogger();
let own: TestRedis;
let topic: TestTopic;
let redis: Redis;
let consumer: EventConsumer;
/** Event id → how often it was read. */
const read = new Map<string, number>();

before(async () => {
  [own, topic] = await Promise.all([redisForTest(), topicForTest()]);
  redis = connectRedis({ url: own.url, logger });
  const { brokers, groupId } = topic;
  consumer = createKafkaConsumer({
    brokers: [...brokers],
    topic: topic.topic,
    group: groupId,
    clientId: 'test',
    logger,
  });
  void consumer.run({
    handle: (events) => {
      for (const { head } of events) read.set(head.eventId, (read.get(head.eventId) ?? 0) + 1);
      return Promise.resolve();
    },
  });
});

after(async () => {
  await consumer.close();
  redis.disconnect();
  await Promise.all([own.close(), topic.close()]);
});

test('BILL-04 what gathered while Kafka was away is published by two pods, each event once, and the outbox is empty', async () => {
  const store = redisCallStore(redis, own.prefix);
  const callIds = Array.from({ length: 3000 }, () => newCallId());
  for (let at = 0; at < callIds.length; at += 200) {
    const some = callIds.slice(at, at + 200);
    await Promise.all(some.map((callId) => store.answer(answerOf(callId))));
  }
  const outbox = `{${own.prefix}}:outbox`;
  const events = await redis.zrange(outbox, '0', '-1');
  await redis.zadd(outbox, ...events.flatMap((eventId) => [Date.now() - 60_000, eventId]));
  assert.equal((await store.outbox()).length, 3000);

  const pods = [1, 2].map((at) => {
    const { brokers } = topic;
    const publisher = createKafkaPublisher({
      brokers: [...brokers],
      topic: topic.topic,
      clientId: `test-${String(at)}`,
      lingerMs: 100,
      logger,
    });
    return {
      publisher,
      outbox: new CallOutbox({ store, publisher, clock: systemClock, logger }),
    };
  });
  for (const pod of pods) pod.outbox.start();
  while ((await store.outbox()).length > 0 || read.size < 3000) await sleep(20);
  assert.equal(read.size, 3000);
  assert.ok([...read.values()].every((times) => times === 1));
  assert.equal(await redis.hlen(`{${own.prefix}}:outbox-events`), 0);
  assert.equal(await redis.zcard(`{${own.prefix}}:outbox-taken`), 0);
  for (const pod of pods) {
    await pod.outbox.close();
    await pod.publisher.close();
  }
});

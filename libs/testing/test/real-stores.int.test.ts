import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs from 'kafkajs';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { databaseForTest, testPostgresUrl } from '../src/real-database.ts';
import { redisForTest, testRedisUrl } from '../src/real-redis.ts';
import { topicForTest } from '../src/real-topic.ts';

test('OPS-07 a test has keys of its own in Redis, which are gone afterwards', async () => {
  const first = await redisForTest();
  const second = await redisForTest();
  assert.notEqual(first.prefix, second.prefix);
  assert.equal(first.url, testRedisUrl());
  await first.redis.set(`{${first.prefix}}:a`, '1');
  await second.redis.set(`${second.prefix}:b`, '2');
  await first.close();
  assert.equal(await second.redis.exists(`{${first.prefix}}:a`), 0);
  assert.equal(await second.redis.get(`${second.prefix}:b`), '2');
  await second.close();
  const redis = new Redis(testRedisUrl());
  assert.deepEqual(await redis.keys(`*${second.prefix}*`), []);
  redis.disconnect();
});

test('OPS-07 a test has a database of its own, dropped although somebody is connected', async () => {
  const { url, pool, close } = await databaseForTest();
  await pool.query('CREATE TABLE thing (id int)');
  await pool.query('INSERT INTO thing VALUES (1)');
  const stranger = new Client({ connectionString: url });
  stranger.on('error', () => undefined);
  await stranger.connect();
  await close();
  await stranger.end().catch(() => undefined);
  const client = new Client({ connectionString: testPostgresUrl() });
  await client.connect();
  const name = new URL(url).pathname.slice(1);
  const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
  assert.equal(rowCount, 0);
  await client.end();
});

test('OPS-07 a test has a topic of its own, deleted afterwards', async () => {
  const { brokers, topic, groupId, close } = await topicForTest({ partitions: 2 });
  const kafka = new kafkajs.Kafka({ brokers: [...brokers], logLevel: kafkajs.logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  after(() => admin.disconnect());
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  assert.equal(topics[0]?.partitions.length, 2);
  assert.match(groupId, /^tandem-test/);
  await close();
  // The broker's own view follows the deletion a moment later.
  const deadline = performance.now() + 60_000;
  while ((await admin.listTopics()).includes(topic)) {
    assert.ok(performance.now() < deadline, 'the topic is still there');
    await sleep(20);
  }
});

test('OPS-07 a topic may be left to what is tested, and closing it is no error', async () => {
  const { close } = await topicForTest({ partitions: 0 });
  await close();
});

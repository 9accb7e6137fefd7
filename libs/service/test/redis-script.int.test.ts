import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { connectRedis, defineScript, silentLogger } from '@tandem/service';
import type { Redis } from '@tandem/service';
import { redisForTest, testRedisUrl } from '@tandem/testing';
import type { TestRedis } from '@tandem/testing';

let place: TestRedis;
let redis: Redis;
before(async () => {
  place = await redisForTest();
  redis = connectRedis({ url: testRedisUrl(), logger: silentLogger() });
});
after(async () => {
  redis.disconnect();
  await place.close();
});

const ECHO = "return {KEYS[1], ARGV[1], redis.call('INCR', KEYS[1])}";

test('ROUTE-05 a script gets its keys and arguments and its reply comes back', async () => {
  const key = `{${place.prefix}}:echo`;
  const echo = defineScript(redis, ECHO, 1);
  assert.deepEqual(await echo([key], ['a']), [key, 'a', 1]);
  assert.deepEqual(await echo([key], [7]), [key, '7', 2]);
});

test('ROUTE-05 with buffers bytes pass unchanged', async () => {
  const echo = defineScript(redis, 'return ARGV[1]', 1, { buffers: true });
  const bytes = Buffer.from([0, 0xff, 0x0d, 0x0a, 0x80]);
  assert.deepEqual(await echo([`{${place.prefix}}:bytes`], [bytes]), bytes);
});

test('ROUTE-05 a script that Redis has forgotten is sent again', async () => {
  const key = `{${place.prefix}}:forgotten`;
  const echo = defineScript(redis, ECHO, 1);
  await echo([key], ['a']);
  await redis.script('FLUSH');
  assert.deepEqual(await echo([key], ['a']), [key, 'a', 2]);
});

test('ROUTE-05 calls of one turn are answered in order', async () => {
  const key = `{${place.prefix}}:order`;
  const echo = defineScript(redis, ECHO, 1);
  const replies = await Promise.all(Array.from({ length: 500 }, () => echo([key], ['a'])));
  assert.deepEqual(
    replies.map((reply) => (reply as unknown[])[2]),
    Array.from({ length: 500 }, (_, index) => index + 1),
  );
});

test('ROUTE-05 a wrong number of keys and an error of the script are rejected', async () => {
  const echo = defineScript(redis, ECHO, 1);
  await assert.rejects(echo([], ['a']), RangeError);
  const broken = defineScript(redis, "return redis.error_reply('WRONG as it should')", 0);
  await assert.rejects(broken([], []), /WRONG as it should/);
});

test('DENY-19 a Redis that is away is told within the time-out', async () => {
  const away = connectRedis({
    url: 'redis://127.0.0.1:1',
    logger: silentLogger(),
    commandTimeoutMs: 200,
  });
  const startedAt = performance.now();
  await assert.rejects(defineScript(away, ECHO, 1)(['{x}:k'], ['a']));
  assert.ok(performance.now() - startedAt < 2000);
  away.disconnect();
});

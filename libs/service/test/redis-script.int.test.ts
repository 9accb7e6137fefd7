import assert from 'node:assert/strict';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SwitchError } from '@tandem/domain';
import { Redis as PlainRedis } from 'ioredis';
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
  assert.ok(performance.now() - startedAt < 10_000);
  away.disconnect();
});

test('ROUTE-05 a client that was opened elsewhere runs scripts too', async () => {
  const plain = new PlainRedis(testRedisUrl(), { enableAutoPipelining: true });
  const key = `{${place.prefix}}:plain`;
  await plain.script('FLUSH');
  const echo = defineScript(plain, ECHO, 1);
  assert.deepEqual(await echo([key], ['ä']), [key, 'ä', 1]);
  const bytes = defineScript(plain, "return {ARGV[1], redis.status_reply('OK'), false}", 0, {
    buffers: true,
  });
  assert.deepEqual(await bytes([], [Buffer.from([0xff])]), [
    Buffer.from([0xff]),
    Buffer.from('OK'),
    null,
  ]);
  plain.disconnect();
});

test('DENY-19 after the connection broke scripts work again', async () => {
  const relay = await openRelay();
  const client = connectRedis({ url: relay.url, logger: silentLogger() });
  const echo = defineScript(client, ECHO, 1);
  const key = `{${place.prefix}}:again`;
  await echo([key], ['a']);
  const underWay = echo([key], ['a']);
  relay.cut();
  await assert.rejects(underWay, isUnavailable);
  const deadline = Date.now() + 60_000;
  let reply: unknown;
  while (reply === undefined && Date.now() < deadline) {
    reply = await echo([key], ['b']).catch(() => sleep(10));
  }
  assert.equal((reply as unknown[] | undefined)?.[1], 'b');
  client.disconnect();
  relay.close();
});

test('DENY-19 a Redis that accepts and says nothing is told within the time-out', async () => {
  const relay = await openRelay({ isSilent: true });
  const client = connectRedis({ url: relay.url, logger: silentLogger(), commandTimeoutMs: 100 });
  const echo = defineScript(client, ECHO, 1);
  const startedAt = performance.now();
  await assert.rejects(echo([`{${place.prefix}}:silent`], ['a']), isUnavailable);
  assert.ok(performance.now() - startedAt < 10_000);
  client.disconnect();
  relay.close();
  await assert.rejects(echo(['{x}:k'], ['a']), isStopped);
});

const fails = (code: string) => (error: unknown) =>
  error instanceof SwitchError && error.code === code;
const isUnavailable = fails('SWITCH_STORE_UNAVAILABLE');
const isStopped = fails('SWITCH_STOPPED');

/** A relay before Redis that cuts what goes through it, or swallows it. */
async function openRelay({ isSilent = false } = {}) {
  const target = new URL(testRedisUrl());
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    sockets.add(near);
    near.on('error', () => undefined);
    if (isSilent) {
      near.resume();
      return;
    }
    const far = connect(Number(target.port), target.hostname);
    sockets.add(far);
    far.on('error', () => undefined);
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  return {
    url: `redis://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    cut,
    close: () => {
      cut();
      server.close();
    },
  };
}

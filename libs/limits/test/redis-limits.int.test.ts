import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SwitchError } from '@tandem/domain';
import { connectRedis, createLogger } from '@tandem/service';
import { testRedisUrl } from '@tandem/testing';
import { limitKeys, lineLeaseLua, redisLimits } from '../src/index.ts';
import { callTokensContract } from './call-tokens-contract.ts';
import { call, claim, limitsContract } from './limits-contract.ts';
import type { LimitsUnderTest } from './limits-contract.ts';

const logger = createLogger('limits-test');
const redis = connectRedis({ url: testRedisUrl(), logger });
const run = randomUUID();
let opened = 0;

function nextPrefix(): string {
  opened += 1;
  return `test-${run}-${String(opened)}`;
}

after(async () => {
  const keys = await redis.keys(`{test-${run}-*`);
  if (keys.length > 0) await redis.del(...keys);
  redis.disconnect();
});

const real: LimitsUnderTest = {
  name: 'Redis',
  open: async () => Promise.resolve(redisLimits({ redis, prefix: nextPrefix() })),
  wait: async (milliseconds) => sleep(milliseconds),
};

limitsContract(real);
callTokensContract(real);

test('ROUTE-05 a call that is over leaves no key of its own', async () => {
  const prefix = nextPrefix();
  const { lines } = redisLimits({ redis, prefix });
  await lines.acquire(call('c1', [claim('account:a', 0)], [[claim('routing-gateway:g', 1)]]));
  assert.equal((await redis.keys(`{${prefix}}*`)).length, 4);
  await lines.release('c1', ['account:a', 'routing-gateway:g']);
  assert.deepEqual(await redis.keys(`{${prefix}}*`), []);
});

test('ROUTE-05 another script renews and releases lines with lineLeaseLua', async () => {
  const prefix = nextPrefix();
  const keys = limitKeys(prefix);
  const { lines } = redisLimits({ redis, prefix });
  await lines.acquire({ ...call('c1', [claim('account:a', 1)], []), leaseMs: 50 });
  const embed = async (body: string) =>
    redis.eval(`${lineLeaseLua}${body}`, 2, keys.held('c1'), keys.line('account:a'), 'c1');
  await embed(
    `local t = redis.call('TIME')
     lines_renew(KEYS[1], { KEYS[2] }, ARGV[1], t[1] * 1000 + math.floor(t[2] / 1000), 60000)`,
  );
  await sleep(80);
  const [use] = await lines.list('account:a');
  assert.equal(use?.inUse, 1);
  assert.notEqual(use.holders[0]?.sinceMs, 0);
  await embed(`lines_release(KEYS[1], { KEYS[2] }, ARGV[1])`);
  assert.deepEqual(await redis.keys(`{${prefix}}*`), []);
});

test('ROUTE-05 the scripts survive a Redis that forgot them', async () => {
  const { lines } = redisLimits({ redis, prefix: nextPrefix() });
  await lines.acquire(call('c1', [], []));
  await redis.script('FLUSH');
  assert.equal((await lines.acquire(call('c2', [], []))).kind, 'taken');
});

test('DENY-19 Redis away is breakage with its own code, not a refusal', async () => {
  const away = connectRedis({
    url: 'redis://127.0.0.1:1',
    logger: createLogger('away'),
    commandTimeoutMs: 100,
  });
  const limits = redisLimits({ redis: away });
  const isUnavailable = (error: unknown) =>
    error instanceof SwitchError && error.code === 'SWITCH_STORE_UNAVAILABLE';
  await assert.rejects(limits.lines.acquire(call('c1', [], [])), isUnavailable);
  await assert.rejects(limits.balances.set(new Map([['a', 1n]])), isUnavailable);
  away.disconnect();
});

test('ROUTE-05 lines are taken only if the store holds what was asked for, in one step', async () => {
  const prefix = nextPrefix();
  const { lines } = redisLimits({ redis, prefix });
  const onlyIf = { key: `{${prefix}}:claim`, field: '', value: 'c1 3.7' };
  const wanted = {
    ...call('c1', [claim('account:a', 1)], [[claim('routing-gateway:g', 1)]]),
    onlyIf,
  };
  const isUnmet = (error: unknown): boolean =>
    error instanceof SwitchError && error.code === 'SWITCH_PRECONDITION_UNMET';
  await assert.rejects(lines.acquire(wanted), isUnmet);
  await redis.set(onlyIf.key, 'c2 3.7');
  await assert.rejects(lines.acquire(wanted), isUnmet);
  assert.deepEqual(await lines.list(), []);
  await redis.set(onlyIf.key, 'c1 3.7');
  assert.equal((await lines.acquire(wanted)).kind, 'taken');
});

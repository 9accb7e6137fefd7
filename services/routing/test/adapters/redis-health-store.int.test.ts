import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { redisForTest } from '@tandem/testing';
import { RedisHealthStore } from '../../src/adapters/redis-health-store.ts';
import { healthStoreContract } from '../health/health-store-contract.ts';

const { redis, prefix, close } = await redisForTest();
after(close);
let opened = 0;

function open(): RedisHealthStore {
  opened += 1;
  return new RedisHealthStore(redis, `${prefix}-${String(opened)}`);
}

healthStoreContract('redis', open);

test('ROUTE-07 ROUTE-13 an older version of the configuration does not undo what a newer one has brought, while pods with that one ask', async () => {
  const store = open();
  const period = { periodMs: 30_000 };
  await store.follow(5, [{ gateway: 'new', ...period }]);
  await store.follow(4, [{ gateway: 'old', ...period }]);
  const { taken, version } = await store.take({ limit: 10, leaseMs: 1000, version: 4 });
  assert.deepEqual([taken.map(({ gateway }) => gateway), version], [['new'], 5]);
});

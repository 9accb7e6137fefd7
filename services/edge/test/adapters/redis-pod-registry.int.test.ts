import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SwitchError } from '@tandem/domain';
import { connectRedis, silentLogger } from '@tandem/service';
import { testRedisUrl, uniqueName } from '@tandem/testing';
import { redisPodRegistry, soloPodRegistry } from '../../src/adapters/redis-pod-registry.ts';

const logger = silentLogger();
const common = uniqueName('pods');
const redis = connectRedis({ url: testRedisUrl(), logger });
let count = 0;
const newPrefix = (): string => `${common}-${String((count += 1))}`;
const podOf = (at: number) => ({
  name: `edge-${String(at)}`,
  address: `10.0.0.${String(at)}:5060`,
});

before(async () => {
  await redis.ping();
});

after(async () => {
  const keys = await redis.keys(`*${common}*`);
  if (keys.length > 0) await redis.unlink(...keys);
  redis.disconnect();
});

test('CALL-06 pods that join at once get a slot and an epoch each', async () => {
  const prefix = newPrefix();
  const pods = Array.from({ length: 8 }, () => redisPodRegistry(redis, prefix, logger));
  const places = await Promise.all(pods.map((pod, at) => pod.join(podOf(at))));
  assert.deepEqual(
    places.map(({ slot }) => slot).sort((a, b) => a - b),
    [0, 1, 2, 3, 4, 5, 6, 7],
  );
  assert.equal(new Set(places.map(({ epoch }) => epoch)).size, 8);
  await Promise.all(pods.map((pod) => pod.leave()));
  assert.deepEqual(await redis.keys(`{${prefix}}:slot:*`), []);
});

test('CALL-06 a slot that is taken again has another epoch: a new pod owns no call it never saw', async () => {
  const prefix = newPrefix();
  const first = redisPodRegistry(redis, prefix, logger);
  const former = await first.join(podOf(1));
  await first.leave();
  const second = redisPodRegistry(redis, prefix, logger);
  const latter = await second.join(podOf(2));
  assert.equal(latter.slot, former.slot);
  assert.notEqual(latter.epoch, former.epoch);
  await second.leave();
  await second.leave();
});

test('CALL-06 a slot is leased for 1.5 s and names pod, address and epoch', async () => {
  const prefix = newPrefix();
  const pod = redisPodRegistry(redis, prefix, logger);
  const { slot, epoch } = await pod.join(podOf(1));
  const key = `{${prefix}}:slot:${String(slot)}`;
  const leaseMs = await redis.pttl(key);
  assert.ok(leaseMs > 0 && leaseMs <= 1500);
  assert.equal(await redis.get(key), `edge-1 10.0.0.1:5060 ${String(epoch)}`);
  await pod.leave();
});

test('CALL-06 a 257th pod is told that all slots are taken', async () => {
  const prefix = newPrefix();
  await Promise.all(
    Array.from({ length: 256 }, (_, slot) =>
      redis.set(`{${prefix}}:slot:${String(slot)}`, 'taken', 'PX', 20_000),
    ),
  );
  await assert.rejects(
    redisPodRegistry(redis, prefix, logger).join(podOf(1)),
    (error) => error instanceof SwitchError && error.code === 'SWITCH_SERVICE_UNAVAILABLE',
  );
});

test('CALL-06 the one pod of an embedded switch has slot 0 and its epoch in 24 bits', async () => {
  const pod = soloPodRegistry(0x1_23_45_67);
  assert.deepEqual(await pod.join(podOf(1)), { slot: 0, epoch: 0x23_45_67 });
  await pod.leave();
});

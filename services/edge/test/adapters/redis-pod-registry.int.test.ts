import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SwitchError } from '@tandem/domain';
import { connectRedis, silentLogger } from '@tandem/service';
import { testRedisUrl, uniqueName } from '@tandem/testing';
import { redisPodRegistry } from '../../src/adapters/redis-pod-registry.ts';
import type { Pod, PodFigures, PodRegistry } from '../../src/ports.ts';
import { slotsLost } from '../../src/telemetry.ts';

const logger = silentLogger();
const common = uniqueName('pods');
const redis = connectRedis({ url: testRedisUrl(), logger });
let count = 0;
const newPrefix = (): string => `${common}-${String((count += 1))}`;
const podOf = (at: number) => ({
  name: `edge-${String(at)}`,
  role: 'both' as const,
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

/** Waits for a renewal to show what is looked for. */
async function seen(pods: PodRegistry, isSeen: (pods: readonly Pod[]) => boolean): Promise<void> {
  while (!isSeen(pods.pods())) await sleep(20);
}

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
  assert.equal(await redis.zcard(`{${prefix}}:pods`), 0);
  assert.equal(await redis.hlen(`{${prefix}}:pod-info`), 0);
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

test('edge.md §3: who looks before it joins learns who lives, and is not one of them', async () => {
  const prefix = newPrefix();
  const first = redisPodRegistry(redis, prefix, logger);
  await first.look();
  assert.deepEqual(first.pods(), []);
  const one = await first.join({ ...podOf(1), role: 'worker' });
  const second = redisPodRegistry(redis, prefix, logger);
  await second.look();
  const known = [{ ...podOf(1), ...one, role: 'worker', isDraining: false, figures: undefined }];
  assert.deepEqual(second.pods(), known);
  assert.equal(await redis.zcard(`{${prefix}}:pods`), 1);
  await second.leave();
  await first.leave();
});

test('edge.md §3: all pods learn of name, role, address, figures and draining of each', async () => {
  const prefix = newPrefix();
  const figures = { startedMs: 7, advertised: '192.0.2.1:5060' } as PodFigures;
  const first = redisPodRegistry(redis, prefix, logger);
  const second = redisPodRegistry(redis, prefix, logger);
  const one = await first.join({ ...podOf(1), figures: () => figures });
  const two = await second.join({ ...podOf(2), role: 'worker' });
  const known = (isDraining: boolean) => [
    { ...podOf(1), ...one, isDraining, figures },
    { ...podOf(2), ...two, role: 'worker', isDraining: false, figures: undefined },
  ];
  assert.deepEqual(second.pods(), known(false));
  await first.drain();
  assert.deepEqual(first.pods(), known(true));
  await seen(second, ([pod]) => pod?.isDraining === true);
  await first.leave();
  await seen(second, (pods) => pods.length === 1);
  await second.leave();
});

test('edge.md §3: a slot is leased for 1.5 s by Redis’s clock and renewed while the pod lives', async () => {
  const prefix = newPrefix();
  const pod = redisPodRegistry(redis, prefix, logger);
  const { slot, epoch } = await pod.join(podOf(1));
  const owner = `${String(slot)}.${String(epoch)}`;
  const leaseMs = async (): Promise<number> => {
    const [lease, [seconds]] = await Promise.all([
      redis.zscore(`{${prefix}}:pods`, owner),
      redis.time(),
    ]);
    return Number(lease) - Number(seconds) * 1000;
  };
  const first = await leaseMs();
  assert.ok(first > 0 && first <= 2500);
  const lease = await redis.zscore(`{${prefix}}:pods`, owner);
  while ((await redis.zscore(`{${prefix}}:pods`, owner)) === lease) await sleep(20);
  await pod.leave();
});

test('edge.md §3: a pod that stops renewing is no longer seen', async () => {
  const prefix = newPrefix();
  const theirs = connectRedis({ url: testRedisUrl(), logger });
  const dead = redisPodRegistry(theirs, prefix, logger);
  const alive = redisPodRegistry(redis, prefix, logger);
  await dead.join(podOf(1));
  await alive.join(podOf(2));
  assert.equal(alive.pods().length, 2);
  theirs.disconnect();
  await seen(alive, (pods) => pods.length === 1);
  await assert.rejects(dead.leave());
  await alive.leave();
});

test('edge.md §3: after Redis was emptied a pod comes back under its slot and epoch, and none is given twice', async () => {
  const prefix = newPrefix();
  const pod = redisPodRegistry(redis, prefix, logger);
  const place = await pod.join(podOf(1));
  const losses: unknown[] = [];
  pod.onLost((next) => losses.push(next));
  const lapses = slotsLost.total;
  await redis.unlink(`{${prefix}}:pods`, `{${prefix}}:pod-info`, `{${prefix}}:epochs`);
  // Redis has it back before the pod has read that.
  while (losses.length === 0) await sleep(20);
  await seen(pod, ([only]) => only?.epoch === place.epoch && only.slot === place.slot);
  assert.equal(slotsLost.total, lapses + 1);
  // Its calls may have been adopted, had there been another pod.
  assert.deepEqual(losses, [place]);
  const next = redisPodRegistry(redis, prefix, logger);
  const other = await next.join(podOf(2));
  assert.notEqual(other.slot, place.slot);
  assert.ok(other.epoch > place.epoch);
  await Promise.all([pod.leave(), next.leave()]);
});

test('edge.md §3: a pod whose slot another one took gets a new place and is told', async () => {
  const prefix = newPrefix();
  const paused = redisPodRegistry(redis, prefix, logger);
  const place = await paused.join(podOf(1));
  const lost = new Promise<{ slot: number; epoch: number }>((resolve) => {
    paused.onLost(resolve);
  });
  const soon = Date.now() + 60_000;
  await redis
    .multi()
    .del(`{${prefix}}:pods`)
    .zadd(`{${prefix}}:pods`, soon, `${String(place.slot)}.5`)
    .hset(`{${prefix}}:pod-info`, `${String(place.slot)}.5`, `-${JSON.stringify(podOf(2))}`)
    .exec();
  const next = await lost;
  assert.notEqual(next.slot, place.slot);
  assert.notEqual(next.epoch, place.epoch);
  await seen(paused, (pods) => pods.length === 2);
  await paused.leave();
});

test('edge.md §5: pods that come back after Redis was away are not declared dead before all had the time to', async () => {
  const prefix = newPrefix();
  const pod = redisPodRegistry(redis, prefix, logger);
  await pod.join(podOf(1));
  assert.equal(await redis.exists(`{${prefix}}:pods-quiet`), 0);
  await redis.unlink(`{${prefix}}:pods`);
  while ((await redis.exists(`{${prefix}}:pods-quiet`)) === 0) await sleep(20);
  assert.ok((await redis.pttl(`{${prefix}}:pods-quiet`)) <= 1500);
  await pod.leave();
});

test('edge.md §5: the first pod that Redis has back sees the others as before, so that it has a front for what it sends', async () => {
  const prefix = newPrefix();
  const theirs = connectRedis({ url: testRedisUrl(), logger });
  const front = redisPodRegistry(theirs, prefix, logger);
  const worker = redisPodRegistry(redis, prefix, logger);
  await front.join({ ...podOf(1), role: 'front' });
  await worker.join({ ...podOf(2), role: 'worker' });
  assert.equal(worker.pods().length, 2);
  const lost = new Promise((resolve) => {
    worker.onLost(resolve);
  });
  // It never comes back: what the worker sees first is seen for long enough.
  theirs.disconnect();
  await redis.unlink(`{${prefix}}:pods`, `{${prefix}}:pod-info`);
  await lost;
  assert.deepEqual(
    worker.pods().map(({ role }) => role),
    ['front', 'worker'],
  );
  await seen(worker, (pods) => pods.length === 1);
  await worker.leave();
});

test('CALL-06 a 257th pod is told that all slots are taken', async () => {
  const prefix = newPrefix();
  const soon = Date.now() + 60_000;
  const taken = Array.from({ length: 256 }, (_, slot) => [soon, `${String(slot)}.1`]).flat();
  await redis.zadd(`{${prefix}}:pods`, ...taken);
  await assert.rejects(
    redisPodRegistry(redis, prefix, logger).join(podOf(1)),
    (error) => error instanceof SwitchError && error.code === 'SWITCH_SERVICE_UNAVAILABLE',
  );
});

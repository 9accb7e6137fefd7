import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import test from 'node:test';
import { silentLogger } from '@tandem/service';
import { MemoryPods } from '../src/adapters/memory-pod-registry.ts';
import { createPodApp, edgeDefaults, systemClock } from '../src/app.ts';
import type { EdgeConfig } from '../src/app.ts';

const config: EdgeConfig = {
  ...edgeDefaults,
  name: 'front-1',
  role: 'front',
  sipListen: [{ transport: 'udp', address: '127.0.0.1', port: 0 }],
  podListen: { address: '127.0.0.1', port: 0 },
};
const secretKey = createSecretKey(Buffer.alloc(32, 7));

test('edge.md §3: a front is among the pods while it runs, needs neither auth nor routing nor the log, and gives its slot back', async () => {
  const pods = new MemoryPods(systemClock);
  const registry = pods.registry();
  const front = await createPodApp(config, { logger: silentLogger(), secretKey, pods: registry });
  assert.equal(front.isReady(), false);
  await front.start();
  assert.equal(front.isReady(), true);
  assert.match(front.advertised ?? '', /^127\.0\.0\.1:\d+$/);
  const [pod] = registry.pods();
  assert.deepEqual([pod?.name, pod?.role, pod?.isDraining], ['front-1', 'front', false]);
  assert.match(pod?.address ?? '', /^127\.0\.0\.1:\d+$/);
  assert.equal(pod?.figures?.advertised, front.advertised);
  await front.drain();
  assert.equal(front.isReady(), false);
  assert.equal(registry.pods()[0]?.isDraining, true);
  await front.stop();
  assert.deepEqual(registry.pods(), []);
});

test('OPS-05 a front without a store, or with nothing to advertise, says what is missing', async () => {
  const logger = silentLogger();
  await assert.rejects(createPodApp(config, { logger, secretKey }), /TANDEM_REDIS_URL is not set/);
  await assert.rejects(createPodApp(config, { logger }), /TANDEM_SECRET_KEY_FILE is not set/);
  const pods = new MemoryPods(systemClock).registry();
  const everywhere = [{ transport: 'udp', address: '0.0.0.0', port: 0 }] as const;
  const front = await createPodApp(
    { ...config, sipListen: everywhere },
    { logger, secretKey, pods },
  );
  await assert.rejects(
    front.start(),
    /TANDEM_SIP_ADVERTISED is not set: peers cannot reach 0\.0\.0\.0/,
  );
  await front.stop();
});

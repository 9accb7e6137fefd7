import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestCluster } from '../src/cluster/test-cluster.ts';
import { configuration } from '../src/configuration.ts';
import { until } from '../src/until.ts';

test('OPS-02 CALL-07 every pod is told of, and finds its network good behind the distributor', async (context) => {
  const cluster = await startTestCluster({ pods: 2 });
  context.after(() => cluster.stop());
  await cluster.configure(configuration(5070, 5071));
  const { api, shape } = cluster;
  const pods = await until('both pods have found their network good', async () => {
    const all = await api.pods();
    return all.length === 2 && all.every(({ source }) => source === 'preserved') && all;
  });
  assert.deepEqual(
    pods.map(({ name, role, advertised, isDraining }) => [name, role, advertised, isDraining]),
    [
      ['edge-1', 'both', shape.sip, false],
      ['edge-2', 'both', shape.sip, false],
    ],
  );
  const findings = await api.testNetwork();
  assert.deepEqual(
    findings.map(({ transport, target, source, leadsHere }) => [
      transport,
      target,
      source,
      leadsHere,
    ]),
    ['udp', 'tcp'].map((transport) => [transport, shape.sip, 'preserved', 'yes']),
  );

  cluster.cluster.kill('edge-2');
  await until('the killed pod is back under a new epoch', async () => {
    const again = (await api.pods()).find(({ name }) => name === 'edge-2');
    return again !== undefined && again.epoch !== pods[1]?.epoch;
  });
});

test('CALL-07 workers find through their fronts that sources are preserved', async (context) => {
  const cluster = await startTestCluster({ pods: 2, mode: 'front' });
  context.after(() => cluster.stop());
  await cluster.configure(configuration(5070, 5071));
  const pods = await until('both workers have found their network good', async () => {
    const all = await cluster.api.pods();
    const workers = all.filter(({ role }) => role === 'worker');
    return all.length === 4 && workers.every(({ source }) => source === 'preserved') && all;
  });
  assert.deepEqual(
    pods.map(({ name, role }) => [name, role]),
    [
      ['edge-1', 'worker'],
      ['edge-2', 'worker'],
      ['front-1', 'front'],
      ['front-2', 'front'],
    ],
  );
});

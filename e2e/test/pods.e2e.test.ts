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
  const [first = '', second = ''] = cluster.cluster.edges;
  const pods = await until('both pods have found their network good', async () => {
    const all = await api.pods();
    return all.length === 2 && all.every(({ source }) => source === 'preserved') && all;
  });
  assert.deepEqual(
    pods.map(({ name, role, advertised, isDraining }) => [name, role, advertised, isDraining]),
    [
      [first, 'both', shape.sip, false],
      [second, 'both', shape.sip, false],
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

  cluster.cluster.kill(second);
  await until('the killed pod is back under a new epoch', async () => {
    const again = (await api.pods()).find(({ name }) => name === second);
    return again !== undefined && again.epoch !== pods[1]?.epoch;
  });
});

test('CALL-07 workers find through their fronts that sources are preserved', async (context) => {
  const cluster = await startTestCluster({ layout: 'pod', pods: 2, mode: 'front' });
  context.after(() => cluster.stop());
  await cluster.configure(configuration(5070, 5071));
  const pods = await until('both workers have found their network good', async () => {
    const all = await cluster.api.pods();
    const workers = all.filter(({ role }) => role === 'worker');
    return all.length === 4 && workers.every(({ source }) => source === 'preserved') && all;
  });
  assert.deepEqual(
    pods.map(({ name, role }) => [name, role]).sort(),
    [
      ...cluster.cluster.edges.map((name) => [name, 'worker']),
      ['front-1', 'front'],
      ['front-2', 'front'],
    ].sort(),
  );
});

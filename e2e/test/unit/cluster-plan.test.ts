import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serviceNames } from '@tandem/config';
import { type ClusterShape, planCluster, portsNeeded } from '../../src/cluster/cluster-plan.ts';

const shape: ClusterShape = {
  layout: 'split',
  pods: 2,
  mode: 'random',
  lossPercent: 2,
  seed: 7,
  sip: '127.0.0.1:5060',
  api: '127.0.0.1:8080',
  dataDir: '/data',
  secretKeyFile: '/data/secret-key',
  stores: {
    redisUrl: 'redis://127.0.0.1:1',
    redisPrefix: 'p',
    postgresUrl: 'postgres://127.0.0.1:2/d',
    kafkaBrokers: '127.0.0.1:3',
    kafkaTopic: 't',
    kafkaGroup: 'g',
  },
};

function plan(change: Partial<ClusterShape> = {}) {
  const whole = { ...shape, ...change };
  const ports = Array.from({ length: portsNeeded(whole) }, (_, index) => 20_000 + index);
  return new Map(planCluster(whole, ports).map((planned) => [planned.name, planned]));
}

test('OPS-07 a cluster is every service, the edges and a distributor that knows them all', () => {
  const planned = plan();
  assert.deepEqual(
    [...planned.keys()],
    [...serviceNames.filter((name) => name !== 'edge'), 'edge-1', 'edge-2', 'distributor'],
  );
  const envOf = (name: string): Readonly<Record<string, string>> => planned.get(name)?.env ?? {};
  const [first, second, gate] = [envOf('edge-1'), envOf('edge-2'), envOf('distributor')];
  assert.equal(
    gate['DISTRIBUTOR_PODS'],
    [first, second]
      .map((env) => `${String(env['TANDEM_POD_LISTEN'])}=${String(env['TANDEM_ADMIN_LISTEN'])}`)
      .join(','),
  );
  assert.equal(gate['DISTRIBUTOR_LOSS'], '2');
  assert.equal(first['TANDEM_SIP_FRONTS'], gate['TANDEM_POD_LISTEN']);
  assert.equal(first['TANDEM_SIP_ADVERTISED'], shape.sip);
  assert.equal(planned.get('edge-1')?.sip, first['TANDEM_SIP_LISTEN']);
  assert.equal(
    envOf('api')['TANDEM_EDGE_ADDRESS'],
    `${String(first['TANDEM_GRPC_LISTEN'])},${String(second['TANDEM_GRPC_LISTEN'])}`,
  );
});

test('OPS-07 in the pod shape edge, auth, routing and registrar are one process, asked at one address', () => {
  const planned = plan({ layout: 'pod' });
  assert.deepEqual(
    [...planned.keys()],
    ['api', 'billing', 'journal', 'pod-1', 'pod-2', 'distributor'],
  );
  const pods = ['pod-1', 'pod-2'].map((name) => planned.get(name));
  for (const pod of pods) {
    assert.deepEqual(pod?.modules, ['auth', 'registrar', 'routing', 'edge']);
    assert.match(pod.cwd, /services\/pod$/);
    assert.equal(pod.env['TANDEM_MODULES'], 'auth,registrar,routing,edge');
  }
  const grpc = pods.map((pod) => pod?.env['TANDEM_GRPC_LISTEN']).join(',');
  const api = planned.get('api')?.env ?? {};
  for (const name of ['AUTH', 'ROUTING', 'REGISTRAR', 'EDGE'])
    assert.equal(api[`TANDEM_${name}_ADDRESS`], grpc);
  assert.equal(api['TANDEM_BILLING_ADDRESS'], planned.get('billing')?.env['TANDEM_GRPC_LISTEN']);
});

test('edge.md §3 two fronts share the public address before workers that own none', () => {
  const planned = plan({ mode: 'front' });
  for (const name of ['front-1', 'front-2']) {
    const env = planned.get(name)?.env ?? {};
    assert.equal(env['TANDEM_EDGE_ROLE'], 'front');
    assert.equal(env['TANDEM_SIP_LISTEN'], shape.sip);
    assert.equal(env['TANDEM_SIP_PORT_SHARED'], 'true');
  }
  assert.equal(planned.get('edge-1')?.env['TANDEM_EDGE_ROLE'], 'worker');
  assert.equal(planned.get('edge-1')?.env['TANDEM_SIP_LISTEN'], undefined);
});

test('OPS-07 no two processes of a cluster listen on one port', () => {
  const modes = ['direct', 'random', 'hash', 'front'] as const;
  for (const [mode, layout] of modes.flatMap(
    (each) =>
      [
        [each, 'split'],
        [each, 'pod'],
      ] as const,
  )) {
    const taken = [...plan({ mode, layout }).values()]
      .flatMap(({ env }) => [
        env['TANDEM_GRPC_LISTEN'],
        env['TANDEM_ADMIN_LISTEN'],
        env['TANDEM_POD_LISTEN'],
      ])
      .filter((address) => address !== undefined);
    assert.equal(new Set(taken).size, taken.length, mode);
  }
});

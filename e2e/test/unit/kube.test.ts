import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigurationError } from '@tandem/config';
import { spreadOf } from '../../src/kube/cpu-of-calls.ts';
import { eventsOf, isUpgrade } from '../../src/kube/events.ts';
import { readKubeSettings } from '../../src/kube/kube-settings.ts';
import { cpuTable, isWhole, kubeTable } from '../../src/kube/kube-table.ts';
import { isRolledOut } from '../../src/kube/rolled-out.ts';
import { longestSilence } from '../../src/kube/silence.ts';
import type { TrialResult } from '../../src/kube/trial.ts';

const result: TrialResult = {
  event: 'a node is drained',
  gapMs: 120,
  gapAtMs: 4000,
  gapStreams: 2,
  plainGapMs: 1000,
  calls: 300,
  answered: 250,
  answeredCdrs: 250,
  refused: 0,
  mayRefuse: false,
  failed: 0,
  wrongCdrs: 0,
  faults: 0,
  told: '',
};

test('OPS-06 a gap is the longest time without an answer, before the first and after the last one too', () => {
  assert.deepEqual(longestSilence([50, 100, 400, 450], 0, 500), { fromMs: 100, ms: 300 });
  assert.deepEqual(longestSilence([700, 750], 0, 800), { fromMs: 0, ms: 700 });
  assert.deepEqual(longestSilence([50, 100], 0, 900), { fromMs: 100, ms: 800 });
  assert.deepEqual(longestSilence([], 0, 1000), { fromMs: 0, ms: 1000 });
});

test('OPS-06 the table of trials has a line for each event, beside what a plain Service does', () => {
  const [names, first, second] = kubeTable([
    result,
    { ...result, event: 'etcd restarts', plainGapMs: undefined },
  ]).split('\n');
  assert.match(names ?? '', /^event +gap ms +plain Service +calls +answered +CDRs of them/);
  assert.match(first ?? '', /^a node is drained +120 +1000 +300 +250 +250 +0 +0 +0 +0$/);
  assert.match(second ?? '', /^etcd restarts +120 +– +300/);
});

test('OPS-06 a trial has lost nothing where each answered call has its CDR and nothing is left over', () => {
  assert.equal(isWhole(result), true);
  // New calls are refused while Redis is away; that loses none.
  assert.equal(isWhole({ ...result, refused: 12, mayRefuse: true }), true);
  assert.equal(isWhole({ ...result, refused: 12 }), false);
  assert.equal(isWhole({ ...result, answeredCdrs: 249 }), false);
  assert.equal(isWhole({ ...result, failed: 1 }), false);
  assert.equal(isWhole({ ...result, wrongCdrs: 1 }), false);
  assert.equal(isWhole({ ...result, faults: 1 }), false);
});

test('OPS-06 a pod of each service of a shape is deleted, and the version before is upgraded first', () => {
  const deleted = (shape: 'split' | 'pod'): string[] =>
    eventsOf(shape).flatMap(
      ({ name }) => /^pod deleted by force: (.+)$/.exec(name)?.[1]?.split(', ') ?? [],
    );
  assert.deepEqual(deleted('pod').sort(), ['api', 'billing', 'edge', 'front', 'journal']);
  assert.deepEqual(deleted('split').sort(), [
    ...['api', 'auth', 'billing', 'edge', 'front', 'journal', 'registrar', 'routing'],
  ]);
  const [beside, upgrade, next] = eventsOf('split');
  assert.match(beside?.name ?? '', /^two versions side by side/);
  assert.match(upgrade?.name ?? '', /^rolling upgrade/);
  assert.deepEqual([beside, upgrade, next, undefined].map(isUpgrade), [true, true, false, false]);
});

test('OPS-06 the CPU of calls is told for each number of workers, and how far it is from the mean', () => {
  const found = [
    { workers: 1, perSecond: 20, msPerCall: 1.9 },
    { workers: 2, perSecond: 40, msPerCall: 2 },
    { workers: 4, perSecond: 80, msPerCall: 2.1 },
  ];
  assert.equal(spreadOf(found).toFixed(3), '5.000');
  assert.match(cpuTable(found), /^workers .*\n1 +20 +1\.90\n2 +40 +2\.00\n4 +80 +2\.10$/);
});

test('OPS-06 what is rolled out has all its pods, no older ones, and was looked at since it was changed', () => {
  const deployment = {
    kind: 'Deployment',
    metadata: { generation: 3 },
    spec: { replicas: 2 },
    status: {
      observedGeneration: 3,
      replicas: 2,
      updatedReplicas: 2,
      readyReplicas: 2,
      availableReplicas: 2,
    },
  };
  const { status } = deployment;
  assert.equal(isRolledOut(deployment), true);
  assert.equal(isRolledOut({ ...deployment, status: { ...status, observedGeneration: 2 } }), false);
  assert.equal(isRolledOut({ ...deployment, status: { ...status, replicas: 3 } }), false);
  assert.equal(isRolledOut({ ...deployment, status: { ...status, availableReplicas: 1 } }), false);
  assert.equal(isRolledOut({ ...deployment, status: { observedGeneration: 3 } }), false);
  const daemons = { desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 2 };
  const daemonSet = { kind: 'DaemonSet', metadata: { generation: 1 }, spec: {} };
  const shown = { ...daemons, observedGeneration: 1 };
  assert.equal(isRolledOut({ ...daemonSet, status: shown }), true);
  assert.equal(isRolledOut({ ...daemonSet, status: { ...shown, numberAvailable: 1 } }), false);
});

test('OPS-06 make kube names what it does not understand', () => {
  assert.deepEqual(readKubeSettings({ ONLY: 'power, etcd', RATE: '20', SHAPE: 'pod' }), {
    shapes: ['pod'],
    rate: 20,
    only: ['power', 'etcd'],
    seed: 1,
  });
  assert.throws(() => readKubeSettings({ SHAPE: 'round' }), ConfigurationError);
  assert.throws(() => readKubeSettings({ RATE: '0' }), ConfigurationError);
});

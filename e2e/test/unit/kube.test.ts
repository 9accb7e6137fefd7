import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigurationError } from '@tandem/config';
import { eventsOf } from '../../src/kube/events.ts';
import { readKubeSettings } from '../../src/kube/kube-settings.ts';
import { isWhole, kubeTable } from '../../src/kube/kube-table.ts';
import { longestSilence } from '../../src/kube/silence.ts';
import type { TrialResult } from '../../src/kube/trial.ts';

const result: TrialResult = {
  event: 'a node is drained',
  gapMs: 120,
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
  assert.equal(longestSilence([50, 100, 400, 450], 0, 500), 300);
  assert.equal(longestSilence([700, 750], 0, 800), 700);
  assert.equal(longestSilence([50, 100], 0, 900), 800);
  assert.equal(longestSilence([], 0, 1000), 1000);
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

test('OPS-06 each service of a shape is killed once, and the version before is upgraded first', () => {
  const killed = (shape: 'split' | 'pod'): string[] =>
    eventsOf(shape).flatMap(({ name }) => /^kill of a pod: (\w+)$/.exec(name)?.[1] ?? []);
  assert.deepEqual(killed('pod').sort(), ['api', 'billing', 'edge', 'front', 'journal']);
  assert.deepEqual(killed('split').sort(), [
    ...['api', 'auth', 'billing', 'edge', 'front', 'journal', 'registrar', 'routing'],
  ]);
  assert.match(eventsOf('split')[0]?.name ?? '', /^rolling upgrade/);
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

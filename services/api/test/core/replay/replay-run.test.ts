import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReplayRun, type RunState } from '../../../src/core/replay/replay-run.ts';
import { presentReplayDetail } from '../../../src/resources/replays/presentation.ts';
import type { Replay } from '../../../src/replay-ports.ts';
import { failedCall, NOON, pastCall, route } from './replay-fixture.ts';

const replay: Replay = {
  id: 'r',
  createdAt: new Date(NOON),
  createdBy: 'test',
  note: '',
  version: 1,
  draftVersion: undefined,
  heldRates: [],
  changes: [],
  keepsLimits: true,
  period: { fromMs: NOON, untilMs: NOON + 1000 },
  state: 'done',
  error: '',
  total: undefined,
  startedAt: undefined,
  finishedAt: undefined,
  calls: 0,
  playedUntil: undefined,
};

const calls = [
  pastCall(0),
  pastCall(10, { origin: { kind: 'phone', name: '1002', account: 'other' } }),
  failedCall(20, 'Busy', 'carrier-a'),
  failedCall(30, 'NoRate'),
  pastCall(40, { durationMs: 1500, endMs: NOON + 41_500 }),
];

/** By the draft carrier-b, which is cheaper, takes them; it has no rate for the last one, and sells the fourth. */
const routes = calls.map((_, at) => ({
  now: at === 3 ? route([], { reason: 'NoRate' }) : route(['carrier-a 0.01']),
  draft: at === 4 ? route([], { reason: 'NoRate' }) : route(['carrier-b 0.004'], { price: '0.015' }), // prettier-ignore
}));

function runOver(from: number, until: number, state?: RunState): RunState {
  const run = new ReplayRun(true, state);
  for (let at = from; at < until; at++) {
    const [call, both] = [calls[at], routes[at]];
    assert.ok(call && both);
    run.play(call, both);
  }
  return JSON.parse(JSON.stringify(run.state(String(until)))) as RunState;
}

test('OPS-08 margin, failures, gateways and moves of a few calls are as counted by hand', () => {
  const { result } = presentReplayDetail(replay, runOver(0, calls.length));
  assert.ok(result);
  const money = (amount: string) => [{ currency: 'USD', amount }];
  const { draft, now, then } = result;
  // Three answered calls at 0.02, each for 0.01.
  assert.deepEqual([now.answered, now.failed, now.refused, now.open], [3, 1, 1, 0]);
  assert.deepEqual([now.revenue, now.cost, now.margin], [money('0.06'), money('0.03'), money('0.03')]); // prettier-ignore
  assert.deepEqual([then.revenue, then.margin], [now.revenue, now.margin]);
  // Two at 0.015, each for 0.004.
  assert.deepEqual([draft.answered, draft.failed, draft.refused, draft.open], [2, 1, 1, 1]);
  assert.deepEqual([draft.revenue, draft.cost, draft.margin], [money('0.03'), money('0.008'), money('0.022')]); // prettier-ignore
  assert.deepEqual(result.more, { calls: 0, answered: -1, margin: money('-0.008') });
  assert.deepEqual(draft.reasons, [{ reason: 'Busy', calls: 1 }, { reason: 'NoRate', calls: 1 }]); // prettier-ignore
  assert.equal(now.seconds, 122);
  assert.deepEqual(
    result.gateways.map(({ draft: by, gateway, more, now: is }) => [gateway, is.attempts, by.attempts, more]),
    [
      ['carrier-a', 4, 0, { calls: -4, answered: -3, margin: money('-0.03') }],
      ['carrier-b', 0, 4, { calls: 4, answered: 2, margin: money('0.022') }],
    ],
  ); // prettier-ignore
  assert.deepEqual(result.moves, [
    { from: 'carrier-a', to: 'carrier-b', calls: 3, margin: money('0.002') },
    { from: 'carrier-a', to: 'refused: NoRate', calls: 1, margin: money('-0.01') },
    { from: 'refused: NoRate', to: 'carrier-b', calls: 1, margin: [] },
  ]);
  assert.deepEqual(result.accounts.map(({ account, draft: by }) => [account, by.answered]), [['demo', 1], ['other', 1]]); // prettier-ignore
  // Those of 0 and 10, and that of 20, which rings for four seconds.
  const all = result.lines.find(({ subject }) => subject === 'switch');
  assert.deepEqual([all?.now.lines, all?.now.linesAt], [3, new Date(NOON + 20_000).toISOString()]);
});

test('OPS-08 a run that is kept and goes on elsewhere comes to the same, wherever that was', () => {
  const whole = presentReplayDetail(replay, runOver(0, calls.length));
  for (let at = 0; at <= calls.length; at++) {
    const parted = runOver(at, calls.length, runOver(0, at));
    assert.deepEqual(presentReplayDetail(replay, parted), whole, `kept after ${String(at)}`);
  }
});

test('OPS-08 names that JavaScript knows are names like others', () => {
  const run = new ReplayRun(true);
  for (const name of ['constructor', '__proto__', 'toString']) {
    run.play(pastCall(0, { origin: { kind: 'phone', name, account: name } }), {
      now: route([name]),
      draft: route([], { reason: name }),
    });
  }
  const state = JSON.parse(JSON.stringify(run.state(''))) as RunState;
  const { result } = presentReplayDetail(replay, new ReplayRun(true, state).state(''));
  assert.deepEqual(result?.accounts.map(({ account, now }) => [account, now.calls]), [['__proto__', 1], ['constructor', 1], ['toString', 1]]); // prettier-ignore
  assert.equal(({} as { calls?: number }).calls, undefined);
});

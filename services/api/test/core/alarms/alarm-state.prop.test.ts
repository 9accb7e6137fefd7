import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alarmRulesOf, type AlarmRule } from '@tandem/config';
import fc from 'fast-check';
import {
  evaluate,
  type AlarmState,
  type FigureReading,
} from '../../../src/core/alarms/alarm-state.ts';

const STEP_MS = 10_000;

function ruleOf(terms: Partial<AlarmRule>): AlarmRule {
  const [rule] = alarmRulesOf([
    { name: 'own', enabled: true, figure: 'calls-up', above: 10 },
  ]).slice(-1);
  assert.ok(rule !== undefined);
  return { ...rule, ...terms };
}

/** One value a step: a number, too few calls to judge by, nothing at all, or a service that is away. */
type Step = number | 'few' | 'none' | 'unknown';

/** What a rule is by the letter: each moment is judged by the whole history, and nothing is remembered but whether it was raised. */
function reference(rule: AlarmRule, steps: readonly Step[]): boolean[] {
  const told: { atMs: number; step: Step }[] = [];
  const raised: boolean[] = [];
  let isRaised = false;
  let changedAtMs = -1;
  for (const [at, step] of steps.entries()) {
    const nowMs = at * STEP_MS;
    if (step !== 'unknown') {
      told.push({ atMs: nowMs, step });
      const sinceChange = told.filter(({ atMs }) => atMs > changedAtMs);
      const limit = isRaised ? rule.clear : rule.threshold;
      const isBeyond = (each: Step) =>
        typeof each === 'number' && (rule.comparison === 'above' ? each > limit : each < limit);
      // How long the last of them have all been on one side.
      const wanted = !isRaised;
      let fromMs: number | undefined;
      for (const each of sinceChange.toReversed()) {
        if (isBeyond(each.step) !== wanted) break;
        fromMs = each.atMs;
      }
      const seconds = wanted ? rule.lastingSeconds : rule.endingSeconds;
      if (fromMs !== undefined && nowMs - fromMs >= seconds * 1000) {
        isRaised = !isRaised;
        changedAtMs = nowMs;
      }
    }
    raised.push(isRaised);
  }
  return raised;
}

function engine(rule: AlarmRule, steps: readonly Step[]): boolean[] {
  let states: readonly AlarmState[] = [];
  let isRaised = false;
  return steps.map((step, at) => {
    const after = evaluate(rule, readingOf(step), states, at * STEP_MS);
    for (const { kind } of after.changes) {
      assert.notEqual(kind === 'raised', isRaised, 'each change is one');
      isRaised = kind === 'raised';
    }
    states = after.states;
    assert.equal(
      states.some(({ phase }) => phase === 'raised'),
      isRaised,
    );
    return isRaised;
  });
}

function readingOf(step: Step): FigureReading {
  if (step === 'unknown') return { kind: 'unknown', cause: 'away' };
  if (step === 'none') return { kind: 'known', readings: [] };
  const value = step === 'few' ? 1000 : step;
  return { kind: 'known', readings: [{ subject: '', value, of: step === 'few' ? 1 : 100 }] };
}

test('OPS-11 a rule raises and ends as it says, whatever comes: by a plain reference', () => {
  const step = fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 20 }) },
    { weight: 1, arbitrary: fc.constantFrom('few' as const, 'none' as const, 'unknown' as const) },
  );
  const terms = fc.record({
    comparison: fc.constantFrom('above' as const, 'below' as const),
    lastingSeconds: fc.constantFrom(0, 10, 25, 60),
    endingSeconds: fc.constantFrom(0, 10, 25, 60),
    hysteresis: fc.integer({ min: 0, max: 6 }),
  });
  fc.assert(
    fc.property(terms, fc.array(step, { maxLength: 60 }), ({ hysteresis, ...given }, steps) => {
      const clear = given.comparison === 'above' ? 10 - hysteresis : 10 + hysteresis;
      const rule = ruleOf({ ...given, threshold: 10, clear, least: 2 });
      // Below, a thousand of few calls is not below either way.
      assert.deepEqual(engine(rule, steps), reference(rule, steps));
    }),
    { numRuns: 300 },
  );
});

test('OPS-11 each subject has an alarm of its own; those that a rule is not of have none', () => {
  const readings = ['a', 'b', 'c'].map((subject, at) => ({
    subject,
    value: 20 * at,
    group: at < 2 ? 'uk' : 'us',
  }));
  const reading: FigureReading = { kind: 'known', readings };
  const raisedBy = (terms: Partial<AlarmRule>) =>
    evaluate(ruleOf(terms), reading, [], 0).changes.map(({ subject }) => subject);
  assert.deepEqual(raisedBy({}), ['b', 'c']);
  assert.deepEqual(raisedBy({ subjects: ['c'] }), ['c']);
  assert.deepEqual(raisedBy({ group: 'uk' }), ['b']);
  assert.deepEqual(raisedBy({ enabled: false }), []);
});

test('OPS-11 a rule that is switched off ends what it had raised', () => {
  const raised: AlarmState = { subject: 'a', phase: 'raised', sinceMs: 0, backSinceMs: undefined };
  const { changes, states } = evaluate(
    ruleOf({ enabled: false }),
    { kind: 'unknown', cause: '' },
    [raised],
    1,
  );
  assert.deepEqual(states, []);
  assert.deepEqual(
    changes.map((each) => each.kind === 'cleared' && each.why),
    ['rule-changed'],
  );
});

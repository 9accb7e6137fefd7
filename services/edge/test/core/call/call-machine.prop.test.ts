import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { AuthVerdict, CallEffect, CallInput } from '../../../src/core/call/call-state.ts';
import {
  allowed,
  candidateOf,
  deniedBy,
  nextIs,
  routedTo,
  unrouted,
} from '../../support/call-samples.ts';
import { MachineCall } from '../../support/machine-call.ts';
import { CALL_ID, carrierResponse } from '../../support/messages.ts';

const event = { eventId: 'x', callId: 'x', bytes: Buffer.alloc(0) };
const candidates = ['a', 'b', 'c'].map((gateway) => candidateOf(gateway));
const refusal = { kind: 'refusal', reason: 'NoRate' } as const;
const claimOf = (isNew: boolean) => ({ callId: CALL_ID, owner: '3.77', isNew });

const response: fc.Arbitrary<CallInput> = fc
  .tuple(
    fc.constantFrom(100, 180, 183, 200, 200, 302, 401, 407, 486, 503),
    fc.integer({ min: 1, max: 6 }),
    fc.boolean(),
  )
  .map(([status, sequence, hasSdp]) => ({
    kind: 'response',
    sequence,
    hasSdp,
    response: carrierResponse(status),
  }));

const anyInput: fc.Arbitrary<CallInput> = fc.oneof(
  { weight: 6, arbitrary: response },
  fc.constantFrom<CallInput[]>(
    { kind: 'claimed', claim: claimOf(true) },
    { kind: 'claimed', claim: claimOf(false) },
    { kind: 'routed', response: routedTo(candidates, { stopSwitchAfterSdp: false }) },
    { kind: 'routed', response: unrouted('NoRate') },
    { kind: 'switched', response: nextIs('b') },
    { kind: 'switched', response: nextIs('c') },
    { kind: 'switched', response: nextIs('') },
    { kind: 'unavailable', what: 'routing', text: 'away' },
    { kind: 'timer', name: 'ringing' },
    { kind: 'timer', name: 'session-progress' },
    { kind: 'timer', name: 'session-progress-sdp' },
    { kind: 'cancel' },
    { kind: 'answer-stored', response: carrierResponse(200), event },
    { kind: 'end-stored', final: refusal, event },
  ),
  { weight: 4, arbitrary: fc.constant<CallInput>({ kind: 'recorded' }) },
  fc
    .integer({ min: 1, max: 4 })
    .map<CallInput>((sequence) => ({ kind: 'no-response', sequence, failure: 'timeout' })),
);

const verdicts: readonly AuthVerdict[] = [
  { kind: 'answered', response: allowed() },
  { kind: 'answered', response: allowed() },
  { kind: 'answered', response: deniedBy('Suspended') },
  { kind: 'unavailable', text: 'away' },
];

/** Good luck with what is asked, so that a random call gets past its beginning; then anything, in any order. */
const anyCourse = fc.tuple(
  fc.constantFrom(...verdicts),
  fc.constantFrom(0, 1, 2, 3),
  fc.array(anyInput, { maxLength: 40 }),
  fc.boolean(),
);

const luckyStart: readonly CallInput[] = [
  { kind: 'claimed', claim: claimOf(true) },
  { kind: 'routed', response: routedTo(candidates, { stopSwitchAfterSdp: false }) },
  { kind: 'recorded' },
];

interface Step {
  readonly input: CallInput;
  readonly effects: readonly CallEffect[];
  readonly phaseBefore: string;
  /** Number of the INVITE that was current when the input came. */
  readonly currentSequence: number;
}

function run(
  verdict: AuthVerdict,
  course: readonly CallInput[],
  canAnswerChallenges: boolean,
): Step[] {
  const machine = new MachineCall(verdict);
  machine.authorize = (_response, attempt) =>
    canAnswerChallenges && attempt.challenges < 3
      ? { header: 'Authorization', value: 'Digest x' }
      : undefined;
  return course.flatMap((input) => {
    if (input.kind === 'response' && !wasSent(machine, input.sequence)) return [];
    const seen = machine.effects.length;
    const phaseBefore = machine.call.phase;
    const currentSequence = machine.call.attempts.at(-1)?.sequence ?? 0;
    machine.take(input);
    return [{ input, effects: machine.effects.slice(seen), phaseBefore, currentSequence }];
  });
}

/** A response comes through the transaction of an INVITE that was sent, or not at all. */
function wasSent(machine: MachineCall, sequence: number): boolean {
  return machine.sentSequences.has(sequence);
}

function whatever(check: (steps: readonly Step[]) => void): void {
  fc.assert(
    fc.property(anyCourse, ([verdict, luck, inputs, canAnswer]) => {
      check(run(verdict, [...luckyStart.slice(0, luck), ...inputs], canAnswer));
    }),
    { numRuns: 500 },
  );
}

const kindsOf = (steps: readonly Step[]): string[] =>
  steps.flatMap(({ effects }) => effects.map(({ kind }) => kind));
const countOf = (steps: readonly Step[], kind: string): number =>
  kindsOf(steps).filter((each) => each === kind).length;

test('BILL-03 in any order of inputs at most one end and one answer are stored, and never both', () => {
  whatever((steps) => {
    assert.ok(countOf(steps, 'store-end') + countOf(steps, 'store-answer') <= 1);
  });
});

test('CALL-01 in any order of inputs the caller gets at most one final response', () => {
  whatever((steps) => {
    const answers = steps
      .flatMap(({ effects }) => effects)
      .filter((effect) => effect.kind === 'relay' && effect.response.status >= 200);
    const finals = countOf(steps, 'respond') + answers.length;
    assert.ok(finals <= 1);
    assert.ok(countOf(steps, 'publish') <= 1);
  });
});

test('CALL-06 in any order of inputs nothing is sent before its record is written', () => {
  whatever((steps) => {
    let records = 0;
    let invites = 0;
    for (const { input, effects } of steps) {
      for (const { kind } of effects) {
        if (kind === 'record') records += 1;
        if (kind === 'invite') invites += 1;
        if (kind === 'invite' || kind === 'trying') assert.equal(input.kind, 'recorded');
        assert.ok(invites <= records);
      }
    }
    assert.ok(countOf(steps, 'trying') <= 1);
  });
});

test('DENY-17 a cancelled call never sends another INVITE and is never stored as failed otherwise', () => {
  whatever((steps) => {
    const at = steps.findIndex(({ input }) => input.kind === 'cancel');
    if (at < 0) return;
    assert.equal(countOf(steps.slice(at), 'invite'), 0);
    if (steps[at]?.phaseBefore !== 'calling') return;
    const ends = steps[at].effects.filter(({ kind }) => kind === 'store-end');
    assert.equal(ends.length, 1);
  });
});

test('CALL-02 a 2xx that nobody wants is hung up once each time as soon as that is stored, a wanted one never', () => {
  whatever((steps) => {
    // The INVITE that a challenge replaced has its final response: nothing more can come on it.
    const replaced = new Set<number>();
    let answered: number | undefined;
    for (const { input, effects, phaseBefore, currentSequence } of steps) {
      if (input.kind !== 'response') continue;
      const { sequence } = input;
      if (effects.some(({ kind }) => kind === 'record')) replaced.add(sequence);
      if (input.response.status !== 200 || replaced.has(sequence)) continue;
      if (phaseBefore === 'calling' && sequence === currentSequence) answered = sequence;
      const hangUps = effects.filter(({ kind }) => kind === 'hang-up').length;
      // That it is unwanted must be in the store first; the carrier repeats it.
      const isUndecided =
        phaseBefore === 'ending' || (phaseBefore === 'parting' && sequence === currentSequence);
      assert.equal(hangUps, sequence === answered || isUndecided ? 0 : 1);
    }
  });
});

test('CALL-02 no INVITE is cancelled twice, and none that was not sent', () => {
  whatever((steps) => {
    const sent = new Set<number>();
    const cancelled = new Set<number>();
    for (const effect of steps.flatMap(({ effects }) => effects)) {
      if (effect.kind === 'invite') sent.add(effect.attempt.sequence);
      if (effect.kind !== 'cancel-invite') continue;
      assert.ok(sent.has(effect.sequence));
      assert.ok(!cancelled.has(effect.sequence));
      cancelled.add(effect.sequence);
    }
  });
});

test('CALL-03 a call always comes to its end once what it waits for has happened', () => {
  fc.assert(
    fc.property(anyCourse, ([verdict, luck, inputs, canAnswer]) => {
      const machine = new MachineCall(verdict);
      machine.authorize = (_response, attempt) =>
        canAnswer && attempt.challenges < 3 ? { header: 'Authorization', value: 'x' } : undefined;
      for (const input of [...luckyStart.slice(0, luck), ...inputs]) {
        if (input.kind !== 'response' || wasSent(machine, input.sequence)) machine.take(input);
      }
      for (let rounds = 0; rounds < 50; rounds++) {
        const { phase } = machine.call;
        if (phase === 'ended' || phase === 'answered') return;
        machine.take(awaited(machine));
      }
      assert.fail(`still ${machine.call.phase}`);
    }),
    { numRuns: 500 },
  );
});

/** What a call in this phase waits for. */
function awaited(machine: MachineCall): CallInput {
  const sequence = machine.call.attempts.at(-1)?.sequence ?? 0;
  switch (machine.call.phase) {
    case 'claiming':
      return { kind: 'claimed', claim: claimOf(true) };
    case 'routing':
      return { kind: 'routed', response: routedTo(candidates) };
    case 'recording':
    case 'parting':
      return { kind: 'recorded' };
    case 'calling':
      return { kind: 'no-response', sequence, failure: 'timeout' };
    case 'switching':
      return { kind: 'switched', response: nextIs('') };
    case 'answering':
      return { kind: 'answer-stored', response: carrierResponse(200), event };
    case 'ending':
      return { kind: 'end-stored', final: machine.last('store-end').final, event };
    case 'answered':
    case 'ended':
      return { kind: 'cancel' };
  }
}

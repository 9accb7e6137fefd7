import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { CallPhase } from '../../../src/core/call/call-state.ts';
import type { CallEffect, CallInput } from '../../../src/core/call/call-steps.ts';
import {
  allowed,
  candidateOf,
  deniedBy,
  nextIs,
  routedTo,
  unrouted,
} from '../../support/call-samples.ts';
import {
  authenticated,
  callOf,
  challengeHeaders,
  MachineCall,
} from '../../support/machine-call.ts';
import { CALL_ID, carrierResponse, SDP } from '../../support/messages.ts';

const event = { eventId: 'x', callId: 'x', bytes: Buffer.alloc(0) };
const refusal = { kind: 'refusal', reason: 'NoRate' } as const;
const claimOf = (isNew: boolean) => ({ callId: CALL_ID, owner: '3.77', isNew });
const routed = (username = ''): CallInput => ({
  kind: 'routed',
  response: routedTo(candidatesOf(username), { stopSwitchAfterSdp: false }),
});

function candidatesOf(username: string) {
  return ['a', 'b', 'c'].map((gateway) => candidateOf(gateway, { username }));
}

const response: fc.Arbitrary<CallInput> = fc
  .tuple(
    fc.constantFrom(100, 180, 183, 200, 200, 302, 401, 407, 486, 503, 603),
    fc.integer({ min: 1, max: 6 }),
    fc.boolean(),
  )
  .map(([status, sequence, hasSdp]) => ({
    kind: 'response',
    sequence,
    hasSdp,
    response: carrierResponse(status, challengeHeaders),
  }));

/** What the body step says. */
const bodyOf = (sequence: number) =>
  ({ kind: 'body', sequence, bytes: Buffer.from('anchored') }) as const;

const anySequence = fc.integer({ min: 1, max: 4 });
const anyInput: fc.Arbitrary<CallInput> = fc.oneof(
  { weight: 6, arbitrary: response },
  fc.constantFrom<CallInput[]>(
    { kind: 'claimed', claim: claimOf(true) },
    { kind: 'claimed', claim: claimOf(false) },
    routed(),
    { kind: 'routed', response: unrouted('NoRate') },
    { kind: 'switched', response: nextIs('b') },
    { kind: 'switched', response: nextIs('c') },
    { kind: 'switched', response: nextIs('') },
    { kind: 'unavailable', what: 'routing', text: 'away' },
    { kind: 'unavailable', what: 'store', text: 'away' },
    { kind: 'cancel' },
    { kind: 'told' },
    { kind: 'answer-stored', response: carrierResponse(200), event },
    { kind: 'end-stored', final: refusal, event },
  ),
  { weight: 4, arbitrary: fc.constant<CallInput>({ kind: 'recorded' }) },
  fc
    .tuple(
      fc.constantFrom('ringing', 'session-progress', 'session-progress-sdp' as const),
      anySequence,
    )
    .map<CallInput>(([name, sequence]) => ({ kind: 'timer', name, sequence })),
  anySequence.map<CallInput>((sequence) => ({ kind: 'no-response', sequence, failure: 'timeout' })),
  anySequence.map<CallInput>((sequence) => ({ kind: 'cancel-over', sequence })),
  { weight: 2, arbitrary: anySequence.map(bodyOf) },
  anySequence.map<CallInput>((sequence) => ({ ...bodyOf(sequence), failure: 'no port' })),
);

const verdicts: readonly CallInput[] = [
  authenticated(allowed()),
  authenticated(allowed()),
  authenticated(deniedBy('Suspended')),
  { kind: 'unavailable', what: 'auth', text: 'away' },
];

/** Good luck with what is asked, so that a random call gets past its beginning; then anything, in any order. */
const anyCourse = fc.record({
  verdict: fc.constantFrom(...verdicts),
  /** How far it gets: claimed, routed, recorded. */
  luck: fc.constantFrom(0, 1, 2, 3, 3),
  /** How many branches are begun at once. */
  forks: fc.integer({ min: 1, max: 3 }),
  canAnswerChallenges: fc.boolean(),
  /** The INVITE has a body, which goes through the body step. */
  hasBody: fc.boolean(),
  inputs: fc.array(anyInput, { maxLength: 40 }),
});
type Course = typeof anyCourse extends fc.Arbitrary<infer T> ? T : never;

interface Step {
  readonly input: CallInput;
  readonly effects: readonly CallEffect[];
  readonly phaseBefore: CallPhase;
  /** Numbers of the INVITEs that might win when the input came. */
  readonly live: ReadonlySet<number>;
  /** What the store knew of them then: whether each may win. */
  readonly stored: ReadonlyMap<number, boolean>;
}

/** A machine beside a store, which keeps of each write what the call was when it was asked for. */
class RecordedCall {
  readonly machine: MachineCall;
  readonly steps: Step[] = [];
  #writing: Map<number, boolean> | undefined;
  #stored = new Map<number, boolean>();

  constructor({ verdict, luck, forks, canAnswerChallenges, hasBody }: Course) {
    const username = canAnswerChallenges ? 'tandem' : '';
    this.machine = new MachineCall(verdict, callOf(1000, hasBody ? SDP : ''));
    const { call } = this.machine;
    if (luck > 0) this.take({ kind: 'claimed', claim: claimOf(true) });
    if (luck > 1 && forks === 1) this.take(routed(username));
    if (luck > 1 && forks > 1 && call.phase === 'routing') {
      call.candidates = candidatesOf(username);
      call.nextCandidate = 1;
      const seen = this.machine.effects.length;
      this.machine.fork(
        Array.from({ length: forks }, (_, at) => candidateOf(`a${String(at)}`, { username })),
      );
      this.#write(this.machine.effects.slice(seen));
    }
    if (luck > 2) {
      for (const { sequence } of call.branches) this.take(bodyOf(sequence));
      this.take({ kind: 'recorded' });
    }
  }

  take(input: CallInput): void {
    const { machine } = this;
    // A response comes through the transaction of an INVITE that was sent, or not at all.
    if (input.kind === 'response' && !machine.sentSequences.has(input.sequence)) return;
    const { phase: phaseBefore, branches } = machine.call;
    const live = new Set(branches.flatMap((each) => (each.isLive ? [each.sequence] : [])));
    const isWritten = isOutcomeOfWrite(input, machine);
    if (isWritten && this.#writing !== undefined) this.#stored = this.#writing;
    if (isWritten || isFailureOfWrite(input, phaseBefore)) this.#writing = undefined;
    const seen = machine.effects.length;
    machine.take(input);
    const effects = machine.effects.slice(seen);
    this.steps.push({ input, effects, phaseBefore, live, stored: this.#stored });
    this.#write(effects);
  }

  #write(effects: readonly CallEffect[]): void {
    const isAsked = effects.some(({ kind }) =>
      ['record', 'store-answer', 'store-end'].includes(kind),
    );
    if (!isAsked) return;
    const { branches } = this.machine.call;
    // A branch without its body is in the record, but as one that is not to be sent yet.
    const told = branches.filter(({ isLive, passing }) => !isLive || passing === 'done');
    this.#writing = new Map(told.map(({ isLive, sequence }) => [sequence, isLive]));
  }
}

/**
 * Whether a write that was asked for has been done: an outcome of another kind is stale, and says nothing of it. Beside the
 * answer and the end a record decides nothing: it comes first, and they are waited for.
 */
function isOutcomeOfWrite({ kind }: CallInput, { call }: MachineCall): boolean {
  if (kind === 'recorded') {
    return call.isRecording && ['recording', 'calling', 'parting'].includes(call.phase);
  }
  if (kind === 'answer-stored') return call.phase === 'answering';
  return kind === 'end-stored' && call.phase === 'ending';
}

/** The answer and the end are written until they are. */
function isFailureOfWrite({ kind }: CallInput, phase: CallPhase): boolean {
  return kind === 'unavailable' && phase !== 'answering' && phase !== 'ending';
}

function stepsOf(course: Course): Step[] {
  const call = new RecordedCall(course);
  for (const input of course.inputs) call.take(input);
  return call.steps;
}

function whatever(check: (steps: readonly Step[], course: Course) => void): void {
  fc.assert(
    fc.property(anyCourse, (course) => {
      check(stepsOf(course), course);
    }),
    { numRuns: 10_000 },
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
    for (const { input, effects, stored } of steps) {
      for (const effect of effects) {
        if (effect.kind === 'invite' || effect.kind === 'trying') {
          assert.equal(input.kind, 'recorded');
        }
        if (effect.kind === 'invite') {
          assert.equal(stored.get(effect.branch.sequence), true);
          assert.equal(effect.branch.passing, 'done');
        }
      }
    }
    assert.ok(countOf(steps, 'trying') <= 1);
  });
});

test('ROUTE-06 in any order of inputs no refusal is acknowledged and no INVITE cancelled before the store knows that it is given up', () => {
  whatever((steps) => {
    for (const { effects, stored } of steps) {
      for (const effect of effects) {
        if (effect.kind === 'acknowledge') assert.equal(stored.get(effect.sequence), false);
        if (effect.kind === 'cancel-invite') {
          assert.equal(stored.get(effect.branch.sequence), false);
        }
      }
    }
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
    for (const { input, effects, phaseBefore, live, stored } of steps) {
      if (input.kind !== 'response') continue;
      const { sequence } = input;
      const { status } = input.response;
      if (status === 401 || status === 407) replaced.add(sequence);
      if (status !== 200 || replaced.has(sequence)) continue;
      if (live.has(sequence)) answered ??= sequence;
      const hangUps = effects.filter(({ kind }) => kind === 'hang-up').length;
      // That it is unwanted must be in the store first; the carrier repeats it.
      const isUndecided = phaseBefore === 'ending' || stored.get(sequence) !== false;
      assert.equal(hangUps, sequence === answered || isUndecided ? 0 : 1);
    }
  });
});

test('CALL-02 of several branches that are live at once one wins, and none of the others is left to ring', () => {
  whatever((steps, course) => {
    const call = new RecordedCall(course);
    for (const input of course.inputs) call.take(input);
    const { machine } = call;
    const { phase, winner, branches } = machine.call;
    assert.equal(phase === 'answered' || phase === 'answering', winner !== undefined);
    if (phase !== 'answered' && phase !== 'ended') return;
    const isLeft = steps.some(({ effects }) => effects.some(({ kind }) => kind === 'leave'));
    for (const branch of branches) {
      assert.equal(branch.isLive, false);
      if (branch === winner || isLeft || !branch.isSent || branch.hasFinal) continue;
      assert.equal(branch.isCancelSent || !branch.hasProvisional || branch.isOver, true);
    }
  });
});

test('CALL-02 no INVITE is cancelled twice, and none that was not sent', () => {
  whatever((steps) => {
    const sent = new Set<number>();
    const cancelled = new Set<number>();
    for (const effect of steps.flatMap(({ effects }) => effects)) {
      if (effect.kind === 'invite') sent.add(effect.branch.sequence);
      if (effect.kind !== 'cancel-invite') continue;
      const { sequence } = effect.branch;
      assert.ok(sent.has(sequence));
      assert.ok(!cancelled.has(sequence));
      cancelled.add(sequence);
    }
  });
});

test('CALL-03 a call always comes to its end once what it waits for has happened', () => {
  whatever((_, course) => {
    const call = new RecordedCall(course);
    for (const input of course.inputs) call.take(input);
    const { machine } = call;
    for (let rounds = 0; rounds < 50; rounds++) {
      const { phase } = machine.call;
      if (phase === 'ended' || phase === 'answered') return;
      const missing = machine.call.branches.find(
        ({ isLive, passing }) => isLive && passing === 'under-way',
      );
      call.take(missing === undefined ? awaited(machine) : bodyOf(missing.sequence));
    }
    assert.fail(`still ${machine.call.phase}`);
  });
});

/** What a call in this phase waits for. */
function awaited(machine: MachineCall): CallInput {
  const { phase, isRecording, branches } = machine.call;
  switch (phase) {
    case 'asking':
      return authenticated(allowed());
    case 'claiming':
      return { kind: 'claimed', claim: claimOf(true) };
    case 'routing':
      return routed();
    case 'recording':
    case 'parting':
      return { kind: 'recorded' };
    case 'calling': {
      if (isRecording) return { kind: 'recorded' };
      const sequence = branches.find(({ isLive }) => isLive)?.sequence ?? 0;
      return { kind: 'no-response', sequence, failure: 'timeout' };
    }
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

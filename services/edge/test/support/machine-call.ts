import { refusals } from '@tandem/domain';
import type { AuthenticateReply } from '@tandem/proto/edge-replies';
import { Attempt } from '@tandem/proto/events';
import { startRound } from '../../src/core/call/branches.ts';
import { step } from '../../src/core/call/call-machine.ts';
import { newCall } from '../../src/core/call/call-state.ts';
import type { AttemptState, BranchState, CallState } from '../../src/core/call/call-state.ts';
import type { CallEffect, CallInput, CallSurroundings } from '../../src/core/call/call-steps.ts';
import { destinationsOf } from '../../src/core/call/targets.ts';
import type { Candidate, Routed } from '@tandem/proto/routing';
import { allowed, candidateOf, routedTo } from './call-samples.ts';
import { CALL_ID, carrierResponse, inviteOf, source } from './messages.ts';

/** A call of which nothing is known but its INVITE. */
export function callOf(startedMs = 1000, body = ''): CallState {
  const headers = body === '' ? {} : { 'Content-Type': 'application/sdp' };
  return newCall({ callId: CALL_ID, startedMs, invite: inviteOf(headers, body), source });
}

/** An attempt at the first address of a candidate. */
export function attemptState(candidate: Candidate, attempt: Partial<Attempt> = {}): AttemptState {
  return {
    candidate,
    destinations: destinationsOf(candidate),
    position: 0,
    relay: 0,
    tagNumber: 0,
    attempt: Attempt.fromPartial(attempt),
  };
}

/** A branch that has been sent, and of which nothing was heard. */
export function branchState(
  parts: Pick<BranchState, 'attempt'> & Partial<BranchState>,
): BranchState {
  return {
    sequence: 1,
    text: 'z9hG4bKours',
    round: 1,
    cseqOffset: 0,
    authorizations: [],
    challenges: 0,
    passing: 'done',
    passedBody: undefined,
    signature: '',
    isLive: true,
    isSent: true,
    stored: 'yes',
    hasProvisional: false,
    hasFinal: false,
    isAckDue: false,
    isCancelDue: false,
    isCancelSent: false,
    isCancelOver: false,
    countsBehind: false,
    isOver: false,
    isAdopted: false,
    timer: undefined,
    timerDueMs: 0,
    timersDueMs: {},
    failure: undefined,
    ...parts,
  };
}

/** What a carrier's challenge says. */
export const challengeHeaders = {
  'WWW-Authenticate': 'Digest realm="carrier", nonce="n", algorithm=MD5, stale=true',
  'Proxy-Authenticate': 'Digest realm="carrier", nonce="n", algorithm=MD5, stale=true',
} as const;

/** A call whose machine a test steps by hand, in a time that it moves by hand. */
export class MachineCall {
  readonly call: CallState;
  readonly effects: CallEffect[] = [];
  /** Numbers of the INVITEs that were sent. */
  readonly sentSequences = new Set<number>();
  nowMs = 1000;

  /** @param input what becomes of the question to auth */
  constructor(input: CallInput = authenticated(allowed()), call = callOf()) {
    this.call = call;
    this.take(input);
  }

  /** Takes one step, and gives the kinds of its effects. */
  take(input: CallInput): string[] {
    return this.note(step(this.call, input, this.around()));
  }

  /** Begins branches to several candidates at once, as a step does to one. */
  fork(candidates: readonly Candidate[]): string[] {
    return this.note(startRound(this.call, candidates, this.around()));
  }

  /** Effects that did not come of `take`. */
  note(effects: readonly CallEffect[]): string[] {
    this.effects.push(...effects);
    for (const effect of effects) {
      if (effect.kind === 'invite') this.sentSequences.add(effect.branch.sequence);
    }
    return effects.map(({ kind }) => kind);
  }

  claim(isNew = true): string[] {
    return this.take({ kind: 'claimed', claim: { callId: CALL_ID, owner: '3.77', isNew } });
  }

  /** A response of the carrier to the INVITE of this number. @param sequence the last one that was sent, by default */
  respond(
    status: number,
    options: { sequence?: number; hasSdp?: boolean; headers?: Record<string, string> } = {},
  ): string[] {
    const { sequence = this.call.sequence, hasSdp = false, headers } = options;
    const response = carrierResponse(status, headers);
    return this.take({ kind: 'response', sequence, response, hasSdp });
  }

  /** The end that is due is in the store. */
  storeEnd(): string[] {
    const { final } = this.last('store-end');
    return this.take({ kind: 'end-stored', final, event: undefined });
  }

  /** The answer that is due is in the store. */
  storeAnswer(): string[] {
    const { response } = this.last('store-answer');
    return this.take({ kind: 'answer-stored', response, event: undefined });
  }

  /** The latest effect of a kind. @throws when there was none. */
  last<K extends CallEffect['kind']>(kind: K): Extract<CallEffect, { kind: K }> {
    const found = this.effects.findLast((effect) => effect.kind === kind);
    if (found === undefined) throw new Error(`no ${kind} so far`);
    return found as Extract<CallEffect, { kind: K }>;
  }

  count(kind: CallEffect['kind']): number {
    return this.effects.filter((effect) => effect.kind === kind).length;
  }

  /** Numbers of the INVITEs that were cancelled, in order. */
  get cancelled(): number[] {
    return this.effects.flatMap((effect) =>
      effect.kind === 'cancel-invite' ? [effect.branch.sequence] : [],
    );
  }

  /** The end that was stored, as `code Reason by`. */
  get end(): string {
    const { ending } = this.last('store-end');
    return `${String(ending.code)} ${ending.reason} ${ending.by}`;
  }

  /** The code that the caller will be told. */
  get finalCode(): number {
    const { final } = this.last('store-end');
    return final.kind === 'rejection' ? final.code : refusals[final.reason].code;
  }

  around(): CallSurroundings {
    return surroundings(this.nowMs);
  }
}

/** What steps look at, at a moment. */
export function surroundings(nowMs: number): CallSurroundings {
  return {
    nowMs,
    cnonce: () => 'cnonce',
    mark: (callId, sequence) => `${callId}-${String(sequence)}`,
    relay: () => undefined,
    attemptTag: (toTag, attempt) => (attempt === 0 ? toTag : `${toTag}.${String(attempt)}`),
    forkTag: (tag, { sequence, farTag }) => `${tag}~${String(sequence)}${farTag}`,
  };
}

/** What auth says of the INVITE. */
export function authenticated(response: AuthenticateReply): CallInput {
  return { kind: 'authenticated', response };
}

/** A call that has been routed and waits for its record. */
export function recordingCall(
  candidates: readonly Candidate[] = [candidateOf('carrier-a'), candidateOf('carrier-b')],
  settings: Partial<Routed> = {},
): MachineCall {
  const machine = new MachineCall();
  machine.claim();
  machine.take({ kind: 'routed', response: routedTo(candidates, settings) });
  return machine;
}

/** A call whose first INVITE has been sent. */
export function callingCall(
  candidates?: readonly Candidate[],
  settings: Partial<Routed> = {},
): MachineCall {
  const machine = recordingCall(candidates, settings);
  machine.take({ kind: 'recorded' });
  return machine;
}

/** A call whose INVITEs to several gateways have been sent at once; none is left to be tried after them. */
export function forkedCall(
  count: number,
  settings: Partial<Candidate> = {},
  more: readonly Candidate[] = [],
): MachineCall {
  const machine = new MachineCall();
  machine.claim();
  const forks = Array.from({ length: count }, (_, at) =>
    candidateOf(`fork-${'abc'[at] ?? ''}`, settings),
  );
  machine.call.candidates = [...forks, ...more];
  machine.call.nextCandidate = count;
  machine.fork(forks);
  machine.take({ kind: 'recorded' });
  return machine;
}

import { refusals } from '@tandem/domain';
import { begin, step } from '../../src/core/call/call-machine.ts';
import type { CallSurroundings } from '../../src/core/call/call-machine.ts';
import { newCall } from '../../src/core/call/call-state.ts';
import type {
  AuthVerdict,
  CallEffect,
  CallInput,
  CallState,
} from '../../src/core/call/call-state.ts';
import type { Candidate, Routed } from '@tandem/proto/routing';
import { allowed, candidateOf, routedTo } from './call-samples.ts';
import { CALL_ID, carrierResponse } from './messages.ts';

/** A call whose machine a test steps by hand, in a time that it moves by hand. */
export class MachineCall {
  readonly call: CallState = newCall(CALL_ID, 1000);
  readonly effects: CallEffect[];
  /** Numbers of the INVITEs that were sent. */
  readonly sentSequences = new Set<number>();
  nowMs = 1000;
  /** What the carrier's challenges are answered with. */
  authorize: CallSurroundings['authorize'] = () => undefined;

  /** @param verdict what auth has said of its INVITE */
  constructor(verdict: AuthVerdict = { kind: 'answered', response: allowed() }) {
    this.effects = begin(this.call, verdict, this.#around());
  }

  /** Takes one step, and gives the kinds of its effects. */
  take(input: CallInput): string[] {
    const effects = step(this.call, input, this.#around());
    this.effects.push(...effects);
    for (const effect of effects) {
      if (effect.kind === 'invite') this.sentSequences.add(effect.attempt.sequence);
    }
    return effects.map(({ kind }) => kind);
  }

  claim(isNew = true): string[] {
    return this.take({ kind: 'claimed', claim: { callId: CALL_ID, owner: '3.77', isNew } });
  }

  /** A response of the carrier to the INVITE of this number. @param sequence the last one that was sent, by default */
  respond(status: number, options: { sequence?: number; hasSdp?: boolean } = {}): string[] {
    const { sequence = this.call.attempts.at(-1)?.sequence ?? 0, hasSdp = false } = options;
    return this.take({ kind: 'response', sequence, response: carrierResponse(status), hasSdp });
  }

  /** The end that is due is in the store. */
  storeEnd(): string[] {
    const { final } = this.last('store-end');
    return this.take({ kind: 'end-stored', final, event: undefined });
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

  #around(): CallSurroundings {
    return {
      nowMs: this.nowMs,
      authorize: (response, attempt) => this.authorize(response, attempt),
    };
  }
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

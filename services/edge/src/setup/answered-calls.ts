import type { Candidate } from '@tandem/proto/routing';
import { to } from '@tandem/sip';
import { replyTo } from '../core/call/call-state.ts';
import type { Call } from '../core/call/call-state.ts';
import type { Authorization } from '../core/messages/challenge-answers.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import type { Clock } from '../ports.ts';
import type { SaidToCaller } from './caller-leg.ts';

/** What is left of the INVITE of an answered call. */
export interface AnsweredCall {
  readonly transactionKey: string;
  readonly callId: string;
  /** Branch of the INVITE that was answered. */
  readonly branch: string;
  /** CSeq number of the caller's INVITE. */
  readonly cseq: number;
  /** What the INVITE proved who we are with: its ACK has to repeat it (RFC 3261 §13.2.2.4). */
  readonly authorizations: readonly Authorization[];
  /** The callee's tag, and the To tag that the caller has in its place. */
  readonly tag: string;
  readonly toTag: string;
  /** The 2xx as the caller got it. */
  readonly answer: Buffer;
  /** Where the caller takes it. */
  readonly replyTo: PeerAddress;
  /** Where the INVITE was sent. */
  readonly carrier: PeerAddress;
  /** Where others may have been sent: kept where one of them has a path alone. @default none has */
  readonly candidates?: readonly Candidate[] | undefined;
}

/** What is kept of the candidates of an answered call. */
function withPaths(candidates: readonly Candidate[]): readonly Candidate[] | undefined {
  const hasPath = ({ targets }: Candidate): boolean => targets.some(({ path }) => path.length > 0);
  return candidates.some(hasPath) ? candidates : undefined;
}

/** What is left of a call whose caller has just had its 2xx. */
export function answeredCall(
  call: Call,
  parts: Pick<AnsweredCall, 'transactionKey' | 'cseq' | 'answer' | 'carrier'> & {
    readonly said: SaidToCaller;
  },
): AnsweredCall {
  const { said, ...rest } = parts;
  const { branch, response, toTag } = said;
  return {
    ...rest,
    callId: call.callId,
    candidates: withPaths(call.candidates),
    branch: branch.text,
    authorizations: branch.authorizations,
    // A copy: the tag as it was read keeps the whole message in memory.
    tag: Buffer.from(to(response).tag ?? '', 'latin1').toString('latin1'),
    toTag,
    replyTo: replyTo(call),
  };
}

/** RFC 6026 §7.1: as long as timers L and M, repetitions of INVITE and 2xx are still known. */
const KEPT_MS = 32_000;
const SWEEP_MS = 1000;

/**
 * The calls whose INVITE was answered lately. Their transactions are in the Accepted state, whose whole work is to drop
 * a repeated INVITE and to pass a repeated 2xx on, so a fraction of a call's memory is enough for it: at five hundred
 * calls per second sixteen thousand of them stand here.
 */
export class AnsweredCalls {
  readonly #clock: Clock;
  readonly #byTransaction = new Map<string, AnsweredCall>();
  /** In the order in which they were answered. */
  readonly #byCallId = new Map<string, { readonly untilMs: number; readonly call: AnsweredCall }>();
  #timer: object | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(call: AnsweredCall): void {
    this.#byTransaction.set(call.transactionKey, call);
    this.#byCallId.delete(call.callId);
    this.#byCallId.set(call.callId, { untilMs: this.#clock.now() + KEPT_MS, call });
    this.#sweepLater();
  }

  /** How long ago a call was answered, or came here with a repeated answer; ms. */
  ageMs(callId: string): number {
    const untilMs = this.#byCallId.get(callId)?.untilMs ?? 0;
    return this.#clock.now() - (untilMs - KEPT_MS);
  }

  byTransaction(key: string): AnsweredCall | undefined {
    return this.#byTransaction.get(key);
  }

  byCallId(callId: string): AnsweredCall | undefined {
    return this.#byCallId.get(callId)?.call;
  }

  close(): void {
    if (this.#timer !== undefined) this.#clock.stop(this.#timer);
    this.#timer = undefined;
  }

  #sweepLater(): void {
    this.#timer ??= this.#clock.start(SWEEP_MS, () => {
      this.#timer = undefined;
      this.#sweep();
    });
  }

  #sweep(): void {
    const now = this.#clock.now();
    for (const [callId, { untilMs, call }] of this.#byCallId) {
      if (untilMs > now) break;
      this.#byCallId.delete(callId);
      this.#byTransaction.delete(call.transactionKey);
    }
    if (this.#byCallId.size > 0) this.#sweepLater();
  }
}

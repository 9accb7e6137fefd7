import { to } from '@tandem/sip';
import type { SipResponse } from '@tandem/sip';
import type { CallAttempt, CallState } from '../core/call/call-state.ts';
import { encodeToken } from '../core/dialog/dialog-token.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import { callsAnswered } from '../telemetry.ts';
import type { AnsweredCall } from './answered-calls.ts';
import type { CallerLeg } from './caller-leg.ts';
import type { CarrierLeg } from './carrier-leg.ts';
import type { EdgeResources } from '../edge-resources.ts';
import { passed } from '../faults.ts';
import type { Issued, LegTokens } from './leg-tokens.ts';

/** The call whose responses pass. */
export interface RelayedCall {
  readonly call: CallState;
  readonly source: PeerAddress;
  readonly transactionKey: string;
  readonly caller: CallerLeg;
  readonly carrier: CarrierLeg;
  readonly tokens: LegTokens;
  /** Whether the call has no final answer yet. */
  isPending(): boolean;
  /**
   * The caller has its 2xx.
   * @param answered what is left of the call; undefined while an earlier attempt is still being wound up
   */
  onAnswered(answered: AnsweredCall | undefined): void;
}

/** Passes the carrier's responses on to the caller, each in a dialog of the caller's own. */
export class ResponseRelay {
  readonly #edge: EdgeResources;
  readonly #parts: RelayedCall;
  /** The 2xx as the caller got it, to repeat it when the carrier repeats its own. */
  #answer: { readonly tag: string; readonly bytes: Buffer } | undefined;

  constructor(edge: EdgeResources, parts: RelayedCall) {
    this.#edge = edge;
    this.#parts = parts;
  }

  relay(attempt: CallAttempt, response: SipResponse): void {
    const { caller, tokens } = this.#parts;
    // RFC 3261 §12.1.1: our tag opens a dialog with the caller, whether the carrier gave one of its own or not.
    const issued = tokens.forCaller(attempt, response);
    if (response.status >= 200) {
      const bytes = caller.relay(response, issued.text);
      passed('after-answer-relay');
      this.#answered(to(response).tag ?? '', bytes);
    } else if (issued.isReference) {
      this.#relayStored(response, issued);
    } else {
      caller.relay(response, issued.text);
      passed('after-provisional');
    }
  }

  /** The carrier has not seen the caller's ACK: it travels end to end, so the 2xx does too (edge.md §1.2). */
  repeat(response: SipResponse): void {
    if (this.#answer === undefined) return;
    const { call, caller, carrier } = this.#parts;
    const tag = to(response).tag ?? '';
    if (tag === this.#answer.tag) caller.repeat(response.status, this.#answer.bytes);
    // Another fork answered too; the caller has one dialog (RFC 3261 §13.2.2.4).
    else carrier.hangUp(call.attempts.at(-1)?.sequence ?? 0, response);
  }

  /** A Contact that refers to the store may not leave before the store has the token. */
  #relayStored(response: SipResponse, issued: Issued): void {
    const { logger, store } = this.#edge;
    const { call, caller } = this.#parts;
    const { callId } = call;
    store.saveTokens(callId, { a: encodeToken(issued.token) }).then(
      () => {
        if (this.#parts.isPending()) caller.relay(response, issued.text);
        passed('after-provisional');
      },
      (error: unknown) => {
        logger.warn({ err: error, callId }, 'token of an early dialog not stored');
      },
    );
  }

  #answered(tag: string, bytes: Buffer): void {
    const { call, caller, carrier, source, transactionKey } = this.#parts;
    callsAnswered.add(1);
    this.#answer = { tag, bytes };
    const sent = carrier.onlyInvite;
    if (sent === undefined) {
      // The transactions run to their end.
      this.#parts.onAnswered(undefined);
      return;
    }
    carrier.abandon();
    caller.abandon();
    this.#parts.onAnswered({
      transactionKey,
      callId: call.callId,
      branch: sent.branch,
      cseq: caller.inviteCseq,
      authorization: sent.attempt.authorization,
      // A copy: the tag as it was read keeps the whole message in memory.
      tag: Buffer.from(tag, 'latin1').toString('latin1'),
      answer: bytes,
      source,
      carrier: sent.address,
    });
  }
}

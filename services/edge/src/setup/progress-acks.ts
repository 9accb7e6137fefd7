import { cseq, to } from '@tandem/sip';
import type { SipResponse } from '@tandem/sip';
import type { PeerAddress } from '../core/network/peer-address.ts';
import type { EdgeResources } from '../edge-resources.ts';

/** PRACKs of the switch for a caller that knows of none (RFC 3262 §4): one for each reliable response, in their order. */
export class ProgressAcks {
  readonly #edge: Pick<EdgeResources, 'barrier' | 'logger' | 'sessions' | 'unwanted'>;
  /** The RSeq that was acknowledged last, by the callee's tag. */
  readonly #last = new Map<string, number>();

  constructor(edge: Pick<EdgeResources, 'barrier' | 'logger' | 'sessions' | 'unwanted'>) {
    this.#edge = edge;
  }

  /** @param carrier where the INVITE went */
  acknowledge(callId: string, response: SipResponse, carrier: PeerAddress): void {
    const { barrier, logger, sessions, unwanted } = this.#edge;
    const { tag = '' } = to(response);
    const sequence = Number(response.headers.get('RSeq'));
    const last = this.#last.get(tag);
    // A repetition, which the PRACK's own repetitions answer; or one before it is missing, and comes again.
    if (last !== undefined && sequence !== last + 1) return;
    this.#last.set(tag, sequence);
    // What the caller says in this dialog is counted on behind: the INVITE's number is the first, the PRACK has the next.
    const { number: ofInvite } = cseq(response);
    const numbers = [sessions.number(callId, 'b', ofInvite), sessions.number(callId, 'b')] as const;
    const done = ([, number]: readonly [number, number]): void => {
      unwanted.prack(response, carrier, number);
    };
    const failed = (error: unknown): void => {
      // The carrier repeats it.
      if (last === undefined) this.#last.delete(tag);
      else this.#last.set(tag, last);
      logger.warn({ err: error, callId }, 'provisional response not acknowledged');
    };
    barrier.settled(Promise.all(numbers), { done, failed }, { callId });
  }
}

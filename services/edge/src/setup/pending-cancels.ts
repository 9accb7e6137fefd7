import type { SipRequest } from '@tandem/sip';
import type { PeerAddress } from '../core/network/peer-address.ts';
import type { PeerMessage } from './held-work.ts';

interface PendingCancel {
  readonly message: SipRequest;
  readonly from: PeerAddress;
  readonly done: () => void;
}

/**
 * Requests that take a call back (CANCEL, BYE in the early dialog) and have no answer yet: they get it once the end is
 * stored, so that their sender repeats them to another pod should this one die (edge.md §4).
 */
export class PendingCancels {
  readonly #cancels: PendingCancel[] = [];

  /** A repetition changes nothing: the one answer is for it too. */
  add(cancel: PendingCancel): void {
    const { method } = cancel.message;
    if (!this.#cancels.some(({ message }) => message.method === method)) this.#cancels.push(cancel);
  }

  /** The cancel is stored, or another end was quicker: its sender need not repeat it. */
  answer(): void {
    for (const { done } of this.#cancels.splice(0)) done();
  }

  /** Those that will not be answered here. */
  take(): PeerMessage[] {
    return this.#cancels.splice(0).map(({ message, from }) => ({ message, from }));
  }
}

import type { SipRequest, SipResponse } from '@tandem/sip';
import type { PeerAddress } from '../core/network/peer-address.ts';

/** A message and the peer that it is from. */
export interface PeerMessage {
  readonly message: SipRequest | SipResponse;
  readonly from: PeerAddress;
}

/** What happens to a call while it is being handed over to another pod: done here later after all, or sent after it. */
export class HeldWork {
  #held: { readonly work: () => void; readonly message: PeerMessage | undefined }[] | undefined;

  get isHolding(): boolean {
    return this.#held !== undefined;
  }

  /** The messages that wait. */
  get messages(): PeerMessage[] {
    return (this.#held ?? []).flatMap(({ message }) => message ?? []);
  }

  begin(): void {
    this.#held ??= [];
  }

  /** Keeps `work` for later; only while holding. */
  add(work: () => void, message?: PeerMessage): void {
    this.#held?.push({ work, message });
  }

  /** Does what has waited, in its order. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const { work } of held) work();
  }
}

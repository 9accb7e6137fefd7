import { SipRequest, cseq, parseMessage } from '@tandem/sip';
import type { PeerAddress } from '../core/network/peer-address.ts';

/** RFC 3261 §17.1.2.2: nobody waits for a response any longer. */
const KEPT_MS = 32_000;
/** Some three megabytes. A request whose response has passed here is gone at once. */
const LIMIT = 2048;

/** A request as it was sent. */
export interface KeptRequest {
  readonly callId: string;
  readonly bytes: Buffer;
  readonly to: PeerAddress;
  readonly atMs: number;
}

/** Requests to carriers that may challenge them, until they are answered: by branch, oldest first. */
export class SentRequests {
  readonly #byBranch = new Map<string, KeptRequest>();

  add(branch: string, sent: KeptRequest): void {
    this.#byBranch.delete(branch);
    this.#byBranch.set(branch, sent);
    for (const [oldest, { atMs }] of this.#byBranch) {
      if (this.#byBranch.size <= LIMIT && sent.atMs - atMs < KEPT_MS) break;
      this.#byBranch.delete(oldest);
    }
  }

  get(branch: string): KeptRequest | undefined {
    return this.#byBranch.get(branch);
  }

  remove(branch: string): void {
    this.#byBranch.delete(branch);
  }

  /** The highest number among those of a call; 0 where there is none. */
  highest(callId: string): number {
    let highest = 0;
    for (const sent of this.#byBranch.values()) {
      if (sent.callId !== callId) continue;
      const request = parseMessage(sent.bytes);
      if (request instanceof SipRequest) highest = Math.max(highest, cseq(request).number);
    }
    return highest;
  }
}

import { serverTransactionKey } from '@tandem/sip';
import type { SipRequest } from '@tandem/sip';
import type { PeerAddress } from '../core/network/peer-address.ts';
import type { Clock } from '../ports.ts';

/** How often the store is asked again. */
const RETRY_MS = 500;
/** A sender gives up after 32 s (RFC 3261 §17.1.2.2, timer F), and still has to be told. */
const LONGEST_MS = 20_000;
/** Some ten megabytes. */
const MOST = 4096;

interface Waiting {
  readonly sinceMs: number;
  /** Undefined while the store is being asked. */
  timer: object | undefined;
}

/**
 * Requests in a dialog whose token the store alone has, for the time that it is away: a BYE that got 503 would end the call for its
 * sender alone. They are dealt with anew until the store answers; what a sender repeats meanwhile adds nothing.
 */
export class WaitingRequests {
  readonly #clock: Clock;
  readonly #again: (request: SipRequest, source: PeerAddress) => void;
  readonly #waiting = new Map<string, Waiting>();

  /** @param again deals with a request from its beginning; then `take` or `done` is called */
  constructor(clock: Clock, again: (request: SipRequest, source: PeerAddress) => void) {
    this.#clock = clock;
    this.#again = again;
  }

  /** The store is away. @returns whether the request waits for it; false where it has waited for long enough, or too many do */
  take(request: SipRequest, source: PeerAddress): boolean {
    const key = serverTransactionKey(request);
    const known = this.#waiting.get(key);
    if (known?.timer !== undefined) return true;
    const nowMs = this.#clock.now();
    const waiting = known ?? { sinceMs: nowMs, timer: undefined };
    if (nowMs - waiting.sinceMs >= LONGEST_MS || (known === undefined && this.#isFull())) {
      this.#waiting.delete(key);
      return false;
    }
    waiting.timer = this.#clock.start(RETRY_MS, () => {
      waiting.timer = undefined;
      this.#again(request, source);
    });
    this.#waiting.set(key, waiting);
    return true;
  }

  /** The store has answered. */
  done(request: SipRequest): void {
    if (this.#waiting.size === 0) return;
    const key = serverTransactionKey(request);
    const timer = this.#waiting.get(key)?.timer;
    if (timer !== undefined) this.#clock.stop(timer);
    this.#waiting.delete(key);
  }

  /** Senders repeat what waited here, and another pod deals with it. */
  close(): void {
    for (const { timer } of this.#waiting.values()) {
      if (timer !== undefined) this.#clock.stop(timer);
    }
    this.#waiting.clear();
  }

  #isFull(): boolean {
    return this.#waiting.size >= MOST;
  }
}

import { RecentMap, topVia } from '@tandem/sip';
import type { SipRequest } from '@tandem/sip';
import type { Clock } from '../ports.ts';

/** RFC 3261 §13.3.1.4, §17.1.2.2: by then a 2xx has come three times, and so has a BYE. */
const INSISTING_MS = 3000;
const MOST = 1000;

/** BYEs of callees in calls that are not answered (RFC 3261 §15): most have overtaken a 2xx that comes again. */
export class EarlyByes {
  readonly #clock: Pick<Clock, 'now'>;
  /** When each came first, by its branch. */
  readonly #since = new RecentMap<number>(MOST);

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** Whether a BYE has come again and again for longer than a 2xx that was lost takes to do so. */
  insists(bye: SipRequest): boolean {
    const branch = topVia(bye).branch ?? '';
    const nowMs = this.#clock.now();
    const sinceMs = this.#since.get(branch);
    if (sinceMs === undefined) this.#since.set(branch, nowMs);
    return sinceMs !== undefined && nowMs - sinceMs >= INSISTING_MS;
  }
}

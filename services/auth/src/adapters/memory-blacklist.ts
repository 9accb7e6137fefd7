import { MOST_BLACKLISTED, MOST_LISTED } from '../core/limits.ts';
import type { AbuseTerms } from '../core/abuse-terms.ts';
import type { BlacklistEntry, Clock, NewBlacklistEntry, RefuseCommand } from '../ports.ts';

interface Source {
  failures: number;
  readonly expiresMs: number;
}

/** Places that are black-listed, and failures of those that may come to be (AUTH-08). */
export class MemoryBlacklist {
  readonly #clock: Clock;
  readonly #entries = new Map<string, BlacklistEntry>();
  readonly #sources = new Map<string, Source>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  find(place: string): BlacklistEntry | undefined {
    const entry = this.#entries.get(place);
    if (entry === undefined || entry.untilMs > this.#clock.nowMs()) return entry;
    this.#entries.delete(place);
    return undefined;
  }

  /** @returns the entry, where the failure has black-listed its place */
  count(
    { terminal, cause }: Pick<RefuseCommand, 'terminal' | 'cause'>,
    { sourceMaxFailures, sourceWindowMs, blacklistMs }: AbuseTerms,
  ): BlacklistEntry | undefined {
    if (sourceMaxFailures === 0) return undefined;
    const nowMs = this.#clock.nowMs();
    const { place, user } = terminal;
    const before = this.#sources.get(place);
    const isRunning = before !== undefined && before.expiresMs > nowMs;
    const source = isRunning ? before : { failures: 0, expiresMs: nowMs + sourceWindowMs };
    source.failures += 1;
    this.#sources.set(place, source);
    if (source.failures < sourceMaxFailures) return undefined;
    this.#sources.delete(place);
    const { failures } = source;
    const untilMs = nowMs + blacklistMs;
    return this.#add({ place, sinceMs: nowMs, untilMs, failures, cause: `${cause}, of ${user}` });
  }

  add({ place, forMs, cause }: NewBlacklistEntry): void {
    const nowMs = this.#clock.nowMs();
    this.#add({ place, sinceMs: nowMs, untilMs: nowMs + forMs, failures: 0, cause });
  }

  lift(place: string): boolean {
    this.#sources.delete(place);
    const isThere = this.find(place) !== undefined;
    this.#entries.delete(place);
    return isThere;
  }

  list(): readonly BlacklistEntry[] {
    return [...this.#entries.keys()]
      .map((place) => this.find(place))
      .filter((entry) => entry !== undefined)
      .sort((a, b) => b.untilMs - a.untilMs)
      .slice(0, MOST_LISTED);
  }

  /** The oldest stand first; looking at a few now and then keeps the map small. */
  dropExpired(): void {
    const nowMs = this.#clock.nowMs();
    let looked = 0;
    for (const [place, { expiresMs }] of this.#sources) {
      if (looked === 4) break;
      looked += 1;
      if (expiresMs <= nowMs) this.#sources.delete(place);
    }
  }

  #add(entry: BlacklistEntry): BlacklistEntry {
    this.#entries.delete(entry.place);
    this.#entries.set(entry.place, entry);
    if (this.#entries.size > MOST_BLACKLISTED) {
      const [first] = this.#entries.keys();
      if (first !== undefined) this.#entries.delete(first);
    }
    return entry;
  }
}

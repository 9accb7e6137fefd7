import { formatHostPort } from '@tandem/config';
import type { Logger } from '@tandem/service';
import type { NamedServer, SipName } from './places.ts';
import type { NameTarget, Resolution } from './sip-lookup.ts';

/** Time as the book needs it. */
export interface BookClock {
  now(): number;
  start(ms: number, fire: () => void): object;
  stop(timer: object): void;
}

export interface NameBookParts {
  readonly lookUp: (target: NameTarget) => Promise<Resolution>;
  readonly clock: BookClock;
  readonly logger: Logger;
  /** Counts. @default nobody does */
  readonly onLookedUp?: ((outcome: 'answered' | 'negative' | 'failed') => void) | undefined;
  /** A name has another answer than it had. @default nobody is told */
  readonly onChanged?: ((change: NameChange) => void) | undefined;
}

/** What a name stood for, and stands for now: `ip:port`, in the order of text; none: it has no address. */
export interface NameChange {
  readonly name: string;
  readonly before: readonly string[];
  readonly now: readonly string[];
}

/** A server that says 0 means "ask each time": nobody waits for that in a call. */
const LEAST_MS = 5000;
const MOST_MS = 24 * 3600 * 1000;
/** RFC 2308 §5: how long at most it is believed that there is no such name. */
const MOST_NEGATIVE_MS = 300_000;
/** While name servers are away. */
const FIRST_RETRY_MS = 5000;
const LAST_RETRY_MS = 60_000;
/** Of a thousand names few are asked about at a time. */
const MOST_AT_ONCE = 32;
/** An answer is asked for again before the last one has run out. */
const REFRESHED_AT = 0.9;

/**
 * What the names of gateways stand for (CALL-02): looked up as soon as a configuration has them, and again in the background
 * before their records run out. A call never waits: it takes the last answer, also one that has run out while name servers are
 * away (RFC 8767).
 */
export class NameBook {
  readonly #parts: NameBookParts;
  readonly #names = new Map<string, BookName>();
  readonly #waiting: BookName[] = [];
  #underWay = 0;
  #isClosed = false;

  constructor(parts: NameBookParts) {
    this.#parts = parts;
  }

  /** The entry of a name; looked up from now on, until `keep` leaves it out. */
  name(target: NameTarget): SipName {
    return this.#entry(target);
  }

  #entry(target: NameTarget): BookName {
    const key = keyOf(target);
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const name = new BookName(target, this.#parts.clock);
    this.#names.set(key, name);
    this.#ask(name);
    return name;
  }

  /** Whether each name has been looked up. */
  get isSettled(): boolean {
    return [...this.#names.values()].every(({ isAsked }) => isAsked);
  }

  /** Forgets all names but these. */
  keep(targets: readonly NameTarget[]): void {
    const kept = new Set(targets.map(keyOf));
    for (const [key, name] of this.#names) {
      if (kept.has(key)) continue;
      this.#names.delete(key);
      name.isKept = false;
      if (name.timer !== undefined) this.#parts.clock.stop(name.timer);
    }
  }

  /** Settles once each name has been looked up, or after this time. */
  async settled(limitMs: number): Promise<void> {
    await this.#asked([...this.#names.values()], limitMs);
  }

  /** The entry of a name once it has been looked up, or after this time. */
  async answered(target: NameTarget, limitMs: number): Promise<SipName> {
    const name = this.#entry(target);
    if (!name.isAsked) await this.#asked([name], limitMs);
    return name;
  }

  async #asked(names: readonly BookName[], limitMs: number): Promise<void> {
    const { clock } = this.#parts;
    const limit = Promise.withResolvers<undefined>();
    const timer = clock.start(limitMs, () => {
      limit.resolve(undefined);
    });
    await Promise.race([Promise.all(names.map(({ asked }) => asked.promise)), limit.promise]);
    clock.stop(timer);
  }

  close(): void {
    this.#isClosed = true;
    this.keep([]);
  }

  #ask(name: BookName): void {
    if (this.#underWay >= MOST_AT_ONCE) {
      this.#waiting.push(name);
      return;
    }
    this.#underWay += 1;
    // It reports its own failures.
    void this.#answer(name).finally(() => {
      this.#underWay -= 1;
      const next = this.#waiting.shift();
      if (next !== undefined) this.#ask(next);
    });
  }

  async #answer(name: BookName): Promise<void> {
    if (this.#isClosed || !name.isKept) return;
    const { lookUp, logger, onChanged, onLookedUp } = this.#parts;
    let waitMs: number;
    try {
      const resolution = await lookUp(name.target);
      const before =
        name.isAsked && name.servers !== undefined ? addressesOf(name.servers) : undefined;
      waitMs = name.answered(resolution);
      const now = addressesOf(resolution.servers);
      if (before !== undefined && before.join() !== now.join()) {
        onChanged?.({ name: name.text, before, now });
      }
      onLookedUp?.(resolution.servers.length > 0 ? 'answered' : 'negative');
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      waitMs = name.failed(cause);
      onLookedUp?.('failed');
      logger.warn({ name: name.text, cause }, 'name of a gateway not looked up');
    }
    name.isAsked = true;
    name.asked.resolve(undefined);
    this.#startTimer(name, waitMs);
  }

  #startTimer(name: BookName, ms: number): void {
    // Forgotten while it was looked up.
    if (!name.isKept) return;
    name.timer = this.#parts.clock.start(ms, () => {
      this.#ask(name);
    });
  }
}

/** Name servers give the same in turns: order means nothing here. */
function addressesOf(servers: readonly NamedServer[]): readonly string[] {
  return [...new Set(servers.flatMap(({ addresses }) => addresses))].sort();
}

/** A name with its last answer. */
class BookName implements SipName {
  readonly target: NameTarget;
  readonly text: string;
  readonly asked = Promise.withResolvers<undefined>();
  isAsked = false;
  isKept = true;
  timer: object | undefined;
  servers: readonly NamedServer[] | undefined;
  failure = '';
  readonly #clock: BookClock;
  #validUntilMs = 0;
  #failures = 0;

  constructor(target: NameTarget, clock: BookClock) {
    this.target = target;
    this.#clock = clock;
    const { host, port } = target;
    this.text = port === undefined ? host : formatHostPort({ host, port });
    this.failure = 'it has not been looked up yet';
  }

  get isStale(): boolean {
    return this.servers !== undefined && this.#clock.now() > this.#validUntilMs;
  }

  get validUntilMs(): number {
    return this.#validUntilMs;
  }

  /** @returns after how many ms it is to be asked again */
  answered({ servers, ttlSeconds }: Resolution): number {
    const isNegative = servers.length === 0;
    const mostMs = isNegative ? MOST_NEGATIVE_MS : MOST_MS;
    const ms = Math.min(Math.max(ttlSeconds * 1000, LEAST_MS), mostMs);
    this.servers = servers;
    this.failure = isNegative ? 'the name has no address' : '';
    this.#failures = 0;
    this.#validUntilMs = this.#clock.now() + ms;
    return isNegative ? ms : Math.max(ms * REFRESHED_AT, LEAST_MS);
  }

  /** The last answer stays. @returns after how many ms it is to be asked again */
  failed(cause: string): number {
    this.failure = cause;
    this.#failures += 1;
    return Math.min(FIRST_RETRY_MS * 2 ** (this.#failures - 1), LAST_RETRY_MS);
  }
}

/** The same for a name in whatever case. */
export function keyOf({ host, port, transport }: NameTarget): string {
  return `${host.toLowerCase()} ${String(port ?? '')} ${transport ?? ''}`;
}

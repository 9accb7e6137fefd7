import type { WatchedPart } from '@tandem/domain';
import type { Journal } from '@tandem/events';
import { Rounds } from '@tandem/service';
import type { Clock } from './ports.ts';

/** A part that calls need. */
interface NeededPart {
  readonly name: WatchedPart;
  /** Whether it can be reached now; a rejection says that it cannot. */
  readonly isThere: () => Promise<boolean> | boolean;
}

export interface PartWatchParts {
  readonly needed: readonly NeededPart[];
  readonly journal: Pick<Journal, 'note'>;
  readonly clock: Pick<Clock, 'now'>;
}

const EVERY_MS = 500;
/** Who has not answered by then is away. */
const PATIENCE_MS = 400;
/** A stream that is opened anew is missed for a moment. */
const LOOKS = 2;

interface Missed {
  readonly sinceMs: number;
  looks: number;
}

/** Writes into the journal from when to when a part was away (DENY-19): calls that failed then are explained by it. */
export class PartWatch {
  readonly #parts: PartWatchParts;
  readonly #missed = new Map<WatchedPart, Missed>();
  readonly #rounds = new Rounds(EVERY_MS, () => this.look());

  constructor(parts: PartWatchParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#rounds.start();
  }

  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  /** One look at each of them. */
  async look(): Promise<void> {
    await Promise.all(
      this.#parts.needed.map(async (part) => {
        if (await isReached(part)) this.#there(part.name);
        else this.#missing(part.name);
      }),
    );
  }

  #missing(part: WatchedPart): void {
    const missed = this.#missed.get(part) ?? { sinceMs: this.#parts.clock.now(), looks: 0 };
    this.#missed.set(part, missed);
    missed.looks += 1;
    if (missed.looks !== LOOKS) return;
    this.#parts.journal.note({
      ...about(part),
      cause: 'part-away',
      facts: { part },
      atMs: missed.sinceMs,
    });
  }

  #there(part: WatchedPart): void {
    const missed = this.#missed.get(part);
    if (missed === undefined) return;
    this.#missed.delete(part);
    if (missed.looks < LOOKS) return;
    const { sinceMs } = missed;
    const seconds = Math.round((this.#parts.clock.now() - sinceMs) / 100) / 10;
    const facts = { part, since: new Date(sinceMs).toISOString(), seconds };
    this.#parts.journal.note({ ...about(part), cause: 'part-back', facts });
  }
}

function about(part: WatchedPart) {
  return { terminal: part, account: '', sender: 'proved', source: '', userAgent: '' } as const;
}

async function isReached({ isThere }: NeededPart): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => {
    resolve(false);
  }, PATIENCE_MS);
  try {
    return await Promise.race([isThere(), promise]);
  } catch {
    return false; // Why, its log says.
  } finally {
    clearTimeout(timer);
  }
}

import { problemOf, type Problem } from '../api/problem.ts';
import { LiveRows, type LiveEvent, type LiveList } from '../core/live-rows.ts';

/** What is watched: where it comes from, and how rows are told apart. */
export interface LiveSource {
  /** The same of everybody who watches the same. */
  readonly name: string;
  readonly key: string;
  readonly read: () => Promise<LiveList>;
}

/** Who watches. */
export interface Watcher {
  event(event: LiveEvent): void;
  /** A service is away; it is told once until it is back. */
  problem(problem: Problem): void;
}

/** A watcher that began in the middle, or has fallen behind, and is told all again. */
export interface Watching {
  /** Tells all of it, at once where it is known. */
  refresh(): void;
  stop(): void;
}

/**
 * Lists that people look at (OPS-02). Each is read once a second for all who watch it, and not at all while nobody does, so that
 * nothing is asked of the switch for pages that are not open.
 */
export class LiveFeeds {
  readonly #periodMs: number;
  readonly #feeds = new Map<string, LiveFeed>();

  /** @param periodMs the pause after each reading */
  constructor(periodMs = 1000) {
    this.#periodMs = periodMs;
  }

  /** How many lists are read. */
  get size(): number {
    return this.#feeds.size;
  }

  watch(source: LiveSource, watcher: Watcher): Watching {
    const known = this.#feeds.get(source.name);
    const feed = known ?? new LiveFeed(source, this.#periodMs);
    this.#feeds.set(source.name, feed);
    feed.add(watcher);
    return {
      refresh: () => {
        feed.tellAll(watcher);
      },
      stop: () => {
        feed.remove(watcher);
        if (feed.isWatched || this.#feeds.get(source.name) !== feed) return;
        this.#feeds.delete(source.name);
        feed.close();
      },
    };
  }

  /** Nothing is read any more. */
  close(): void {
    for (const feed of this.#feeds.values()) feed.close();
    this.#feeds.clear();
  }
}

class LiveFeed {
  readonly #source: LiveSource;
  readonly #periodMs: number;
  readonly #rows: LiveRows;
  readonly #watchers = new Set<Watcher>();
  #isKnown = false;
  #isClosed = false;
  #problem: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(source: LiveSource, periodMs: number) {
    this.#source = source;
    this.#periodMs = periodMs;
    this.#rows = new LiveRows(source.key);
    void this.#readOn();
  }

  get isWatched(): boolean {
    return this.#watchers.size > 0;
  }

  add(watcher: Watcher): void {
    this.#watchers.add(watcher);
    this.tellAll(watcher);
  }

  /** Where nothing is known yet, the first reading tells it. */
  tellAll(watcher: Watcher): void {
    if (this.#isKnown) watcher.event(this.#rows.whole());
  }

  remove(watcher: Watcher): void {
    this.#watchers.delete(watcher);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  /** Never rejects: what it throws is told to those who watch. */
  async #readOn(): Promise<void> {
    try {
      const list = await this.#source.read();
      if (!this.#isClosed) this.#tell(list);
    } catch (error) {
      if (!this.#isClosed) this.#tellProblem(problemOf(error));
    }
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => {
      void this.#readOn();
    }, this.#periodMs).unref();
  }

  #tell(list: LiveList): void {
    const change = this.#rows.take(list);
    // Who was told of a failure is told all: what was on the page may have been taken off.
    const isNew = !this.#isKnown || this.#problem !== undefined;
    const event = isNew ? this.#rows.whole() : change;
    this.#isKnown = true;
    this.#problem = undefined;
    if (event === undefined) return;
    for (const watcher of this.#watchers) watcher.event(event);
  }

  #tellProblem(problem: Problem): void {
    if (this.#problem === problem.detail) return;
    this.#problem = problem.detail;
    for (const watcher of this.#watchers) watcher.problem(problem);
  }
}

import { Rounds } from '@tandem/service';
import type { Logger } from '@tandem/service';
import { writeCdrFile } from './adapters/cdr-files.ts';
import { postCdrs } from './adapters/cdr-webhook.ts';
import type { CdrWebhook } from './adapters/cdr-webhook.ts';
import type { CdrTexts } from './core/cdr-csv.ts';
import type { FeedBatch, FeedStore } from './ports.ts';
import { failedFeedBatches, fedCdrs, reportFeedBehind } from './telemetry.ts';

/** One way in which other systems get CDRs. */
export interface CdrFeed {
  readonly name: string;
  /** Pause between two looks, in ms. */
  readonly everyMs: number;
  /** Numbers of CDRs in a batch, at most. */
  readonly most: number;
  /** Has the batch taken; it may have been before. @returns how many CDRs are in it */
  readonly send: (batch: FeedBatch, rows: AsyncIterable<readonly CdrTexts[]>) => Promise<number>;
}

/** Files in a folder, each whole from the moment at which it has its name. */
export function fileFeed(folder: string, everyMs: number): CdrFeed {
  return {
    name: 'files',
    everyMs,
    most: 10_000_000,
    send: (batch, rows) => writeCdrFile({ folder, name: fileName(batch), rows }),
  };
}

/** "cdrs-20261121T100500Z-00000007.csv.gz": the moment at which it was fixed what is in it, and its number. */
function fileName({ batch, plannedAtMs }: FeedBatch): string {
  const at = new Date(plannedAtMs).toISOString().replace(/[-:]|\.\d+/g, '');
  return `cdrs-${at}-${String(batch).padStart(8, '0')}.csv.gz`;
}

/** Requests to a web hook, one after another. */
export function webhookFeed(hook: CdrWebhook): CdrFeed {
  return {
    name: 'webhook',
    everyMs: 1000,
    most: 1000,
    send: async ({ batch }, rows) => {
      const all: CdrTexts[] = [];
      for await (const some of rows) all.push(...some);
      if (all.length > 0) await postCdrs(hook, batch, all);
      return all.length;
    },
  };
}

export interface CdrFeederParts {
  readonly feed: CdrFeed;
  readonly store: FeedStore;
  readonly logger: Logger;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: (() => number) | undefined;
}

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 300_000;

/**
 * Sends CDRs to others in the order in which they were stored, batch by batch, by one process at a time. What is in a batch is fixed before it
 * is sent, and the next one waits until it was taken: so nothing is left out, and what is sent again is the same under the same number.
 */
export class CdrFeeder {
  readonly #parts: CdrFeederParts;
  readonly #rounds: Rounds;
  #failures = 0;
  #notBeforeMs = 0;
  #behind = 0;
  #endReport: (() => void) | undefined;

  constructor(parts: CdrFeederParts) {
    this.#parts = parts;
    this.#rounds = new Rounds(parts.feed.everyMs, (stopped) => this.look(stopped));
  }

  start(): void {
    this.#endReport = reportFeedBehind(this.#parts.feed.name, () => this.#behind);
    this.#rounds.startAtOnce();
  }

  async stop(): Promise<void> {
    this.#endReport?.();
    await this.#rounds.stop();
  }

  /** Sends all that there is; after a failure nothing for a while, up to five minutes. Never rejects. */
  async look(stopped?: AbortSignal): Promise<void> {
    const { feed, logger, now = Date.now, store } = this.#parts;
    if (now() < this.#notBeforeMs) return;
    try {
      await store.alone(feed.name, async () => {
        while (stopped?.aborted !== true && (await this.#sendNext()));
      });
      this.#behind = await store.behind(feed.name);
      this.#failures = 0;
    } catch (error) {
      const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** this.#failures, LONGEST_PAUSE_MS);
      this.#failures += 1;
      this.#notBeforeMs = now() + pauseMs;
      failedFeedBatches.add(1, { feed: feed.name });
      logger.warn(
        { err: error, feed: feed.name, pauseMs },
        'batch of CDRs not taken, trying again',
      );
      this.#behind = await store.behind(feed.name).catch(() => this.#behind);
    }
  }

  /** @returns whether there may be more */
  async #sendNext(): Promise<boolean> {
    const { feed, store } = this.#parts;
    const batch = await store.next(feed.name, feed.most);
    if (batch === undefined) return false;
    let cdrs = 0;
    await store.rows(batch, async (rows) => {
      cdrs = await feed.send(batch, rows);
    });
    await store.sent(batch, cdrs);
    fedCdrs.add(cdrs, { feed: feed.name });
    return batch.isAgain || batch.untilNumber - batch.fromNumber >= feed.most;
  }
}

import { Rounds } from '@tandem/service';
import type { Logger } from '@tandem/service';
import { writeCdrFile } from './adapters/cdr-files.ts';
import { DAY_MS, dayName, dayOf } from './core/days.ts';
import type { CdrPartitionStore, WriteCdrs } from './ports.ts';
import { archivedCdrs, failedArchives } from './telemetry.ts';

export interface CdrHousekeepingParts {
  readonly store: CdrPartitionStore;
  readonly logger: Logger;
  /** So many days of CDRs are kept. @default all of them */
  readonly days?: number | undefined;
  /** Where those that are too old are written before they go. @default they go without a copy */
  readonly archiveDir?: string | undefined;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: (() => number) | undefined;
  /** Pause between two looks, in ms. @default 600000 */
  readonly everyMs?: number | undefined;
}

/** Days that are made ahead, so that nobody misses one while billing or PostgreSQL is away. */
const AHEAD_DAYS = 7;
/** As far back events may come that wait in the log. */
const BEHIND_DAYS = 8;

/** Makes days of CDRs before they come, and takes away those that were kept for their time, once they are in a file (BILL-07). */
export class CdrHousekeeping {
  readonly #parts: CdrHousekeepingParts;
  readonly #rounds: Rounds;

  constructor(parts: CdrHousekeepingParts) {
    this.#parts = parts;
    this.#rounds = new Rounds(parts.everyMs ?? 600_000, () => this.#round());
  }

  start(): void {
    this.#rounds.startAtOnce();
  }

  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  /** Makes what is missing of the days around now. */
  async prepare(): Promise<void> {
    const { store, now = Date.now, logger } = this.#parts;
    const today = dayOf(now());
    const days = await store.prepare(today - BEHIND_DAYS * DAY_MS, today + AHEAD_DAYS * DAY_MS);
    if (days.length > 0) logger.info({ days }, 'days of CDRs made');
  }

  /** Takes away what is too old, oldest first. @returns the days that went */
  async retire(): Promise<readonly string[]> {
    const { store, days, now = Date.now, logger } = this.#parts;
    if (days === undefined) return [];
    const beforeMs = dayOf(now()) - days * DAY_MS;
    const gone: string[] = [];
    await store.alone(async () => {
      for (const partition of await store.old(beforeMs)) {
        await store.retire(partition, this.#writer(partition.label));
        gone.push(partition.label);
        logger.info({ day: partition.label }, 'day of CDRs archived and dropped');
      }
      const other = await store.retireOther(
        beforeMs,
        this.#writer(`other-before-${dayName(beforeMs)}`),
      );
      if (other !== undefined)
        logger.info({ cdrs: other }, 'CDRs without a day archived and dropped');
    });
    return gone;
  }

  #writer(label: string): WriteCdrs {
    const { archiveDir: folder } = this.#parts;
    return async (rows) => {
      if (folder === undefined) return;
      const name = `cdrs-${label}.csv.gz`;
      archivedCdrs.add(await writeCdrFile({ folder, name, rows, further: ['event'] }));
    };
  }

  async #round(): Promise<void> {
    try {
      await this.prepare();
      await this.retire();
    } catch (error) {
      failedArchives.add(1);
      this.#parts.logger.error({ err: error }, 'days of CDRs not tidied, trying again');
    }
  }
}

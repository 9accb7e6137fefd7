import type { EventLogReader } from '@tandem/events';
import { Rounds } from '@tandem/service';
import type { Logger } from '@tandem/service';
import type { Difference, ReconciliationReport, ReconciliationStore } from './ports.ts';

export interface ReconciliationParts {
  readonly store: ReconciliationStore;
  /** Reads the log of events once more; undefined where it keeps none. */
  readonly log: EventLogReader | undefined;
  readonly logger: Logger;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
  /** Pause between two looks whether a day is due, in ms. @default 600000 */
  readonly everyMs?: number;
}

const DAY_MS = 86_400_000;
/** A day is compared when this much of the next one is over: what was late has come by then. */
const SETTLED_MS = 3_600_000;
const MOST_NAMED = 100;

/**
 * Compares each day's events, CDRs and ledger entries with each other (BILL-09), once for all processes: each CDR's price
 * with what is booked, each entry with its CDR, each balance with the sum of its entries, and each event that is still in
 * the log with the CDR that must have come of it. What it finds is reported, and nothing is put right by itself.
 */
export class Reconciliation {
  readonly #parts: ReconciliationParts;
  readonly #rounds: Rounds;
  #differences = 0;

  constructor(parts: ReconciliationParts) {
    this.#parts = parts;
    this.#rounds = new Rounds(parts.everyMs ?? 600_000, () => this.look());
  }

  /** How many differences the last look of this process found, on all days that it compared. */
  get differences(): number {
    return this.#differences;
  }

  start(): void {
    this.#rounds.start();
  }

  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  /**
   * Compares the days until yesterday that are due and that nobody has compared, such as those on which billing or a store
   * was away; a failure is left for the next look.
   */
  async look(): Promise<void> {
    const { store, logger, now = Date.now } = this.#parts;
    const day = dayOf(now() - SETTLED_MS - DAY_MS);
    try {
      if ((await store.missing(day)).length === 0) return;
      await store.alone(async () => {
        let differences = 0;
        for (const missing of await store.missing(day)) {
          differences += (await this.reconcile(missing)).differences.length;
          this.#differences = differences;
        }
      });
    } catch (error) {
      logger.warn({ err: error, day }, 'reconciliation failed, trying again');
    }
  }

  /** Compares one day, given as `2026-11-21`, and keeps the report. */
  async reconcile(day: string): Promise<ReconciliationReport> {
    const { store, logger } = this.#parts;
    const [counts] = await store.counts(day);
    const differences = [...(await store.differences(day))];
    const events = await this.#compareEvents(day, differences);
    const report = { day, counts, events, differences };
    await store.keep(report);
    const facts = { day, ...counts, events, differences: differences.slice(0, 20) };
    if (differences.length === 0) logger.info(facts, 'events, CDRs and ledger agree');
    else logger.error(facts, 'events, CDRs and ledger differ');
    return report;
  }

  async #compareEvents(
    day: string,
    differences: Difference[],
  ): Promise<ReconciliationReport['events']> {
    const { log, store } = this.#parts;
    if (log === undefined) return undefined;
    const fromMs = Date.parse(`${day}T00:00:00Z`);
    const counts = { ended: 0, answered: 0 };
    let unaccounted = 0;
    await log.read({ fromMs, untilMs: fromMs + DAY_MS }, async (events) => {
      const callIds = (type: string): string[] => [
        ...new Set(events.filter(({ head }) => head.type === type).map(({ head }) => head.callId)),
      ];
      const [ended, answered] = [callIds('ended'), callIds('answered')];
      counts.ended += ended.length;
      counts.answered += answered.length;
      for (const callId of await store.unaccounted(ended, answered)) {
        unaccounted += 1;
        if (unaccounted > MOST_NAMED) continue;
        differences.push({ kind: 'event without CDR', subject: callId, expected: '1', found: '0' });
      }
    });
    return counts;
  }
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

import { decodeCallEvent, encodeCallEvent, readCallEventHead } from '@tandem/events';
import type { CallEvent } from '@tandem/proto/events';
import { Rounds } from '@tandem/service';
import type { Logger } from '@tandem/service';
import { endWithoutAnswer, lostEnd, wholeEnd } from './core/call-ends.ts';
import { cdrOf } from './core/cdr-row.ts';
import type { CdrRow } from './core/cdr-row.ts';
import { UnstorableError } from './ports.ts';
import type { BillingStore, OnCharged, ProvisionalKind } from './ports.ts';
import { storeJoined } from './store-batch.ts';
import { closedCalls, deadEvents } from './telemetry.ts';

export interface CallCloserParts {
  readonly store: BillingStore;
  readonly logger: Logger;
  readonly onCharged: OnCharged;
  /** Since when this process has handled all that is in the log. */
  readonly currentSinceMs: () => number | undefined;
  /** The same for as long as this process lives, and of no other one. */
  readonly reader: string;
  /** After this time without a sign of life a call is lost, in ms. @default 3600000 */
  readonly lostAfterMs?: number | undefined;
  /** Pause between two looks, in ms. @default 2000 */
  readonly everyMs?: number | undefined;
}

const AT_ONCE = 500;
/** One look in this many is for calls that are lost: they have waited for long. */
const LOOKS_PER_CLOSING = 5;

/**
 * Ends calls whose end nobody told as a whole (BILL-09): ends that came without their calls' facts are joined with those,
 * whichever came first; a call of which nothing was heard for long is closed at its last sign of life; an end whose call
 * stays unknown is kept as it is. What it concludes is provisional: the call's own end replaces it, whenever that comes.
 *
 * It concludes nothing from silence unless all readers have been up with the log for just as long: while billing is
 * behind, or Kafka is away, every call is silent.
 */
export class CallCloser {
  readonly #parts: CallCloserParts;
  readonly #rounds: Rounds;
  #looks = 0;
  #isAway = false;

  constructor(parts: CallCloserParts) {
    this.#parts = parts;
    this.#rounds = new Rounds(parts.everyMs ?? 2000, () => this.look());
  }

  start(): void {
    this.#rounds.start();
  }

  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  /** One look; a store that is away is left for the next one. */
  async look(): Promise<void> {
    try {
      await this.joinEnds();
      if (this.#looks++ % LOOKS_PER_CLOSING === 0) await this.closeLost();
      if (this.#isAway) this.#parts.logger.info('calls without an end are looked after again');
      this.#isAway = false;
    } catch (error) {
      if (!this.#isAway) this.#parts.logger.warn({ err: error }, 'calls without an end not closed');
      this.#isAway = true;
    }
  }

  /** Makes CDRs of ends that came without facts, as far as the facts are there. */
  async joinEnds(): Promise<void> {
    const { openCalls } = this.#parts.store;
    for (;;) {
      const found = await openCalls.matchedEnds(AT_ONCE);
      const ends = found.map(({ partial, answered }) =>
        wholeEnd(decodeCallEvent(partial), decodeCallEvent(answered)),
      );
      await this.#store(await this.#rowsOf(ends), async (rows) => {
        await storeJoined(rows, this.#parts);
      });
      if (found.length < AT_ONCE) return;
    }
  }

  /** Closes calls of which nothing was heard for long, and keeps ends whose calls stay unknown. */
  async closeLost(): Promise<void> {
    const { store, currentSinceMs, reader, lostAfterMs = 3_600_000 } = this.#parts;
    const progress = await store.openCalls.report(reader, currentSinceMs());
    const beforeMs = progress.nowMs - lostAfterMs;
    if (progress.currentSinceMs === undefined || progress.currentSinceMs > beforeMs) return;
    const { openCalls } = store;
    await this.#close('lost', async () => {
      const quiet = await openCalls.quietCalls(beforeMs, AT_ONCE);
      return quiet.map(({ event, aliveMs }) => lostEnd(decodeCallEvent(event), aliveMs));
    });
    await this.#close('partial', async () => {
      const lonely = await openCalls.lonelyEnds(beforeMs, AT_ONCE);
      return lonely.map((event) => endWithoutAnswer(decodeCallEvent(event)));
    });
  }

  async #close(kind: ProvisionalKind, find: () => Promise<readonly CallEvent[]>): Promise<void> {
    const { store, onCharged, logger } = this.#parts;
    for (;;) {
      const ends = await find();
      await this.#store(await this.#rowsOf(ends), async (rows) => {
        const written = await store.openCalls.writeProvisional(rows, kind);
        // Of a call that was closed as lost before something was heard again, and has been silent for as long anew.
        const known = rows.filter(({ callId }) => !written.callIds.has(callId));
        const again = await store.revise(kind === 'lost' ? known : [], kind);
        const balances = [...written.balances, ...again.balances];
        // What these calls had reserved is found by the next look at what is not charged, where that is still known.
        if (balances.length > 0) await onCharged(balances);
        closedCalls.add(written.stored, { kind });
        const callIds = rows.slice(0, 20).map(({ callId }) => callId);
        logger.warn({ kind, calls: rows.length, callIds }, 'calls closed that nobody ended');
      });
      if (ends.length < AT_ONCE) return;
    }
  }

  /** Stores rows and forgets what was kept of their calls; of rows that the store refuses each stands alone. */
  async #store(
    rows: readonly CdrRow[],
    store: (rows: readonly CdrRow[]) => Promise<void>,
  ): Promise<void> {
    if (rows.length === 0) return;
    try {
      await store(rows);
    } catch (error) {
      if (!(error instanceof UnstorableError)) throw error;
      const [row] = rows;
      if (row === undefined || rows.length > 1) {
        for (const each of rows) await this.#store([each], store);
        return;
      }
      await this.#bury(decodeCallEvent(row.event), error.message);
    }
    await this.#parts.store.openCalls.forget(rows.map(({ callId }) => callId));
  }

  /** The rows of ends; what no CDR can be made of is put aside for good. */
  async #rowsOf(ends: readonly CallEvent[]): Promise<CdrRow[]> {
    const rows: CdrRow[] = [];
    for (const end of ends) {
      const bytes = encodeCallEvent(end);
      const result = cdrOf({ head: readCallEventHead(bytes), bytes });
      if (result.kind === 'usable') rows.push(result.row);
      const problem = result.kind === 'usable' ? problemOf(end, result.row) : result.cause;
      if (problem !== '') await this.#bury(end, problem);
      if (result.kind === 'unusable') await this.#parts.store.openCalls.forget([end.callId]);
    }
    return rows;
  }

  async #bury(end: CallEvent, cause: string): Promise<void> {
    const { store, logger } = this.#parts;
    const { callId, eventId } = end;
    await store.bury([{ position: `event ${eventId}`, cause, value: encodeCallEvent(end) }]);
    deadEvents.add(1, { cause: 'unusable' });
    logger.error({ callId, eventId, cause }, 'event put aside');
  }
}

function problemOf(end: CallEvent, row: CdrRow): string {
  return end.partial ? 'not charged: the answer of the call never came' : row.problem;
}

import { SwitchError } from '@tandem/domain';
import type { Logger, Pool } from '@tandem/service';
import type { JournalBatch } from '../core/journal-batch.ts';
import type { Countries, JournalStore } from '../ports.ts';
import { listEntries, readAnalysis, readHistory } from './pg-journal-queries.ts';
import { writeJournal } from './pg-journal-writes.ts';
import { PgPartitions } from './pg-partitions.ts';

export interface PgJournalStoreParts {
  /** It belongs to the caller, who also closes it. */
  readonly pool: Pool;
  readonly countries: Countries;
  readonly logger: Logger;
}

export function createPgJournalStore({
  countries,
  logger,
  pool,
}: PgJournalStoreParts): JournalStore {
  const partitions = new PgPartitions(pool);
  let isReachable = true;
  const told = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      const result = await work();
      isReachable = true;
      return result;
    } catch (cause) {
      isReachable = isAboutData(cause);
      throw new SwitchError('SWITCH_STORE_UNAVAILABLE', 'PostgreSQL did not answer', { cause });
    }
  };
  const write = async (batch: JournalBatch): Promise<number> => {
    const [first, last] = [batch.entries[0], batch.entries.at(-1)];
    if (first !== undefined && last !== undefined) await partitions.ensure(first.firstMs, last.firstMs); // prettier-ignore
    try {
      await writeJournal(pool, batch, countries);
      return 0;
    } catch (error) {
      if (!isAboutData(error)) throw error;
      // No partition, where another process has dropped it.
      partitions.forget();
      const parts = halves(batch);
      if (parts.length > 1) {
        let unusable = 0;
        for (const part of parts) unusable += await write(part);
        return unusable;
      }
      logger.error({ err: error, ...batch }, 'a message of the journal cannot be kept');
      return 1;
    }
  };
  return {
    write: (batch) => told(() => write(batch)),
    list: (filter) => told(() => listEntries(pool, filter)),
    history: (request) => told(() => readHistory(pool, request)),
    analysis: (request) => told(() => readAnalysis(pool, request)),
    prepare: (fromMs, untilMs) => told(() => partitions.ensure(fromMs, untilMs)),
    drop: ({ entriesMs, hoursMs }) =>
      told(async () => {
        await pool.query(deleteFrom('minute_count'), [entriesMs]);
        await pool.query(deleteFrom('hour_count'), [hoursMs]);
        return partitions.drop(entriesMs);
      }),
    isReachable: () => isReachable,
  };
}

function deleteFrom(table: string): string {
  return `DELETE FROM tandem_journal.${table} WHERE start_at < to_timestamp($1::float8 / 1000)`;
}

/** One that the store refuses is found by halves; a batch of one cannot be halved. */
function halves({ entries, hours, minutes, strays }: JournalBatch): readonly JournalBatch[] {
  const size = entries.length + hours.length + minutes.length;
  if (size <= 1) return [{ entries, hours, minutes, strays }];
  const cut = <Row>(rows: readonly Row[], isFirst: boolean): readonly Row[] => {
    const middle = Math.ceil(rows.length / 2);
    return isFirst ? rows.slice(0, middle) : rows.slice(middle);
  };
  if (Math.max(entries.length, hours.length, minutes.length) === 1) {
    const none = { entries: [], hours: [], minutes: [], strays: 0 };
    return [
      { ...none, entries },
      { ...none, hours },
      { ...none, minutes },
    ].filter((part) => part.entries.length + part.hours.length + part.minutes.length > 0);
  }
  return [true, false].map((isFirst) => ({
    entries: cut(entries, isFirst),
    hours: cut(hours, isFirst),
    minutes: cut(minutes, isFirst),
    strays: 0,
  }));
}

// Classes of SQLSTATE in which trying again is of no use: data exception, constraint, limit exceeded.
function isAboutData(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^(22|23|54)/.test(code);
}

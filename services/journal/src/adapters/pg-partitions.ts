import type { Pool, PoolClient } from '@tandem/service';
import { dayAfter, daysBetween } from '../core/retention.ts';

/** The partitions of the entries, one for each day. */
export class PgPartitions {
  readonly #pool: Pool;
  readonly #known = new Set<number>();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Has those of all days between two moments made. */
  async ensure(fromMs: number, untilMs: number): Promise<void> {
    const missing = daysBetween(fromMs, untilMs).filter((day) => !this.#known.has(day));
    if (missing.length === 0) return;
    await this.#alone(async (client) => {
      for (const day of missing) {
        const [from, until] = [day, dayAfter(day)].map((ms) => new Date(ms).toISOString());
        await client.query(
          `CREATE TABLE IF NOT EXISTS tandem_journal.${nameOf(day)} PARTITION OF tandem_journal.entry
             FOR VALUES FROM ('${String(from)}') TO ('${String(until)}')`,
        );
      }
    });
    for (const day of missing) this.#known.add(day);
  }

  /** Another process has dropped what this one has made. */
  forget(): void {
    this.#known.clear();
  }

  /** Drops those of the days that ended before. @returns how many */
  async drop(beforeMs: number): Promise<number> {
    this.#known.clear();
    return this.#alone(async (client) => {
      const { rows } = await client.query<{ name: string }>(
        `SELECT relname AS name FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
         WHERE inhparent = 'tandem_journal.entry'::regclass`,
      );
      // Names sort as their days do.
      const old = rows.filter(({ name }) => name < nameOf(beforeMs));
      for (const { name } of old) await client.query(`DROP TABLE tandem_journal.${name}`);
      return old.length;
    });
  }

  async #alone<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    try {
      await client.query('BEGIN');
      await client.query(
        `SELECT pg_advisory_xact_lock(hashtextextended('tandem_journal.entry', 0))`,
      );
      const result = await work(client);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch(() => undefined);
      throw error;
    } finally {
      client.release();
    }
  }
}

/** "entry_20260630" */
function nameOf(dayMs: number): string {
  return `entry_${new Date(dayMs).toISOString().slice(0, 10).replaceAll('-', '')}`;
}

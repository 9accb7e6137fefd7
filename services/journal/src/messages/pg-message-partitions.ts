import type { Pool, PoolClient } from '@tandem/service';
import type { Dropped } from './ports.ts';

const HOUR_MS = 3_600_000;
const TABLES = ['message_frame', 'message_key'] as const;

interface Partition {
  readonly hour: string;
  readonly bytes: number;
}

/** The partitions of the messages, one for each hour. */
export class PgMessagePartitions {
  readonly #pool: Pool;
  readonly #known = new Set<number>();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Has those of all hours between two moments made. */
  async ensure(fromMs: number, untilMs: number): Promise<void> {
    const missing: number[] = [];
    for (let hour = hourOf(fromMs); hour <= untilMs; hour += HOUR_MS) {
      if (!this.#known.has(hour)) missing.push(hour);
    }
    if (missing.length === 0) return;
    await this.#alone(async (client) => {
      for (const hour of missing) {
        const [from, until] = [hour, hour + HOUR_MS].map((ms) => new Date(ms).toISOString());
        for (const table of TABLES) {
          await client.query(
            `CREATE TABLE IF NOT EXISTS tandem_journal.${table}_${nameOf(hour)}
               PARTITION OF tandem_journal.${table} FOR VALUES FROM ('${String(from)}') TO ('${String(until)}')`,
          );
        }
      }
    });
    for (const hour of missing) this.#known.add(hour);
  }

  /** Another process has dropped what this one has made. */
  forget(): void {
    this.#known.clear();
  }

  /** Drops hours that ended before a moment, then the oldest until the rest is no larger than it may be. */
  async drop(beforeMs: number, mostBytes: number): Promise<Dropped> {
    this.#known.clear();
    return this.#alone(async (client) => {
      const partitions = await listed(client);
      let bytes = partitions.reduce((sum, one) => sum + one.bytes, 0);
      let hours = 0;
      for (const { bytes: size, hour } of partitions) {
        // Names sort as their hours do.
        if (hour >= nameOf(hourOf(beforeMs)) && bytes <= mostBytes) break;
        for (const table of TABLES) {
          await client.query(`DROP TABLE IF EXISTS tandem_journal.${table}_${hour}`);
        }
        bytes -= size;
        hours += 1;
      }
      return { hours, bytes };
    });
  }

  async #alone<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    try {
      await client.query('BEGIN');
      await client.query(
        `SELECT pg_advisory_xact_lock(hashtextextended('tandem_journal.message_frame', 0))`,
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

/** The oldest first, each with its tables, indexes and what is stored beside them. */
async function listed(client: PoolClient): Promise<readonly Partition[]> {
  const { rows } = await client.query<{ readonly hour: string; readonly bytes: string }>(
    `SELECT right(relname, 10) AS hour, sum(pg_total_relation_size(inhrelid)) AS bytes
     FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
     WHERE inhparent IN ('tandem_journal.message_frame'::regclass, 'tandem_journal.message_key'::regclass)
     GROUP BY hour ORDER BY hour`,
  );
  return rows.map(({ bytes, hour }) => ({ hour, bytes: Number(bytes) }));
}

function hourOf(ms: number): number {
  return Math.floor(ms / HOUR_MS) * HOUR_MS;
}

/** "2026063012" */
function nameOf(hourMs: number): string {
  return new Date(hourMs).toISOString().slice(0, 13).replaceAll(/\D/g, '');
}

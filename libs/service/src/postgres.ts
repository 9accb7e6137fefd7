import { Pool } from 'pg';
import type { Logger } from './logger.ts';

export type { Pool, PoolClient } from 'pg';

/** Where PostgreSQL is, and how many connections may be open to it. */
export interface PoolSettings {
  /** `postgres://user[:password]@host:port/database`. */
  readonly url: string;
  readonly logger: Logger;
  /** Most connections at a time. @default 8 */
  readonly size?: number;
  /** A statement is cancelled after this time; 0 = never. @default 30000 */
  readonly statementTimeoutMs?: number;
  /** Name shown in pg_stat_activity. @default 'tandem' */
  readonly applicationName?: string;
}

/** Opens a pool of connections to PostgreSQL. Close it with `await pool.end()`. */
export function createPool(settings: PoolSettings): Pool {
  const pool = new Pool({
    connectionString: settings.url,
    max: settings.size ?? 8,
    connectionTimeoutMillis: 5000,
    idleTimeoutMillis: 30_000,
    statement_timeout: settings.statementTimeoutMs ?? 30_000,
    application_name: settings.applicationName ?? 'tandem',
    keepAlive: true,
  });
  // An idle connection that breaks is replaced by the pool; unheard, the event would end the process.
  pool.on('error', (error) => {
    // One that is being closed may be broken from the other end first.
    if (pool.ending) return;
    settings.logger.warn({ error: error.message }, 'postgresql connection broke');
  });
  return pool;
}

import { randomUUID } from 'node:crypto';
import { LostJob } from '@tandem/service';
import type { Pool } from '@tandem/service';
import type { ClaimedRerating, NewRerating, Rerating, ReratingStore } from '../rerating-ports.ts';
import { inTransaction } from './pg-cdr-revision.ts';
import { guardedAll } from './pg-failures.ts';
import { bookNext } from './pg-rerating-booking.ts';
import { readLines, readRerating, reratingRows, toRerating } from './pg-rerating-rows.ts';
import type { ReratingRow } from './pg-rerating-rows.ts';

/** Re-ratings in PostgreSQL. The pool belongs to the caller. @param linesAtOnce that one transaction books */
export function pgReratings(pool: Pool, linesAtOnce?: number): ReratingStore {
  return guardedAll<ReratingStore>({
    create: (rerating) => create(pool, rerating),
    get: (id) => readRerating(pool, id),
    list: async (limit, before) => {
      const { rows } = await pool.query<ReratingRow>(
        `${reratingRows} WHERE $2::bigint IS NULL OR id < $2 ORDER BY id DESC LIMIT $1`,
        [limit, before ?? null],
      );
      return rows.map(toRerating);
    },
    lines: (filter) => readLines(pool, filter),
    apply: async (id, appliedBy) => {
      const { rowCount } = await pool.query(
        `UPDATE tandem_billing.rerating SET state = 'applying', begun = 0, cause = '', finished_at = NULL, applied_by = coalesce(applied_by, $2)
         WHERE id = $1 AND (state = 'ready' OR state = 'failed' AND applied_by IS NOT NULL)`,
        [id, appliedBy],
      );
      return rowCount === 1;
    },
    cancel: async (id) => {
      const { rowCount } = await pool.query(
        `UPDATE tandem_billing.rerating SET state = 'cancelled', owner = NULL, finished_at = now()
         WHERE id = $1 AND (state IN ('previewing', 'ready') OR state = 'failed' AND applied_by IS NULL)`,
        [id],
      );
      if (rowCount === 1) await pool.query('DELETE FROM tandem_billing.rerating_line WHERE rerating = $1', [id]); // prettier-ignore
      return rowCount === 1;
    },
    claim: (silentMs) => claim(pool, silentMs),
    isMine: async ({ id, owner }) => {
      const { rowCount } = await pool.query('UPDATE tandem_billing.rerating SET seen_at = now() WHERE id = $1 AND owner = $2', [id, owner]); // prettier-ignore
      // Who has ended it has let go of it.
      return rowCount === 1;
    },
    release: async ({ id, owner }) => {
      await pool.query('UPDATE tandem_billing.rerating SET owner = NULL, begun = begun - 1 WHERE id = $1 AND owner = $2', [id, owner]); // prettier-ignore
    },
    fail: async ({ id, owner }, cause) => {
      const { rowCount } = await pool.query(
        `UPDATE tandem_billing.rerating SET state = 'failed', owner = NULL, cause = $3, finished_at = now() WHERE id = $1 AND owner = $2`,
        [id, owner, cause.slice(0, 1000).replaceAll('\0', '')],
      );
      return rowCount === 1;
    },
    bookNext: async (held) => {
      try {
        return await inTransaction(pool, (client) => bookNext(client, held, linesAtOnce));
      } catch (error) {
        if (error instanceof LostJob) return undefined;
        throw error;
      }
    },
  });
}

async function create(pool: Pool, made: NewRerating): Promise<Rerating | undefined> {
  const { accounts, createdBy, fromMs, held, note, reverses, untilMs, version } = made;
  const { rows } = await pool.query<{ readonly id: string }>(
    `INSERT INTO tandem_billing.rerating (state, from_at, until_at, accounts, version, held, reverses, note, created_by)
     SELECT 'previewing', $1, $2, $3, $4, $5, $6, $7, $8
     WHERE $6::bigint IS NULL OR EXISTS (SELECT FROM tandem_billing.rerating WHERE id = $6 AND state = 'applied')
     ON CONFLICT DO NOTHING RETURNING id`,
    [new Date(fromMs), new Date(untilMs), accounts, version, JSON.stringify(held), reverses ?? null, note, createdBy], // prettier-ignore
  );
  const [row] = rows;
  return row === undefined ? undefined : readRerating(pool, Number(row.id));
}

/** One at a time, of all processes: what a re-rating corrects is what the one before has left. */
const LOCK = `SELECT pg_advisory_xact_lock(hashtext('tandem re-ratings'))`;

function claim(pool: Pool, silentMs: number): Promise<ClaimedRerating | undefined> {
  return inTransaction(pool, async (client) => {
    await client.query(LOCK);
    const silent = `(owner IS NULL OR seen_at < now() - $2 * interval '1 millisecond')`;
    const owner = randomUUID();
    const { rows } = await client.query<{ readonly id: string; readonly begun: number; readonly state: ClaimedRerating['state'] }>(
      `UPDATE tandem_billing.rerating SET owner = $1, seen_at = now(), begun = begun + 1
       WHERE id = (SELECT id FROM tandem_billing.rerating WHERE state IN ('previewing', 'applying') AND ${silent} ORDER BY state, id LIMIT 1)
         AND NOT EXISTS (SELECT FROM tandem_billing.rerating WHERE state IN ('previewing', 'applying') AND NOT ${silent})
       RETURNING id, begun, state`,
      [owner, silentMs],
    ); // prettier-ignore
    const [row] = rows;
    return row && { ...row, id: Number(row.id), owner };
  });
}

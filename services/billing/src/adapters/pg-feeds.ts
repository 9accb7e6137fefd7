import type { Pool } from '@tandem/service';
import type { FeedBatch, FeedStore } from '../ports.ts';
import { spansBack, within } from './pg-cdr-days.ts';
import { inTransaction } from './pg-cdr-revision.ts';
import { cdrTexts } from './pg-cdr-export.ts';
import { aloneAt } from './pg-alone.ts';

/** Feeds in PostgreSQL; failures are those of `pg`. */
export function pgFeeds(pool: Pool): FeedStore {
  return {
    next: async (feed, most) => (await waiting(pool, feed)) ?? plan(pool, feed, most),
    rows: async (batch, take) => {
      await inTransaction(pool, async (client) => {
        await client.query("SET LOCAL statement_timeout = '5min'");
        const { fromNumber, untilNumber } = batch;
        const numbers = `number >= ${String(fromNumber)} AND number < ${String(untilNumber)}`;
        const spans = await spansBack(client);
        await take(
          (async function* () {
            for (const span of spans) {
              yield* cdrTexts(
                client,
                `tandem_billing.cdr WHERE ${numbers} AND ${within(span)} ORDER BY number`,
              );
            }
          })(),
        );
      });
    },
    sent: async ({ feed, batch }, cdrs) => {
      await pool.query(SENT, [feed, batch, cdrs]);
    },
    behind: async (feed) => {
      const found = await pool.query<{ readonly behind: string }>(BEHIND, [feed]);
      return Number(found.rows[0]?.behind ?? 0);
    },
    alone: (feed, work) => aloneAt(pool, `tandem_billing.feed ${feed}`, work),
  };
}

interface BatchRow {
  readonly batch: string;
  readonly from_number: string;
  readonly until_number: string;
  readonly planned_at: Date;
}

const WAITING = `
SELECT batch, from_number, until_number, planned_at FROM tandem_billing.feed_batch
WHERE feed = $1 AND sent_at IS NULL ORDER BY batch LIMIT 1`;

async function waiting(pool: Pool, feed: string): Promise<FeedBatch | undefined> {
  const { rows } = await pool.query<BatchRow>(WAITING, [feed]);
  return rows[0] && { ...toBatch(feed, rows[0]), isAgain: true };
}

// Numbers until here are given, and nobody who was given one has not come to an end.
const HIGHEST = `
SELECT CASE WHEN is_called THEN last_value + 1 ELSE last_value END AS until FROM tandem_billing.cdr_number`;

// A feed begins with what is stored after it was set up.
const PLAN = `
WITH last AS (
  SELECT batch, until_number FROM tandem_billing.feed_batch WHERE feed = $1 ORDER BY batch DESC LIMIT 1
), first AS (
  INSERT INTO tandem_billing.feed_batch (feed, batch, from_number, until_number, sent_at, cdrs)
  SELECT $1, 0, $2::bigint, $2::bigint, clock_timestamp(), 0 WHERE NOT EXISTS (SELECT FROM last)
)
INSERT INTO tandem_billing.feed_batch (feed, batch, from_number, until_number)
SELECT $1, batch + 1, until_number, least($2::bigint, until_number + $3::bigint) FROM last WHERE until_number < $2::bigint
RETURNING batch, from_number, until_number, planned_at`;

async function plan(pool: Pool, feed: string, most: number): Promise<FeedBatch | undefined> {
  const until = await inTransaction(pool, async (client) => {
    await client.query("SET LOCAL lock_timeout = '5s'");
    await client.query(
      `SELECT pg_advisory_xact_lock(hashtextextended('tandem_billing.cdr_number', 0))`,
    );
    return (await client.query<{ readonly until: string }>(HIGHEST)).rows[0]?.until;
  });
  const { rows } = await pool.query<BatchRow>(PLAN, [feed, until, most]);
  return rows[0] && toBatch(feed, rows[0]);
}

const SENT = `
WITH old AS (
  DELETE FROM tandem_billing.feed_batch WHERE feed = $1 AND batch < $2::bigint AND sent_at < now() - interval '90 days'
)
UPDATE tandem_billing.feed_batch SET sent_at = clock_timestamp(), cdrs = $3 WHERE feed = $1 AND batch = $2::bigint`;

const BEHIND = `
SELECT greatest(0, (SELECT CASE WHEN is_called THEN last_value + 1 ELSE last_value END FROM tandem_billing.cdr_number)
  - (SELECT max(until_number) FROM tandem_billing.feed_batch WHERE feed = $1 AND sent_at IS NOT NULL)) AS behind`;

function toBatch(feed: string, row: BatchRow): FeedBatch {
  return {
    feed,
    batch: Number(row.batch),
    fromNumber: Number(row.from_number),
    untilNumber: Number(row.until_number),
    plannedAtMs: row.planned_at.getTime(),
    isAgain: false,
  };
}

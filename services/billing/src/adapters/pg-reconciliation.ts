import type { Pool, PoolClient } from '@tandem/service';
import { DAY_MS } from '../core/days.ts';
import { correctionOf } from './pg-cdr-corrections.ts';
import { startsOf, within } from './pg-cdr-days.ts';
import { textColumn } from './pg-columns.ts';
import type { DayCounts, Difference, ReconciliationReport, ReconciliationStore } from '../ports.ts';

/** Counts and comparisons in PostgreSQL; failures are those of `pg`. */
export function pgReconciliation(pool: Pool): ReconciliationStore {
  return {
    missing: async (until) => {
      const found = await pool.query<{ readonly day: string }>(MISSING, [until]);
      return found.rows.map(({ day }) => day);
    },
    alone: (work) => alone(pool, work),
    counts: async (day) =>
      (await unhurried(pool, counts(began(day)), [day])) as unknown as readonly [DayCounts],
    differences: async (day) => {
      const of = began(day);
      const found: Difference[] = [];
      for (const text of [charges(of), entries(around(day)), BALANCES, rollups(of)]) {
        const rows = await unhurried(pool, text, text.includes('$1') ? [day] : []);
        found.push(...(rows as unknown as Difference[]));
      }
      const known = await startsOf(
        pool,
        found.flatMap(({ call_id: callId }: Found) => callId ?? []),
      );
      return found
        .filter(({ call_id: callId }: Found) => typeof callId !== 'string' || !known.has(callId))
        .map(({ kind, subject, expected, found: had }) => ({
          kind,
          subject,
          expected,
          found: had,
        }));
    },
    unaccounted: async (ended, answered) => {
      const known = await startsOf(pool, [...ended, ...answered]);
      const missing = [ended, answered].map((all) => all.filter((callId) => !known.has(callId)));
      const result = await pool.query<{ readonly call_id: string }>(
        UNACCOUNTED,
        missing.map((callIds) => textColumn(callIds, (callId) => callId)),
      );
      return result.rows.map((row) => row.call_id);
    },
    keep: async (report) => {
      await pool.query(KEEP, [report.day, report.differences.length, JSON.stringify(report)]);
    },
    reports: async (limit) => {
      const found = await pool.query<{ readonly report: ReconciliationReport; readonly at: Date }>(
        'SELECT report, at FROM tandem_billing.reconciliation ORDER BY day DESC LIMIT $1',
        [limit],
      );
      return found.rows.map(({ report, at }) => ({ ...report, doneAtMs: at.getTime() }));
    },
  };
}

/** Any number, the same in all processes. */
const LOCK = 7_263_190;

/** One process at a time; undefined where another one is at it. */
async function alone<T>(pool: Pool, work: () => Promise<T>): Promise<T | undefined> {
  const client = await pool.connect();
  try {
    const locked = await client.query<{ readonly is_mine: boolean }>(
      'SELECT pg_try_advisory_lock($1) AS is_mine',
      [LOCK],
    );
    if (locked.rows[0]?.is_mine !== true) return undefined;
    try {
      return await work();
    } finally {
      await client.query('SELECT pg_advisory_unlock($1)', [LOCK]);
    }
  } finally {
    client.release();
  }
}

/** A day of a large switch takes longer than the time-out of other statements. */
async function unhurried(
  pool: Pool,
  text: string,
  values: readonly unknown[],
): Promise<readonly Record<string, unknown>[]> {
  const client: PoolClient = await pool.connect();
  try {
    await client.query("BEGIN READ ONLY; SET LOCAL statement_timeout = '1h'");
    const result = await client.query<Record<string, unknown>>(text, [...values]);
    await client.query('COMMIT');
    client.release();
    return result.rows;
  } catch (error) {
    client.release(true);
    throw error;
  }
}

/** So far back days are made up for: as long as Kafka keeps a day's events where nothing else is set. */
const MOST_DAYS = 7;

// Days since the newest report; the day asked for alone where there is no report yet.
const MISSING = `
SELECT to_char(($1::date - ago)::timestamp, 'YYYY-MM-DD') AS day
FROM generate_series(least(${String(MOST_DAYS)}, $1::date
  - (SELECT coalesce(max(day), $1::date - 1) FROM tandem_billing.reconciliation)) - 1, 0, -1) AS ago`;

const SPAN = `day AS (
  SELECT $1::date::timestamp AT TIME ZONE 'UTC' AS from_at, ($1::date + 1)::timestamp AT TIME ZONE 'UTC' AS until_at
)`;

type Found = Difference & { readonly call_id?: string | null };

/** Calls that began on a day. */
function began(day: string): string {
  const fromMs = Date.parse(day);
  return within({ fromMs, untilMs: fromMs + DAY_MS });
}

/** Calls that may have ended on a day, but for very long ones, which are looked for one by one. */
function around(day: string): string {
  const fromMs = Date.parse(day);
  return within({ fromMs: fromMs - 2 * DAY_MS, untilMs: fromMs + 2 * DAY_MS });
}

const counts = (of: string): string => `
WITH ${SPAN}
SELECT
  (SELECT count(*)::int FROM tandem_billing.cdr WHERE ${of}) AS cdrs,
  (SELECT count(*)::int FROM tandem_billing.cdr WHERE ${of} AND answered_at IS NOT NULL) AS answered,
  (SELECT count(*)::int FROM tandem_billing.ledger, day WHERE at >= from_at AND at < until_at) AS entries,
  (SELECT count(*)::int FROM tandem_billing.provisional_cdr) AS provisional,
  (SELECT count(*)::int FROM tandem_billing.answered_call, day WHERE answered_at < until_at) AS open,
  (SELECT count(*)::int FROM tandem_billing.partial_end, day WHERE ended_at < until_at) AS "partialEnds",
  (SELECT count(*)::int FROM tandem_billing.dead_event, day WHERE at >= from_at AND at < until_at) AS dead`;

/** Each difference names at most this many cases; the first tells where to look. */
const MOST = 100;

// What a CDR says that a call costs is what the ledger has for it: the charge and, where the closer was wrong, its revision.
const charges = (of: string): string => `
WITH side AS (
  SELECT call_id, 'call' AS of, customer_account AS account, price AS amount, '' AS whose FROM tandem_billing.cdr WHERE ${of}
  UNION ALL
  SELECT call_id, 'cost', vendor_account, cost, '' FROM tandem_billing.cdr WHERE ${of}
  UNION ALL
  SELECT call_id, 'call', (level->>'account') COLLATE "C", (level->>'price')::numeric, ' of ' || (level->>'account')
  FROM tandem_billing.cdr, jsonb_array_elements(levels) AS level WHERE levels IS NOT NULL AND ${of}
), compared AS (
  SELECT side.*,
    coalesce((SELECT -sum(entry.amount) FROM tandem_billing.ledger entry
      WHERE entry.account = side.account AND entry.reference = side.of || ' ' || side.call_id), 0)
    + coalesce((SELECT -sum(entry.amount) FROM tandem_billing.ledger entry
      WHERE entry.account = side.account
        AND entry.reference >= 'revised ' || side.of || ' ' || side.call_id || ' '
        AND entry.reference < 'revised ' || side.of || ' ' || side.call_id || '!'), 0) AS booked
  FROM side
)
SELECT 'charge' AS kind, of || ' ' || call_id || whose AS subject, amount::text AS expected, booked::text AS found
FROM compared WHERE amount <> booked LIMIT ${String(MOST)}`;

const entries = (of: string): string => `
WITH ${SPAN}
SELECT 'entry without CDR' AS kind, account || ' ' || reference AS subject, '' AS expected, amount::text AS found, call_id
FROM tandem_billing.ledger entry, day
WHERE at >= from_at AND at < until_at AND call_id IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM tandem_billing.cdr WHERE cdr.call_id = entry.call_id AND ${of})
LIMIT ${String(MOST)}`;

// BILL-06: what is added up of calls is what their CDRs come to, with what re-ratings have booked for them.
const rollups = (of: string): string => `
WITH ${SPAN}, kept AS (
  SELECT customer, sum(calls) AS calls, sum(answered) AS answered, sum(price) AS price, sum(cost) AS cost
  FROM tandem_billing.traffic_hour, day WHERE hour >= from_at AND hour < until_at GROUP BY 1
), counted AS (
  SELECT coalesce(customer_account, '') AS customer, count(*) AS calls, count(answered_at) AS answered,
    sum(price + ${correctionOf('call')}) AS price, sum(cost + ${correctionOf('cost')}) AS cost
  FROM tandem_billing.cdr WHERE ${of} GROUP BY 1
)
SELECT 'rollup' AS kind, customer AS subject,
  format('%s calls, %s answered, price %s, cost %s', coalesce(counted.calls, 0), coalesce(counted.answered, 0),
    trim_scale(coalesce(counted.price, 0)), trim_scale(coalesce(counted.cost, 0))) AS expected,
  format('%s calls, %s answered, price %s, cost %s', coalesce(kept.calls, 0), coalesce(kept.answered, 0),
    trim_scale(coalesce(kept.price, 0)), trim_scale(coalesce(kept.cost, 0))) AS found
FROM kept FULL JOIN counted USING (customer)
WHERE (coalesce(kept.calls, 0), coalesce(kept.answered, 0), coalesce(kept.price, 0), coalesce(kept.cost, 0))
  <> (coalesce(counted.calls, 0), coalesce(counted.answered, 0), coalesce(counted.price, 0), coalesce(counted.cost, 0))
LIMIT ${String(MOST)}`;

const BALANCES = `
SELECT 'balance' AS kind, coalesce(known.account, summed.account) AS subject,
  coalesce(summed.amount, 0)::text || ' of ' || coalesce(summed.entries, 0)::text || ' entries' AS expected,
  coalesce(known.balance, 0)::text || ' of ' || coalesce(known.entries, 0)::text || ' entries' AS found
FROM tandem_billing.account_balance known
FULL JOIN (
  SELECT account, sum(amount) AS amount, count(*) AS entries FROM tandem_billing.ledger GROUP BY account
) summed USING (account)
WHERE coalesce(known.balance, 0) <> coalesce(summed.amount, 0) OR coalesce(known.entries, 0) <> coalesce(summed.entries, 0)
LIMIT ${String(MOST)}`;

// An end that has no CDR waits for its facts, or was put aside; an answer may also wait for its end.
const UNACCOUNTED = `
SELECT call_id FROM (
  SELECT call_id, true AS is_ended FROM unnest($1::text[]) AS row(call_id)
  UNION ALL
  SELECT call_id, false FROM unnest($2::text[]) AS row(call_id)
) told
WHERE NOT EXISTS (SELECT 1 FROM tandem_billing.partial_end WHERE partial_end.call_id = told.call_id)
  AND NOT (NOT is_ended AND EXISTS (SELECT 1 FROM tandem_billing.answered_call WHERE answered_call.call_id = told.call_id))
  AND NOT EXISTS (SELECT 1 FROM tandem_billing.dead_event
    WHERE position IN ('event ' || told.call_id || '.ended.1', 'event ' || told.call_id || '.answered.1'))`;

const KEEP = `
INSERT INTO tandem_billing.reconciliation (day, differences, report) VALUES ($1, $2, $3::jsonb)
ON CONFLICT (day) DO UPDATE SET at = now(), differences = excluded.differences, report = excluded.report`;

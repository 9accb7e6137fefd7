import type { Pool, PoolClient } from '@tandem/service';
import { DAY_MS, dayOf } from '../core/days.ts';
import { textColumn } from './pg-columns.ts';

/** A span of starts of calls; open where nothing is said. */
export interface Span {
  readonly fromMs?: number | undefined;
  /** Before this. */
  readonly untilMs?: number | undefined;
}

/** Days whose partitions one statement looks at: each costs a lock for itself and for each of its indexes. */
const DAYS_AT_ONCE = 40;
/** Most calls that are asked after are of today or yesterday. */
const NEWEST_DAYS = 2;

/**
 * A condition on the start of calls, its moments in the text of the statement: so partitions of other days are left out when it is planned,
 * and not locked.
 */
export function within({ fromMs, untilMs }: Span, column = 'started_at'): string {
  const conditions = [
    ...(fromMs === undefined ? [] : [`${column} >= ${moment(fromMs)}`]),
    ...(untilMs === undefined ? [] : [`${column} < ${moment(untilMs)}`]),
  ];
  return conditions.length === 0 ? 'true' : conditions.join(' AND ');
}

/** The same for one moment. */
export function at(startedMs: number): string {
  return `started_at = ${moment(startedMs)}`;
}

/** The whole days, UTC, in which calls began, and what they are called; one day where there is no call. */
export function daysOf(startedMs: readonly number[]): {
  readonly name: string;
  readonly condition: (column: string) => string;
} {
  let [first, last] = [Infinity, -Infinity];
  for (const ms of startedMs) [first, last] = [Math.min(first, ms), Math.max(last, ms)];
  const span =
    first > last
      ? { fromMs: 0, untilMs: DAY_MS }
      : { fromMs: dayOf(first), untilMs: dayOf(last) + DAY_MS };
  return {
    name: `${String(span.fromMs / DAY_MS)} ${String(span.untilMs / DAY_MS)}`,
    condition: (column) => within(span, column),
  };
}

/** All of a span, cut into some days at a time, the newest first. */
export async function spansBack(
  pool: Pool | PoolClient,
  span: Span = {},
): Promise<readonly Span[]> {
  const known = await partitionDays(pool);
  const [oldest, last] = [known.at(0), known.at(-1)];
  if (oldest === undefined || last === undefined) return [span];
  const edges: number[] = [];
  // Days are made ahead. Where the edges are decides how long it takes, and nothing else.
  const newest = Math.min(last, dayOf(Date.now()));
  let edge = newest - NEWEST_DAYS * DAY_MS;
  for (; edge > oldest; edge -= DAYS_AT_ONCE * DAY_MS) edges.push(edge);
  edges.push(oldest);
  const { fromMs = -Infinity, untilMs = Infinity } = span;
  const inside = edges.filter((ms) => ms > fromMs && ms < untilMs);
  const starts = [...inside, span.fromMs];
  return starts.map((start, index) => ({
    fromMs: start,
    untilMs: index === 0 ? span.untilMs : inside[index - 1],
  }));
}

/** The days that have a partition of their own, oldest first. */
export async function partitionDays(pool: Pool | PoolClient): Promise<readonly number[]> {
  const found = await pool.query<{ readonly day: string }>(
    `SELECT substr(relname, 5) AS day FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
     WHERE inhparent = 'tandem_billing.cdr'::regclass AND relname ~ '^cdr_[0-9]{8}$' ORDER BY 1`,
  );
  return found.rows.map(({ day }) =>
    Date.parse(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T00:00:00Z`),
  );
}

/** When the calls began that have a CDR, of those that are named; of several CDRs of one call the newest. */
export async function startsOf(
  pool: Pool | PoolClient,
  callIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const starts = new Map<string, number>();
  let missing = [...new Set(callIds)];
  if (missing.length === 0) return starts;
  for (const span of await spansBack(pool)) {
    const found = await pool.query<{ readonly call_id: string; readonly started_at: Date }>(
      `SELECT call_id, max(started_at) AS started_at FROM tandem_billing.cdr
       WHERE call_id = ANY ($1::text[]) AND ${within(span)} GROUP BY call_id`,
      [textColumn(missing, (callId) => callId)],
    );
    for (const row of found.rows) starts.set(row.call_id, row.started_at.getTime());
    missing = missing.filter((callId) => !starts.has(callId));
    if (missing.length === 0) break;
  }
  return starts;
}

function moment(ms: number): string {
  return `'${new Date(ms).toISOString()}'::timestamptz`;
}

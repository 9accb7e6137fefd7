import type { Pool } from '@tandem/service';
import type { CdrRow } from '../core/cdr-row.ts';
import type { ReceivedEvent } from '../core/received-event.ts';
import type {
  ClosedCalls,
  MatchedEnd,
  OpenCallStore,
  ProvisionalKind,
  QuietCall,
} from '../ports.ts';
import { inTransaction, markProvisional } from './pg-cdr-revision.ts';
import { startsOf } from './pg-cdr-days.ts';
import { byteColumn, plainColumn, textColumn } from './pg-columns.ts';
import { writeBatch } from './pg-write-batch.ts';

/** Open calls in PostgreSQL; failures are those of `pg`. */
export function pgOpenCalls(pool: Pool): OpenCallStore {
  const eventsOf = async (text: string, values: unknown[]): Promise<readonly Uint8Array[]> =>
    (await pool.query<{ readonly event: Buffer }>(text, values)).rows.map(({ event }) => event);
  return {
    keepPartialEnds: (events) => keepPartialEnds(pool, events),
    matchedEnds: async (limit) => (await pool.query<MatchedEnd>(MATCHED_ENDS, [limit])).rows,
    quietCalls: (beforeMs, limit) => quietCalls(pool, beforeMs, limit),
    lonelyEnds: async (beforeMs, limit) => {
      const found = await pool.query<{ readonly event: Buffer }>(LONELY_ENDS, [beforeMs, limit]);
      return found.rows.map(({ event }) => event);
    },
    writeProvisional: (rows, kind) => writeProvisional(pool, rows, kind),
    partialEnds: async (callIds) => {
      const found = await pool.query<{ readonly event: Buffer }>(PARTIAL_ENDS, [
        textColumn(callIds, (callId) => callId),
      ]);
      return found.rows.map(({ event }) => event);
    },
    standing: (after, limit) => eventsOf(STANDING, [after, limit]),
    standingOf: (callIds) => eventsOf(STANDING_OF, [textColumn(callIds, (callId) => callId)]),
    charged: async (callIds) => [...(await startsOf(pool, callIds)).keys()],
    forget: async (callIds) => {
      await pool.query(FORGET, [textColumn(callIds, (callId) => callId)]);
    },
    report: (reader, currentSinceMs) => report(pool, reader, currentSinceMs),
  };
}

const STANDING = `
SELECT event FROM tandem_billing.answered_call WHERE call_id > $1 ORDER BY call_id LIMIT $2`;

const STANDING_OF = `
SELECT event FROM tandem_billing.answered_call WHERE call_id = ANY ($1::text[])`;

const KEEP_PARTIAL_ENDS = `
INSERT INTO tandem_billing.partial_end (call_id, ended_at, event)
SELECT call_id, to_timestamp(ended_ms / 1000::float8), substring($4::bytea FROM first_byte::integer FOR bytes)
FROM (
  SELECT *, 1 + sum(bytes) OVER (ROWS UNBOUNDED PRECEDING) - bytes AS first_byte
  FROM unnest($1::text[], $2::bigint[], $3::integer[]) AS row(call_id, ended_ms, bytes)
) partial
WHERE NOT (call_id = ANY ($5::text[])) OR (SELECT 1 FROM tandem_billing.provisional_cdr known
      WHERE known.call_id = partial.call_id AND known.kind = 'lost') IS NOT NULL
ON CONFLICT DO NOTHING`;

async function keepPartialEnds(pool: Pool, events: readonly ReceivedEvent[]): Promise<void> {
  const { bytes, lengths } = byteColumn(events.map((event) => event.bytes));
  const known = await startsOf(
    pool,
    events.map(({ head }) => head.callId),
  );
  await pool.query(KEEP_PARTIAL_ENDS, [
    textColumn(events, (event) => event.head.callId),
    plainColumn(events, (event) => event.head.endedMs),
    plainColumn(lengths, (length) => length),
    bytes,
    textColumn([...known.keys()], (callId) => callId),
  ]);
}

// The facts are in the call's answer, in the CDR of a call that was closed as lost, or came after the closer had given up.
const MATCHED_ENDS = `
SELECT * FROM (
  SELECT end_of.event AS partial, coalesce(answer.event, tandem_billing.cdr_event(mark.call_id, mark.started_at)) AS answered
  FROM tandem_billing.partial_end end_of
  LEFT JOIN tandem_billing.answered_call answer USING (call_id)
  LEFT JOIN tandem_billing.provisional_cdr mark ON mark.call_id = end_of.call_id AND mark.kind = 'lost'
  WHERE answer.event IS NOT NULL OR mark.call_id IS NOT NULL
  UNION ALL
  SELECT tandem_billing.cdr_event(mark.call_id, mark.started_at), answer.event
  FROM tandem_billing.provisional_cdr mark
  JOIN tandem_billing.answered_call answer ON answer.call_id = mark.call_id
  WHERE mark.kind = 'partial'
) matched WHERE partial IS NOT NULL AND answered IS NOT NULL
LIMIT $1`;

const PARTIAL_ENDS = `
SELECT event FROM tandem_billing.partial_end WHERE call_id = ANY ($1::text[])
UNION ALL
SELECT tandem_billing.cdr_event(call_id, started_at) FROM tandem_billing.provisional_cdr mark
WHERE mark.call_id = ANY ($1::text[]) AND mark.kind = 'partial'`;

const QUIET_CALLS = `
SELECT call_id, alive_at, event FROM tandem_billing.answered_call call
WHERE alive_at < to_timestamp($1::float8 / 1000)
  AND NOT EXISTS (SELECT 1 FROM tandem_billing.partial_end ending WHERE ending.call_id = call.call_id)
ORDER BY alive_at LIMIT $2`;

async function quietCalls(
  pool: Pool,
  beforeMs: number,
  limit: number,
): Promise<readonly QuietCall[]> {
  const found = await pool.query<{
    readonly call_id: string;
    readonly alive_at: Date;
    readonly event: Buffer;
  }>(QUIET_CALLS, [beforeMs, limit]);
  return found.rows.map((row) => ({
    callId: row.call_id,
    aliveMs: row.alive_at.getTime(),
    event: row.event,
  }));
}

const LONELY_ENDS = `
SELECT event FROM tandem_billing.partial_end ending
WHERE at < to_timestamp($1::float8 / 1000)
  AND NOT EXISTS (SELECT 1 FROM tandem_billing.answered_call call WHERE call.call_id = ending.call_id)
ORDER BY at LIMIT $2`;

/** What it found open was closed by its own end in between: all is undone, and left for the next look. */
async function writeProvisional(
  pool: Pool,
  rows: readonly CdrRow[],
  kind: ProvisionalKind,
): Promise<ClosedCalls> {
  return inTransaction(pool, async (client) => {
    const known = await startsOf(
      client,
      rows.map((row) => row.callId),
    );
    const fresh = rows.filter(({ callId }) => !known.has(callId));
    const written = await writeBatch(client, { ended: fresh, answered: [] }, kind === 'partial');
    if (written.stored < fresh.length) throw new Error('a call has ended in between');
    await markProvisional(client, fresh, kind);
    return { ...written, callIds: new Set(fresh.map(({ callId }) => callId)) };
  });
}

const FORGET = `
WITH quiet AS (DELETE FROM tandem_billing.answered_call WHERE call_id = ANY ($1::text[]))
DELETE FROM tandem_billing.partial_end WHERE call_id = ANY ($1::text[])`;

/** A reader that has said nothing for this long no longer reads; its partitions went to others, who began anew. */
const REPORT = `
WITH mine AS (
  INSERT INTO tandem_billing.reader (name, current_since, seen_at)
  VALUES ($1, to_timestamp($2::float8 / 1000), clock_timestamp())
  ON CONFLICT (name) DO UPDATE SET current_since = excluded.current_since, seen_at = excluded.seen_at
  RETURNING current_since
), gone AS (
  DELETE FROM tandem_billing.reader WHERE seen_at < now() - interval '1 day' AND name <> $1
), readers AS (
  SELECT current_since FROM mine
  UNION ALL
  SELECT current_since FROM tandem_billing.reader WHERE name <> $1 AND seen_at > now() - interval '2 minutes'
)
SELECT extract(epoch FROM clock_timestamp()) * 1000 AS now_ms,
  CASE WHEN bool_and(current_since IS NOT NULL) THEN extract(epoch FROM max(current_since)) * 1000 END AS since_ms
FROM readers`;

async function report(
  pool: Pool,
  reader: string,
  currentSinceMs: number | undefined,
): Promise<{ readonly nowMs: number; readonly currentSinceMs: number | undefined }> {
  const result = await pool.query<{ readonly now_ms: string; readonly since_ms: string | null }>(
    REPORT,
    [reader, currentSinceMs ?? null],
  );
  const [row] = result.rows;
  const since = row?.since_ms ?? null;
  return { nowMs: Number(row?.now_ms), currentSinceMs: since === null ? undefined : Number(since) };
}

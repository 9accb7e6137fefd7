import { MOST_OVERHEAD, readRecords, writeRecord } from '@tandem/events';
import type { PassedMessage } from '@tandem/events';
import type { Trace } from '@tandem/proto/messages';
import type { Pool, PoolClient } from '@tandem/service';
import { keptMessage } from './kept-message.ts';
import { orUnavailable } from './pg-store-faults.ts';
import type { TraceStore, TracedMessages } from './ports.ts';

const COLUMNS = `id, about, addresses, users, created_at, created_by, until_at, ended_at, count, most`;
const time = (place: number): string => `to_timestamp($${String(place)}::float8 / 1000)`;

/** Traces in PostgreSQL. @param pool belongs to the caller */
export function createPgTraceStore(pool: Pool): TraceStore {
  const ask = async (text: string, values: unknown[] = []): Promise<readonly Trace[]> =>
    (await pool.query<TraceRow>(text, values)).rows.map(toTrace);
  return {
    create: (trace) => orUnavailable(create(pool, trace)),
    active: (nowMs) =>
      orUnavailable(
        ask(
          `SELECT ${COLUMNS} FROM tandem_journal.trace WHERE ended_at IS NULL AND until_at > ${time(1)}`,
          [nowMs],
        ),
      ),
    list: () =>
      orUnavailable(ask(`SELECT ${COLUMNS} FROM tandem_journal.trace ORDER BY created_at DESC`)),
    add: (id, found) => orUnavailable(inTransaction(pool, (client) => add(client, id, found))),
    end: (id, nowMs) => orUnavailable(end(pool, id, nowMs)),
    read: (id, page) => orUnavailable(read(pool, id, page)),
    drop: async (beforeMs, most) => {
      await orUnavailable(
        ask(
          `DELETE FROM tandem_journal.trace WHERE until_at < ${time(1)} OR id IN (
             SELECT id FROM tandem_journal.trace ORDER BY created_at DESC OFFSET $2) RETURNING ${COLUMNS}`,
          [beforeMs, most],
        ),
      );
    },
  };
}

async function create(pool: Pool, trace: Trace): Promise<void> {
  const { about, addresses, createdBy, createdMs, id, most, untilMs, users } = trace;
  await pool.query(
    `INSERT INTO tandem_journal.trace (id, about, addresses, users, created_at, created_by, until_at, most)
     VALUES ($1, $2, $3, $4, ${time(5)}, $6, ${time(7)}, $8)`,
    [id, about, addresses, users, createdMs, createdBy, untilMs, most],
  );
}

async function add(client: PoolClient, id: string, found: TracedMessages): Promise<void> {
  // Who adds holds the row until its batch can be seen.
  const { rows } = await client.query<{ readonly count: number; readonly most: number }>(
    'SELECT count, most FROM tandem_journal.trace WHERE id = $1 AND ended_at IS NULL FOR UPDATE',
    [id],
  );
  const [trace] = rows;
  if (trace === undefined) return;
  const messages = found.messages.slice(0, trace.most - trace.count);
  const kept = await client.query(
    `INSERT INTO tandem_journal.trace_batch (trace, frame, pod, records) VALUES ($1, $2, $3, $4)
     ON CONFLICT (trace, frame) DO NOTHING`,
    [id, found.frame, found.pod, recordsOf(messages)],
  );
  if (kept.rowCount === 0) return;
  await client.query(
    `UPDATE tandem_journal.trace SET count = count + $2,
       ended_at = CASE WHEN count + $2 >= most THEN now() END WHERE id = $1`,
    [id, messages.length],
  );
}

async function end(pool: Pool, id: string, nowMs: number): Promise<Trace | undefined> {
  const { rows } = await pool.query<TraceRow>(
    `UPDATE tandem_journal.trace SET ended_at = coalesce(ended_at, least(until_at, ${time(2)}))
     WHERE id = $1 RETURNING ${COLUMNS}`,
    [id, nowMs],
  );
  return rows[0] && toTrace(rows[0]);
}

async function read(
  pool: Pool,
  id: string,
  { after, limit }: { readonly after: number; readonly limit: number },
): ReturnType<TraceStore['read']> {
  const [traces, batches] = await Promise.all([
    pool.query<TraceRow>(`SELECT ${COLUMNS} FROM tandem_journal.trace WHERE id = $1`, [id]),
    pool.query<{ readonly place: string; readonly pod: string; readonly records: Buffer }>(
      `SELECT place, pod, records FROM tandem_journal.trace_batch
       WHERE trace = $1 AND place > $2 ORDER BY place LIMIT $3`,
      [id, after, limit],
    ),
  ]);
  const [row] = traces.rows;
  if (row === undefined) return undefined;
  const messages = batches.rows.flatMap(({ pod, records }) =>
    readRecords(records).map((message) => keptMessage(message, pod)),
  );
  return {
    trace: toTrace(row),
    messages: messages.sort((one, other) => one.atMs - other.atMs),
    last: Number(batches.rows.at(-1)?.place ?? after),
  };
}

function recordsOf(messages: readonly PassedMessage[]): Buffer {
  const size = messages.reduce((sum, { bytes }) => sum + bytes.length + MOST_OVERHEAD, 0);
  const buffer = Buffer.alloc(size);
  let at = 0;
  for (const message of messages) {
    at = writeRecord(buffer, at, { bytes: message.bytes, passage: message, atMs: message.atMs });
  }
  return buffer.subarray(0, at);
}

async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
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

interface TraceRow {
  readonly id: string;
  readonly about: string;
  readonly addresses: string[];
  readonly users: string[];
  readonly created_at: Date;
  readonly created_by: string;
  readonly until_at: Date;
  readonly ended_at: Date | null;
  readonly count: number;
  readonly most: number;
}

function toTrace(row: TraceRow): Trace {
  const { about, addresses, count, created_at, created_by, ended_at, id, most, until_at, users } =
    row;
  return {
    id,
    about,
    addresses,
    users,
    createdMs: created_at.getTime(),
    createdBy: created_by,
    untilMs: until_at.getTime(),
    endedMs: ended_at?.getTime() ?? 0,
    count,
    most,
  };
}

import type { Pool, PoolClient } from '@tandem/service';
import { cdrColumns } from '../core/cdr-csv.ts';
import type { CdrColumn, CdrTexts } from '../core/cdr-csv.ts';
import type { CdrFilter, CdrPage } from '../ports.ts';
import { spansBack } from './pg-cdr-days.ts';
import { listStatement } from './pg-cdr-queries.ts';

const moment = (column: string): string =>
  `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const expressions: Readonly<Partial<Record<CdrColumn, string>>> = {
  started_at: moment('started_at'),
  answered_at: moment('answered_at'),
  ended_at: moment('ended_at'),
  stored_at: moment('stored_at'),
  // NULL in rows of earlier versions.
  duration_ms:
    'coalesce(duration_ms, (extract(epoch FROM ended_at - answered_at) * 1000)::bigint, 0)::text',
  price: 'trim_scale(price)::text',
  cost: 'trim_scale(cost)::text',
};

/** What is selected of a CDR, everything as text; behind it, to go on from there, start and call id. */
const TEXTS = cdrColumns.map((name) => expressions[name] ?? `${name}::text`).join(', ');
const NEEDED = [...cdrColumns].join(', ');

/** A page of CDRs, oldest first, as texts. What is asked for by `after` comes behind that call. */
export async function exportCdrs(pool: Pool, filter: CdrFilter): Promise<CdrPage> {
  const { after, limit, untilMs } = filter;
  const fromMs =
    after === undefined ? filter.fromMs : Math.max(after.startedMs, filter.fromMs ?? 0);
  const rows: CdrTexts[] = [];
  for (const span of [...(await spansBack(pool, { fromMs, untilMs }))].reverse()) {
    const { text, values } = listStatement({ ...filter, limit: limit - rows.length }, span, {
      columns: NEEDED,
      direction: 'ASC',
    });
    const found = await pool.query<(string | null)[]>({
      text: `SELECT ${TEXTS} FROM (${text}) AS found`,
      values,
      rowMode: 'array',
    });
    rows.push(...found.rows);
    if (rows.length >= limit) break;
  }
  return { rows, last: placeOf(rows.at(-1)) };
}

function placeOf(row: CdrTexts | undefined): CdrPage['last'] {
  const [callId, startedAt] = row ?? [];
  if (typeof callId !== 'string' || typeof startedAt !== 'string') return undefined;
  return { callId, startedMs: Date.parse(startedAt) };
}

const ROWS_AT_ONCE = 2000;

/**
 * Rows of one statement, some at a time, in a transaction that goes on meanwhile; there is never more than one of them in memory.
 * @param from what follows FROM
 * @param further expressions behind the columns that every file has
 */
export async function* cdrTexts(
  client: PoolClient,
  from: string,
  further: readonly string[] = [],
): AsyncGenerator<readonly CdrTexts[]> {
  await client.query(
    `DECLARE cdrs NO SCROLL CURSOR FOR SELECT ${[TEXTS, ...further].join(', ')} FROM ${from}`,
  );
  for (;;) {
    const { rows } = await client.query<(string | null)[]>({
      text: `FETCH ${String(ROWS_AT_ONCE)} FROM cdrs`,
      rowMode: 'array',
    });
    if (rows.length === 0) break;
    yield rows;
  }
  await client.query('CLOSE cdrs');
}

import { readCallEventHead } from '@tandem/events';
import type { Pool, PoolClient } from '@tandem/service';
import { cdrRowColumns } from '../core/cdr-csv.ts';
import type { CdrTexts } from '../core/cdr-csv.ts';
import { rateTexts } from '../core/cdr-rate-texts.ts';
import type { CdrFilter, CdrPage } from '../ports.ts';
import { spansBack } from './pg-cdr-days.ts';
import { listStatement } from './pg-cdr-queries.ts';

const moment = (column: string): string =>
  `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const expressions: Readonly<Partial<Record<(typeof cdrRowColumns)[number], string>>> = {
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

/** What is selected of a CDR, everything as text; behind it its levels and its event. */
const TEXTS = [...cdrRowColumns.map((name) => expressions[name] ?? `${name}::text`), 'levels', 'event'].join(', '); // prettier-ignore
const NEEDED = [...cdrRowColumns, 'levels', 'event'].join(', ');

/** A row of `TEXTS` as the texts of `cdrColumns`. @param hasEvent with the whole event behind them, base64 */
function textsOf(row: readonly unknown[], hasEvent = false): CdrTexts {
  const event = row.at(-1) as Buffer;
  const texts = [...(row.slice(0, cdrRowColumns.length) as CdrTexts), ...rateTexts(row.at(-2), customerTerms(event))]; // prettier-ignore
  return hasEvent ? [...texts, event.toString('base64')] : texts;
}

/** Of an event that can be read. */
function customerTerms(event: Uint8Array): Uint8Array {
  try {
    return readCallEventHead(event).customerTerms;
  } catch {
    return NO_TERMS;
  }
}

const NO_TERMS = new Uint8Array();

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
    const found = await pool.query<unknown[]>({
      text: `SELECT ${TEXTS} FROM (${text}) AS found`,
      values,
      rowMode: 'array',
    });
    rows.push(...found.rows.map((row) => textsOf(row)));
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
 * @param hasEvent with the whole event, base64, behind the columns that every file has, so that nothing is lost
 */
export async function* cdrTexts(
  client: PoolClient,
  from: string,
  hasEvent = false,
): AsyncGenerator<readonly CdrTexts[]> {
  await client.query(`DECLARE cdrs NO SCROLL CURSOR FOR SELECT ${TEXTS} FROM ${from}`);
  for (;;) {
    const { rows } = await client.query<unknown[]>({
      text: `FETCH ${String(ROWS_AT_ONCE)} FROM cdrs`,
      rowMode: 'array',
    });
    if (rows.length === 0) break;
    yield rows.map((row) => textsOf(row, hasEvent));
  }
  await client.query('CLOSE cdrs');
}

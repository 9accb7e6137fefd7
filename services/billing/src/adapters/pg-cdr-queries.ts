import { bareNumber } from '@tandem/domain';
import type { Pool } from '@tandem/service';
import { decodeCallEvent } from '@tandem/events';
import { CallEvent } from '@tandem/proto/events';
import { readLevels } from '../core/cdr-levels.ts';
import { durationMs } from '../core/rating.ts';
import type { CdrFilter, StoredCdr } from '../ports.ts';
import { correctionsOf } from './pg-cdr-corrections.ts';
import { spansBack, within } from './pg-cdr-days.ts';
import type { Span } from './pg-cdr-days.ts';
import { nanos } from './pg-ledger.ts';

const COLUMNS = `call_id, started_at, stored_at, billed_seconds, duration_ms, price, currency, cost, cost_currency, levels, event`;

/** Most CDRs that one SIP Call-ID is answered with. */
const MOST_FOUND = 100;

/** Lists CDRs, newest first, or oldest first. */
export async function listCdrs(pool: Pool, filter: CdrFilter): Promise<readonly StoredCdr[]> {
  const { after, isOldestFirst, limit } = filter;
  const isForward = isOldestFirst === true;
  const shape: ListShape = { columns: COLUMNS, direction: isForward ? 'ASC' : 'DESC' };
  const fromMs =
    after !== undefined && isForward ? later(filter.fromMs, after.startedMs) : filter.fromMs;
  const untilMs =
    after === undefined || isForward
      ? filter.untilMs
      : earlier(filter.untilMs, after.startedMs + 1);
  const found: StoredCdr[] = [];
  const back = await spansBack(pool, { fromMs, untilMs });
  for (const span of isForward ? [...back].reverse() : back) {
    const left = limit - found.length;
    const { text, values } = listStatement({ ...filter, limit: left }, span, shape);
    const result = await pool.query<CdrRecord>(text, values);
    found.push(...result.rows.map(toStoredCdr));
    if (found.length >= limit) break;
  }
  return corrected(pool, found);
}

function earlier(one: number | undefined, other: number): number {
  return one === undefined ? other : Math.min(one, other);
}

function later(one: number | undefined, other: number): number {
  return one === undefined ? other : Math.max(one, other);
}

/**
 * CDRs of a call id or a SIP Call-ID of either leg, newest first. Who uses a Call-ID again does so within days: older ones are looked for
 * where there are no newer ones.
 */
export async function findCdrs(pool: Pool, callId: string): Promise<readonly StoredCdr[]> {
  for (const span of await spansBack(pool)) {
    const matches = ['call_id', 'a_sip_call_id', 'b_sip_call_id'].map(
      (column) =>
        `SELECT ${COLUMNS} FROM tandem_billing.cdr WHERE ${column} = $1 AND ${within(span)}`,
    );
    const result = await pool.query<CdrRecord>(
      `${matches.join(' UNION ')} ORDER BY started_at DESC, call_id DESC LIMIT ${String(MOST_FOUND)}`,
      [callId],
    );
    if (result.rows.length > 0) return corrected(pool, result.rows.map(toStoredCdr));
  }
  return [];
}

/**
 * An account may be customer or vendor, a gateway be on either side, a number be kept with + or without: each combination
 * is a query of its own that walks one index in the order asked for; an OR would make PostgreSQL walk the whole time range.
 */
export function listStatement(
  filter: CdrFilter,
  span: Span,
  { columns, direction }: ListShape = { columns: COLUMNS, direction: 'DESC' },
): { text: string; values: unknown[] } {
  const values: unknown[] = [];
  const bind = (value: unknown): string => `$${String(values.push(value))}`;
  const common = [within(span), ...commonConditions(filter, bind, direction)];
  const order = `ORDER BY started_at ${direction}, call_id ${direction} LIMIT`;
  const limit = bind(filter.limit);
  const branches = combined([
    accounts(filter.account, bind),
    sides(['origin', 'gateway'], filter.gateway, bind),
    spellings('caller', filter.caller, bind),
    spellings('callee', filter.callee, bind),
    beginnings('caller', filter.callerPrefix, bind),
    beginnings('callee', filter.calleePrefix, bind),
  ]).map((picked) => {
    const conditions = [...common, ...picked];
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    return `(SELECT ${columns} FROM tandem_billing.cdr ${where} ${order} ${limit})`;
  });
  const text = `SELECT * FROM (${branches.join(' UNION ')}) AS found ${order} ${limit}`;
  return { text: branches.length === 1 ? (branches[0] ?? '') : text, values };
}

/** With what re-ratings have booked since. */
async function corrected(pool: Pool, cdrs: readonly StoredCdr[]): Promise<readonly StoredCdr[]> {
  const corrections = await correctionsOf(pool, cdrs.map(({ callId }) => callId)); // prettier-ignore
  if (corrections.size === 0) return cdrs;
  return cdrs.map((cdr) => ({ ...cdr, corrections: corrections.get(cdr.callId) }));
}

interface ListShape {
  readonly columns: string;
  /** Of time. */
  readonly direction: 'ASC' | 'DESC';
}

type Bind = (value: unknown) => string;

function sides(columns: readonly string[], value: string | undefined, bind: Bind): string[][] {
  return value === undefined ? [[]] : columns.map((column) => [`${column} = ${bind(value)}`]);
}

/** As customer, vendor, or reseller above the customer. */
function accounts(name: string | undefined, bind: Bind): string[][] {
  const found = sides(['customer_account', 'vendor_account'], name, bind);
  if (name === undefined) return found;
  return [...found, [`levels @> ${bind(JSON.stringify([{ account: name }]))}::jsonb`]];
}

/** +44 and 44 are the same number; each is kept as it was dialled. */
function spellings(column: string, number: string | undefined, bind: Bind): string[][] {
  if (number === undefined) return [[]];
  const bare = bareNumber(number);
  return [bare, `+${bare}`].map((spelling) => [`${column} = ${bind(spelling)}`]);
}

/** Numbers that begin so, each spelling by a walk of the index. */
function beginnings(column: string, prefix: string | undefined, bind: Bind): string[][] {
  if (prefix === undefined) return [[]];
  const bare = bareNumber(prefix);
  return [bare, `+${bare}`].map((from) => [
    `${column} >= ${bind(from)} AND ${column} < ${bind(behind(from))}`,
  ]);
}

/** The first text, by bytes, behind all that begin so. Numbers are ASCII. */
function behind(prefix: string): string {
  return `${prefix.slice(0, -1)}${String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)}`;
}

/** One condition of each list, in every combination. */
function combined(lists: readonly string[][][]): string[][] {
  return lists.reduce<string[][]>(
    (found, list) => found.flatMap((before) => list.map((each) => [...before, ...each])),
    [[]],
  );
}

function commonConditions(
  filter: CdrFilter,
  bind: Bind,
  direction: ListShape['direction'],
): string[] {
  const { reason, code, after, address, isFailed } = filter;
  const conditions: string[] = [];
  if (reason !== undefined) conditions.push(`reason = ${bind(reason)}`);
  if (code !== undefined) conditions.push(`code = ${bind(code)}`);
  if (address !== undefined) conditions.push(`address = ${bind(address)}`);
  if (isFailed === true) conditions.push('answered_at IS NULL');
  if (after !== undefined) {
    const place = `(${time(after.startedMs, bind)}, ${bind(after.callId)})`;
    conditions.push(`(started_at, call_id) ${direction === 'ASC' ? '>' : '<'} ${place}`);
  }
  return conditions;
}

function time(ms: number, bind: Bind): string {
  return `to_timestamp(${bind(ms)}::float8 / 1000)`;
}

interface CdrRecord {
  readonly call_id: string;
  readonly started_at: Date;
  readonly stored_at: Date;
  readonly billed_seconds: string;
  readonly duration_ms: string | null;
  readonly price: string;
  readonly currency: string | null;
  readonly cost: string;
  readonly cost_currency: string | null;
  readonly levels: unknown;
  readonly event: Buffer;
}

function toStoredCdr(record: CdrRecord): StoredCdr {
  const event = eventOf(record);
  return {
    callId: record.call_id,
    startedMs: record.started_at.getTime(),
    storedAtMs: record.stored_at.getTime(),
    billedSeconds: Number(record.billed_seconds),
    durationMs: record.duration_ms === null ? durationOf(event) : Number(record.duration_ms),
    price: nanos(record.price),
    currency: record.currency ?? '',
    cost: nanos(record.cost),
    costCurrency: record.cost_currency ?? '',
    levels: readLevels(record.levels),
    event,
  };
}

/** Of a row that an earlier version wrote. */
function durationOf(event: CallEvent): number {
  return durationMs({ ...event, chargedToAlive: Number(event.chargedToAlive) });
}

// A list must not end at one event that cannot be read: that one shows its call id alone.
function eventOf({ call_id: callId, event }: CdrRecord): CallEvent {
  try {
    return decodeCallEvent(event);
  } catch {
    return CallEvent.create({ callId });
  }
}

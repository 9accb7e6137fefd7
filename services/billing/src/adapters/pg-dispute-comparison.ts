import { formatMoney, parseMoney } from '@tandem/domain';
import { decodeCallEvent } from '@tandem/events';
import type { PoolClient } from '@tandem/service';
import { CallMatcher, comparableNumber } from '../core/dispute-matching.ts';
import type { Pairing, SidedCall } from '../core/dispute-matching.ts';
import { DisputeTally } from '../core/dispute-sums.ts';
import type { DifferenceKind } from '../core/dispute-sums.ts';
import type { Dispute, ToldCall } from '../dispute-ports.ts';
import { correctionOf } from './pg-cdr-corrections.ts';
import { spansBack, within } from './pg-cdr-days.ts';
import { levelOf } from './pg-cdr-levels.ts';
import { plainColumn, textColumn } from './pg-columns.ts';
import { keepCalls, keyOf } from './pg-dispute-calls.ts';
import type { KeptCall } from './pg-dispute-calls.ts';
import { readDispute, writtenSums } from './pg-dispute-rows.ts';
import { nanos } from './pg-ledger.ts';

const ROWS_AT_ONCE = 2000;
/** A call may ring so long before it is answered. */
const RINGING_MS = 3_600_000;

/**
 * Compares the next dispute that waits for it, in the transaction that holds it: of both sides there are never more than some thousand
 * calls in memory. @returns its id; undefined where there is none
 */
export async function compareNext(client: PoolClient): Promise<number | undefined> {
  const { rows } = await client.query<{ readonly id: string; readonly attempt: string }>(
    `SELECT id, attempt FROM tandem_billing.dispute WHERE state = 'comparing' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED`,
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const id = Number(row.id);
  const dispute = await readDispute(client, id);
  if (dispute === undefined) return undefined;
  // It sorts millions of rows.
  await client.query('SET LOCAL statement_timeout = 0');
  await keepOurs(client, dispute, row.attempt);
  const tally = await compare(client, dispute, row.attempt);
  await client.query('DELETE FROM tandem_billing.dispute_call WHERE dispute = $1', [id]);
  await client.query(
    `UPDATE tandem_billing.dispute SET state = 'done', sums = $2, done_at = clock_timestamp() WHERE id = $1`,
    [id, JSON.stringify(writtenSums(tally.sums))],
  );
  return id;
}

interface CdrRow {
  readonly call_id: string;
  readonly started_at: Date;
  readonly answered_at: Date | null;
  readonly duration_ms: string;
  readonly price: string;
  readonly caller: string | null;
  readonly callee: string | null;
  readonly event: Buffer;
}

/** The calls of the other side, which is $1, and what it owes or is owed for each: expressions of SQL. Of a reseller those under it, too (ADR 101). */
function oursOf({ account, side }: Dispute): { readonly whose: string; readonly price: string; readonly values: readonly string[] } {
  if (side === 'vendor') return { whose: 'vendor_account = $1', price: `cost + ${correctionOf('cost', '$1')}`, values: [account] };
  const level = `${levelOf('price', '$1')}::numeric + ${correctionOf('level', '$1')}`;
  return {
    whose: '(customer_account = $1 OR levels @> $2::jsonb)',
    price: `CASE WHEN customer_account = $1 THEN price + ${correctionOf('call', '$1')} ELSE ${level} END`,
    values: [account, JSON.stringify([{ account }])],
  };
} // prettier-ignore

/** Ours, with numbers as that side saw them. */
async function keepOurs(client: PoolClient, dispute: Dispute, attempt: string): Promise<void> {
  const { fromMs, id, tolerances, untilMs } = dispute;
  const { price, values, whose } = oursOf(dispute);
  const { startTimes, timeMs, unanswered } = tolerances;
  const span = { fromMs: fromMs - timeMs - RINGING_MS, untilMs: untilMs + timeMs };
  let place = 0;
  for (const each of await spansBack(client, span)) {
    await client.query(
      `DECLARE ours NO SCROLL CURSOR FOR SELECT call_id, started_at, answered_at, caller, callee, event,
         ${price} AS price,
         coalesce(duration_ms, (extract(epoch FROM ended_at - answered_at) * 1000)::bigint, 0) AS duration_ms
       FROM tandem_billing.cdr WHERE ${whose} AND ${within(each)} ${unanswered ? '' : 'AND answered_at IS NOT NULL'}`,
      [...values],
    );
    for (;;) {
      const { rows } = await client.query<CdrRow>(`FETCH ${String(ROWS_AT_ONCE)} FROM ours`);
      if (rows.length === 0) break;
      const calls: KeptCall[] = [];
      for (const row of rows) {
        const startMs = (startTimes ? row.started_at : (row.answered_at ?? row.started_at)).getTime(); // prettier-ignore
        if (startMs < fromMs - timeMs || startMs >= untilMs + timeMs) continue;
        place += 1;
        calls.push(ourCall(row, { startMs, place, dispute }));
      }
      await keepCalls(client, { dispute: id, attempt, isOurs: true, calls });
    }
    await client.query('CLOSE ours');
  }
}

function ourCall(
  row: CdrRow,
  { dispute, place, startMs }: { readonly startMs: number; readonly place: number; readonly dispute: Dispute }, // prettier-ignore
): KeptCall {
  const { callers, digits, ourPrefix } = dispute.tolerances;
  const { callee, caller } = numbersOf(row, dispute.side);
  return {
    id: row.call_id,
    caller,
    callee,
    startMs,
    durationMs: Number(row.duration_ms),
    price: nanos(row.price),
    line: 0,
    place,
    key: keyOf(
      comparableNumber(callee, { digits, prefix: ourPrefix }),
      callers ? comparableNumber(caller, { digits, prefix: '' }) : '',
    ),
  };
}

/** As they came from a customer, or went to a vendor. */
function numbersOf(row: CdrRow, side: Dispute['side']): { caller: string; callee: string } {
  const { callee, caller } = row;
  if (side === 'vendor') {
    const { b } = decodeCallEvent(row.event);
    if (b !== undefined && b.callee !== '') return { caller: b.caller, callee: b.callee };
  }
  return { caller: caller ?? '', callee: callee ?? '' };
}

type RowCall = SidedCall & { readonly told: ToldCall };

interface CallRow {
  readonly is_ours: boolean;
  readonly place: string;
  readonly key: string;
  readonly start_ms: string;
  readonly duration_ms: string;
  readonly price: string | null;
  readonly id: string;
  readonly caller: string;
  readonly callee: string;
}

async function compare(
  client: PoolClient,
  dispute: Dispute,
  attempt: string,
): Promise<DisputeTally> {
  const { fromMs, tolerances, untilMs } = dispute;
  const { durationMs, price, timeMs } = tolerances;
  const tally = new DisputeTally({ fromMs, untilMs, durationMs, price: parseMoney(price) });
  const matcher = new CallMatcher<RowCall>(timeMs);
  const found = new Differences(client, dispute.id);
  const take = async (pairings: readonly Pairing<RowCall>[]): Promise<void> => {
    for (const pairing of pairings) {
      const kind = tally.add(pairing);
      if (kind !== undefined) await found.add(kind, pairing);
    }
  };
  await client.query(
    `DECLARE calls NO SCROLL CURSOR FOR
     SELECT is_ours, place, key, start_ms, duration_ms, price, id, caller, callee FROM tandem_billing.dispute_call
     WHERE dispute = $1 AND attempt = $2 ORDER BY key, start_ms, is_ours, place`,
    [dispute.id, attempt],
  );
  for (;;) {
    const { rows } = await client.query<CallRow>(`FETCH ${String(ROWS_AT_ONCE)} FROM calls`);
    if (rows.length === 0) break;
    for (const row of rows) await take(matcher.add(toCall(row)));
  }
  await take(matcher.end());
  await client.query('CLOSE calls');
  await found.flush();
  return tally;
}

function toCall(row: CallRow): RowCall {
  const { callee, caller, id, is_ours: isOurs, key } = row;
  const place = Number(row.place);
  const startMs = Number(row.start_ms);
  const durationMs = Number(row.duration_ms);
  const price = row.price === null ? undefined : nanos(row.price);
  const told = { id, caller, callee, startMs, durationMs, price, line: isOurs ? 0 : place };
  return { isOurs, key, startMs, durationMs, price, place, told };
}

/** Writes differences some at a time. */
class Differences {
  readonly #client: PoolClient;
  readonly #dispute: number;
  #waiting: { kind: DifferenceKind; ours: string; theirs: string }[] = [];
  #written = 0;

  constructor(client: PoolClient, dispute: number) {
    this.#client = client;
    this.#dispute = dispute;
  }

  async add(kind: DifferenceKind, { ours, theirs }: Pairing<RowCall>): Promise<void> {
    this.#waiting.push({ kind, ours: written(ours), theirs: written(theirs) });
    if (this.#waiting.length >= ROWS_AT_ONCE) await this.flush();
  }

  async flush(): Promise<void> {
    const rows = this.#waiting;
    this.#waiting = [];
    const places = rows.map((_, index) => this.#written + index + 1);
    await this.#client.query(
      `INSERT INTO tandem_billing.dispute_difference (dispute, place, kind, ours, theirs)
       SELECT $1, place, kind, ours::jsonb, theirs::jsonb
       FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[]) AS row(place, kind, ours, theirs)`,
      [
        this.#dispute,
        plainColumn(places, (place) => place),
        textColumn(rows, ({ kind }) => kind),
        textColumn(rows, ({ ours }) => ours),
        textColumn(rows, ({ theirs }) => theirs),
      ],
    );
    this.#written += rows.length;
  }
}

function written(call: RowCall | undefined): string {
  if (call === undefined) return '';
  const { price, ...told } = call.told;
  return JSON.stringify({ ...told, price: price === undefined ? null : formatMoney(price) });
}

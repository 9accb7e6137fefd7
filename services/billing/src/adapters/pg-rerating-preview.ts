import type { SheetVersion } from '@tandem/config';
import { formatMoney } from '@tandem/domain';
import { LostJob } from '@tandem/service';
import type { Pool, PoolClient } from '@tandem/service';
import { DAY_MS, dayOf } from '../core/days.ts';
import { Preview } from '../core/rerating/preview.ts';
import type { CallSource, PreviewPlace, WrittenPreview } from '../core/rerating/preview.ts';
import { rateAgain } from '../rerating/rated-call.ts';
import type { AccountRates } from '../rerating/rated-call.ts';
import type { ChargeSide, ClaimedRerating, ReratedLine, Rerating } from '../rerating-ports.ts';
import { inTransaction } from './pg-cdr-revision.ts';
import { correctionOf } from './pg-cdr-corrections.ts';
import { within } from './pg-cdr-days.ts';
import { levelOf } from './pg-cdr-levels.ts';
import { plainColumn, textColumn } from './pg-columns.ts';
import { nanos } from './pg-ledger.ts';
import { reratingRows, toRerating } from './pg-rerating-rows.ts';
import type { ReratingRow } from './pg-rerating-rows.ts';

/** Calls that are in memory at once. */
const CALLS_AT_ONCE = 5000;

/** What a preview rates by. */
export interface PreviewRates {
  readonly sources: readonly CallSource[];
  readonly ratesOf: (account: string) => AccountRates;
}

/** A preview that somebody has in hand, from where it is. */
interface HeldPreview {
  readonly rerating: Rerating;
  readonly sheets: readonly SheetVersion[] | undefined;
  readonly progress: WrittenPreview | undefined;
}

/** @throws LostJob where it is somebody else's by now */
export async function readPreviewOf(pool: Pool, claim: ClaimedRerating): Promise<HeldPreview> {
  const { rows } = await pool.query<ReratingRow>(`${reratingRows} WHERE id = $1 AND owner = $2`, [
    claim.id,
    claim.owner,
  ]);
  const [row] = rows;
  if (row === undefined) throw new LostJob();
  return { rerating: toRerating(row), sheets: row.sheets ?? undefined, progress: row.progress ?? undefined }; // prettier-ignore
}

/** Who goes on with a preview rates by the same sheets as who began it. */
export async function keepSheets(
  pool: Pool,
  { id, owner }: ClaimedRerating,
  sheets: readonly SheetVersion[],
): Promise<void> {
  const { rowCount } = await pool.query(
    'UPDATE tandem_billing.rerating SET sheets = $3 WHERE id = $1 AND owner = $2',
    [id, owner, JSON.stringify(sheets)],
  );
  if (rowCount !== 1) throw new LostJob();
}

/**
 * Rates the calls of a period once more, some thousand at a time. Their lines are written with the place up to which they are, in one
 * transaction that fails where another process has taken the preview over: each call is in it once.
 * @throws LostJob where it is somebody else's by now
 */
export async function previewCalls(
  pool: Pool,
  claim: ClaimedRerating,
  { held, rates, callsAtOnce = CALLS_AT_ONCE }: { readonly held: HeldPreview; readonly rates: PreviewRates; readonly callsAtOnce?: number }, // prettier-ignore
): Promise<void> {
  const { progress, rerating } = held;
  const { sources } = rates;
  const preview = new Preview(progress);
  const start = { source: 0, startedMs: rerating.fromMs, callId: '' };
  let place: PreviewPlace = progress?.place ?? start;
  let lines = rerating.lines;
  for (;;) {
    const source = sources[place.source];
    if (source === undefined) break;
    const untilMs = Math.min(rerating.untilMs, dayOf(place.startedMs) + DAY_MS);
    const calls = await callsBehind(pool, source, { place, untilMs, limit: callsAtOnce });
    const found: NumberedLine[] = [];
    for (const call of calls) {
      const line = rated(call, source, rates.ratesOf(source.account));
      if (preview.count(line)) found.push({ ...line, place: (lines += 1), number: call.number });
    }
    preview.rank(found);
    place = nextPlace(place, calls.at(-1), { isFull: calls.length === callsAtOnce, untilMs, rerating }); // prettier-ignore
    const kept = { place, sources: sources.length, ...preview.written() };
    await inTransaction(pool, async (client) => {
      await keepProgress(client, claim, { kept, lines });
      await keepLines(client, rerating.id, found);
    });
  }
  await finish(pool, claim);
}

/** A reversal: what the other one has booked, taken back. Its lines are copied by PostgreSQL. */
export async function previewReversal(
  pool: Pool,
  claim: ClaimedRerating,
  reverses: number,
): Promise<void> {
  await inTransaction(pool, async (client) => {
    await client.query('DELETE FROM tandem_billing.rerating_line WHERE rerating = $1', [claim.id]);
    const { rowCount } = await client.query(REVERSED, [claim.id, reverses]);
    const { rows } = await client.query<{
      readonly account: string;
      readonly side: ChargeSide;
      readonly currency: string;
      readonly calls: string;
      readonly before: string;
      readonly after: string;
    }>(REVERSED_SUMS, [claim.id]);
    const sums = rows.map((row) => ({ ...row, calls: Number(row.calls), differing: Number(row.calls), unrated: 0 })); // prettier-ignore
    const place = { source: 0, startedMs: 0, callId: '' };
    const kept = { place, sources: 0, sums, dearest: [] };
    await keepProgress(client, claim, { kept, lines: rowCount ?? 0 });
  });
  await finish(pool, claim);
}

// What stands now, and that less what the other one has booked: of the ledger, since lines may have been skipped.
const REVERSED = `
INSERT INTO tandem_billing.rerating_line (rerating, place, call_id, started_at, number, side, account, callee, before, after, currency, why)
SELECT $1, row_number() OVER (ORDER BY line.place), line.call_id, line.started_at, line.number, line.side, line.account, line.callee,
  line.after, line.after + entry.amount, line.currency, 're-rating ' || $2::bigint || ' is taken back'
FROM tandem_billing.rerating_line line JOIN tandem_billing.ledger entry ON entry.account = line.account
  AND entry.reference = 'rerated ' || line.side || ' ' || line.call_id || ' ' || $2::bigint
WHERE line.rerating = $2::bigint AND line.after IS NOT NULL`;

const REVERSED_SUMS = `
SELECT account, side, currency, count(*) AS calls, trim_scale(sum(before))::text AS before, trim_scale(sum(after))::text AS after
FROM tandem_billing.rerating_line WHERE rerating = $1 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`;

interface CallRow {
  readonly call_id: string;
  readonly started_at: Date;
  readonly number: string | null;
  readonly amount: string;
  readonly currency: string | null;
  readonly event: Buffer;
}

type NumberedLine = ReratedLine & { readonly number: string | null };

/** Where the charges of a source are in a CDR: expressions of SQL, with what their further parameter is. */
function chargesOf({ account, gateway, side }: CallSource): {
  readonly whose: string;
  readonly price: string;
  readonly currency: string;
  readonly further: readonly string[];
} {
  switch (side) {
    case 'call':
      return { whose: 'customer_account = $1', price: 'price', currency: 'currency', further: [] };
    case 'level': {
      const price = `${levelOf('price', '$1')}::numeric`;
      return { whose: 'levels @> $4::jsonb', price, currency: levelOf('currency', '$1'), further: [JSON.stringify([{ account }])] }; // prettier-ignore
    }
    case 'cost': {
      const [whose, further] = gateway === undefined ? ['vendor_account = $1', []] : ['vendor_account IS NULL AND gateway = $4', [gateway]]; // prettier-ignore
      return { whose, price: 'cost', currency: 'cost_currency', further };
    }
  }
}

async function callsBehind(
  pool: Pool,
  source: CallSource,
  { limit, place, untilMs }: { readonly place: PreviewPlace; readonly untilMs: number; readonly limit: number }, // prettier-ignore
): Promise<readonly CallRow[]> {
  const { currency, further, price, whose } = chargesOf(source);
  const { rows } = await pool.query<CallRow>(
    `SELECT call_id, started_at, number, ${price} + ${correctionOf(source.side, '$1')} AS amount, ${currency} AS currency, event
     FROM tandem_billing.cdr
     WHERE ${whose} AND answered_at IS NOT NULL AND ${within({ fromMs: place.startedMs, untilMs })}
       AND (started_at, call_id) > ($2, $3)
     ORDER BY started_at, call_id LIMIT ${String(limit)}`,
    [source.account, new Date(place.startedMs), place.callId, ...further],
  );
  return rows;
}

function rated(
  { amount, call_id: callId, currency, event, started_at }: CallRow,
  { account, side }: CallSource,
  rates: AccountRates,
): Omit<ReratedLine, 'place'> {
  const before = nanos(amount);
  const startedMs = started_at.getTime();
  const charged = { side, account, startedMs, event, before, currency: currency ?? '' };
  return { callId, startedMs, side, account, before, ...rateAgain(charged, rates) };
}

/** Behind the last call; behind a day that has no more, the next one; behind the last day, the next source. */
function nextPlace(
  { source }: PreviewPlace,
  last: CallRow | undefined,
  { isFull, rerating, untilMs }: { readonly isFull: boolean; readonly untilMs: number; readonly rerating: Rerating }, // prettier-ignore
): PreviewPlace {
  if (isFull && last !== undefined) return { source, startedMs: last.started_at.getTime(), callId: last.call_id }; // prettier-ignore
  if (untilMs < rerating.untilMs) return { source, startedMs: untilMs, callId: '' };
  return { source: source + 1, startedMs: rerating.fromMs, callId: '' };
}

async function keepProgress(
  client: PoolClient,
  { id, owner }: ClaimedRerating,
  { kept, lines }: { readonly kept: WrittenPreview; readonly lines: number },
): Promise<void> {
  const { rowCount } = await client.query(
    `UPDATE tandem_billing.rerating SET progress = $3, lines = $4, seen_at = now()
     WHERE id = $1 AND owner = $2 AND state = 'previewing'`,
    [id, owner, JSON.stringify(kept), lines],
  );
  if (rowCount !== 1) throw new LostJob();
}

async function keepLines(
  client: PoolClient,
  rerating: number,
  lines: readonly NumberedLine[],
): Promise<void> {
  if (lines.length === 0) return;
  await client.query(
    `INSERT INTO tandem_billing.rerating_line (rerating, place, call_id, started_at, number, side, account, callee, before, after, currency, why)
     SELECT $1, place, call_id, to_timestamp(started_ms / 1000::float8), number, side, account, coalesce(callee, ''), before, after, coalesce(currency, ''), why
     FROM unnest($2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::numeric[], $10::numeric[], $11::text[], $12::text[])
       AS line(place, call_id, started_ms, number, side, account, callee, before, after, currency, why)`,
    [
      rerating,
      plainColumn(lines, ({ place }) => place),
      textColumn(lines, ({ callId }) => callId),
      plainColumn(lines, ({ startedMs }) => startedMs),
      plainColumn(lines, ({ number }) => number ?? undefined),
      textColumn(lines, ({ side }) => side),
      textColumn(lines, ({ account }) => account),
      textColumn(lines, ({ callee }) => callee),
      plainColumn(lines, ({ before }) => formatMoney(before)),
      plainColumn(lines, ({ after }) => (after === undefined ? undefined : formatMoney(after))),
      textColumn(lines, ({ currency }) => currency),
      textColumn(lines, ({ why }) => why),
    ],
  );
}

async function finish(pool: Pool, { id, owner }: ClaimedRerating): Promise<void> {
  const { rowCount } = await pool.query(
    `UPDATE tandem_billing.rerating SET state = 'ready', owner = NULL, cause = '' WHERE id = $1 AND owner = $2 AND state = 'previewing'`,
    [id, owner],
  );
  if (rowCount !== 1) throw new LostJob();
}

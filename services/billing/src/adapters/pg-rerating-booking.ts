import { LostJob } from '@tandem/service';
import type { PoolClient } from '@tandem/service';
import type { LiveBalance } from '@tandem/limits';
import type { AppliedSum, ClaimedRerating } from '../rerating-ports.ts';
import { within } from './pg-cdr-days.ts';
import { levelOf } from './pg-cdr-levels.ts';
import { plainColumn, textColumn } from './pg-columns.ts';
import { MOVE_BALANCE, nanos, toLiveBalance } from './pg-ledger.ts';
import type { BalanceRow } from './pg-ledger.ts';
import { readApplied, writtenApplied } from './pg-rerating-rows.ts';
import type { WrittenApplied } from './pg-rerating-rows.ts';

/** Entries of one transaction: an account's other charges wait for no more than these. */
const LINES_AT_ONCE = 5000;

interface HeldRow {
  readonly lines: string;
  readonly booked: string;
  readonly reverses: string | null;
  readonly applied: WrittenApplied | null;
}

/**
 * Books the next lines. The place up to which they are booked moves in the same transaction, hence each is booked once, whatever dies: who
 * goes on begins behind it. What is booked leads from what stands now, not from what stood when it was previewed.
 */
export async function bookNext(
  client: PoolClient,
  claim: ClaimedRerating,
  linesAtOnce = LINES_AT_ONCE,
): Promise<{ readonly balances: readonly LiveBalance[]; readonly isDone: boolean }> {
  const { applied, booked, lines, reverses } = await hold(client, claim);
  const until = Math.min(Number(booked) + linesAtOnce, Number(lines));
  const found = await book(client, { id: claim.id, after: Number(booked), until, isReversal: reverses !== null }); // prettier-ignore
  // Balances come before what is added up of calls, as where CDRs are written: two who do both never wait for each other in a ring.
  const balances = await moveBalances(client, found.accounts);
  await moveSums(client, found);
  const isDone = until >= Number(lines);
  const skipped = (applied?.skipped ?? 0) + found.lines - found.calls;
  const sums = added(readApplied(applied), found.accounts);
  await client.query(
    `UPDATE tandem_billing.rerating SET booked = $2, applied = $3, seen_at = now(), state = CASE WHEN $4 THEN 'applied' ELSE state END,
       finished_at = CASE WHEN $4 THEN now() END, owner = CASE WHEN $4 THEN NULL ELSE owner END, cause = '' WHERE id = $1`,
    [claim.id, until, JSON.stringify(writtenApplied(sums, skipped)), isDone],
  );
  return { balances, isDone };
}

async function hold(client: PoolClient, { id, owner }: ClaimedRerating): Promise<HeldRow> {
  const { rows } = await client.query<HeldRow>(
    `SELECT lines, booked, reverses, applied FROM tandem_billing.rerating WHERE id = $1 AND owner = $2 AND state = 'applying' FOR UPDATE`,
    [id, owner],
  );
  const [row] = rows;
  if (row === undefined) throw new LostJob();
  return row;
}

interface Booked {
  readonly lines: number;
  /** Lines whose CDRs are as they were. */
  readonly calls: number;
  readonly accounts: readonly AccountPart[];
  readonly hours: readonly SumPart[];
  readonly days: readonly SumPart[];
}

interface AccountPart {
  readonly account: string;
  readonly currency: string;
  /** Decimal text, negative: charged. */
  readonly amount: string;
  readonly entries: number;
}

interface SumPart {
  readonly time: string;
  readonly origin: string;
  readonly customer: string;
  readonly gateway: string;
  readonly vendor: string;
  readonly prefix: string;
  readonly currency: string;
  readonly cost_currency: string;
  readonly price: string;
  readonly cost: string;
}

interface Part {
  readonly id: number;
  readonly after: number;
  readonly until: number;
  readonly isReversal: boolean;
}

async function book(client: PoolClient, part: Part): Promise<Booked> {
  const { after, id, until } = part;
  const bounds = await client.query<{ readonly first: Date | null; readonly last: Date | null; readonly lines: string }>(
    `SELECT min(started_at) AS first, max(started_at) AS last, count(*) AS lines FROM tandem_billing.rerating_line
     WHERE rerating = $1 AND place > $2 AND place <= $3 AND after IS NOT NULL`,
    [id, after, until],
  ); // prettier-ignore
  const [{ first, last, lines } = { first: null, last: null, lines: '0' }] = bounds.rows;
  if (first === null || last === null) return { lines: 0, calls: 0, accounts: [], hours: [], days: [] }; // prettier-ignore
  // Each line looks its CDR up: a batch of them is little of a day.
  await client.query(
    'SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL jit = off',
  );
  const days = within({ fromMs: first.getTime(), untilMs: last.getTime() + 1 }, 'cdr.started_at');
  const { rows } = await client.query<Omit<Booked, 'lines' | 'calls'> & { readonly calls: string }>(
    bookText(days, part.isReversal),
    [id, after, until],
  );
  const [row] = rows;
  return {
    lines: Number(lines),
    calls: Number(row?.calls ?? 0),
    accounts: row?.accounts ?? [],
    hours: row?.hours ?? [],
    days: row?.days ?? [],
  };
}

// The entry stands at the end of its call, as the charge that it corrects: an invoice of that period that is drafted later has it, and where
// it was invoiced already the next one does (ADR 99). Sums of calls are by the account that calls: a reseller's level moves none (ADR 101).
const bookText = (days: string, isReversal: boolean): string => `
WITH line AS MATERIALIZED (
  SELECT * FROM tandem_billing.rerating_line WHERE rerating = $1 AND place > $2 AND place <= $3 AND after IS NOT NULL
), call AS MATERIALIZED (
  SELECT line.call_id, line.side, line.account, line.currency AS charged_in, line.why, cdr.started_at, cdr.ended_at,
    coalesce(cdr.origin, '') AS origin, coalesce(cdr.customer_account, '') AS customer, coalesce(cdr.gateway, '') AS gateway,
    CASE line.side WHEN 'cost' THEN line.account ELSE coalesce(cdr.vendor_account, '') END AS vendor, coalesce(cdr.prefix, '') AS prefix,
    CASE line.side WHEN 'call' THEN coalesce(cdr.currency, line.currency) ELSE coalesce(cdr.currency, '') END AS currency,
    CASE line.side WHEN 'cost' THEN coalesce(cdr.cost_currency, line.currency) ELSE coalesce(cdr.cost_currency, '') END AS cost_currency,
    line.after - ${
      isReversal
        ? 'line.before'
        : `CASE line.side WHEN 'call' THEN cdr.price WHEN 'level' THEN ${levelOf('price', 'line.account')}::numeric ELSE cdr.cost END + coalesce((
      SELECT sum(entry.amount) FROM tandem_billing.ledger entry WHERE entry.call_id = line.call_id AND entry.rerating IS NOT NULL
        AND entry.account = line.account AND starts_with(entry.reference, 'rerated ' || line.side || ' ')), 0)`
    } AS more
  FROM line JOIN tandem_billing.cdr ON cdr.call_id = line.call_id AND cdr.started_at = line.started_at AND ${days}
    AND cdr.number IS NOT DISTINCT FROM line.number
), moved AS MATERIALIZED (
  SELECT * FROM call WHERE more <> 0
), booked AS (
  INSERT INTO tandem_billing.ledger (account, reference, kind, amount, currency, call_id, note, at, rerating)
  SELECT account, 'rerated ' || side || ' ' || call_id || ' ' || $1::bigint, 'adjustment', -more, charged_in, call_id, why, ended_at, $1
  FROM moved
)
SELECT (SELECT count(*) FROM call) AS calls,
  (SELECT json_agg(part) FROM (
    SELECT account, min(charged_in) AS currency, (-sum(more))::text AS amount, count(*) AS entries FROM moved GROUP BY 1) part) AS accounts,
  (SELECT json_agg(part) FROM (
    SELECT date_trunc('hour', started_at, 'UTC') AS time, origin, customer, gateway, vendor, '' AS prefix, currency, cost_currency,
      coalesce(sum(more) FILTER (WHERE side = 'call'), 0)::text AS price, coalesce(sum(more) FILTER (WHERE side = 'cost'), 0)::text AS cost
    FROM moved WHERE side <> 'level' GROUP BY 1, 2, 3, 4, 5, 7, 8) part) AS hours,
  (SELECT json_agg(part) FROM (
    SELECT (started_at AT TIME ZONE 'UTC')::date AS time, '' AS origin, customer, gateway, vendor, prefix, currency, cost_currency,
      coalesce(sum(more) FILTER (WHERE side = 'call'), 0)::text AS price, coalesce(sum(more) FILTER (WHERE side = 'cost'), 0)::text AS cost
    FROM moved WHERE side <> 'level' GROUP BY 1, 3, 4, 5, 6, 7, 8) part) AS days`;

async function moveBalances(
  client: PoolClient,
  accounts: readonly AccountPart[],
): Promise<readonly LiveBalance[]> {
  if (accounts.length === 0) return [];
  const { rows } = await client.query<BalanceRow>(
    `INSERT INTO tandem_billing.account_balance AS now (account, currency, balance, entries, version)
     SELECT account, currency, amount, entries, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
     FROM unnest($1::text[], $2::text[], $3::numeric[], $4::bigint[]) AS part(account, currency, amount, entries) ORDER BY account
     ${MOVE_BALANCE}
     RETURNING account, currency, balance, entries, version`,
    [
      textColumn(accounts, ({ account }) => account),
      textColumn(accounts, ({ currency }) => currency),
      plainColumn(accounts, ({ amount }) => amount),
      plainColumn(accounts, ({ entries }) => entries),
    ],
  );
  return rows.map(toLiveBalance);
}

const NO_CALLS = '0, 0, 0, 0, 0, 0, 0';

/** The sums of calls are those of their CDRs and of what corrects them (BILL-06). */
async function moveSums(
  client: PoolClient,
  { days, hours }: Pick<Booked, 'days' | 'hours'>,
): Promise<void> {
  // prettier-ignore
  const columns = (parts: readonly SumPart[], place: 'origin' | 'prefix'): string[] => [
    textColumn(parts, ({ time }) => time),
    ...[place, 'customer', 'gateway', 'vendor', 'currency', 'cost_currency'].map((name) => textColumn(parts, (part) => part[name as keyof SumPart])), // prettier-ignore
    plainColumn(parts, ({ price }) => price),
    plainColumn(parts, ({ cost }) => cost),
  ];
  const given = (time: string, place: string): string =>
    `unnest($1::text[]::${time}[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::numeric[], $9::numeric[])
       AS part(time, ${place}, customer, gateway, vendor, currency, cost_currency, price, cost)`;
  const key = (place: string): string =>
    `coalesce(${place}, ''), coalesce(customer, ''), coalesce(gateway, ''), coalesce(vendor, '')`;
  const ADD = 'DO UPDATE SET price = kept.price + excluded.price, cost = kept.cost + excluded.cost';
  if (hours.length > 0) {
    await client.query(
      `INSERT INTO tandem_billing.traffic_hour AS kept
       SELECT time, ${key('origin')}, coalesce(currency, ''), coalesce(cost_currency, ''), ${NO_CALLS}, price, cost
       FROM ${given('timestamptz', 'origin')} ORDER BY 1, 2, 3, 4, 5, 6, 7
       ON CONFLICT (hour, origin, customer, gateway, vendor, currency, cost_currency) ${ADD}`,
      columns(hours, 'origin'),
    );
  }
  if (days.length > 0) {
    await client.query(
      `INSERT INTO tandem_billing.destination_day AS kept
       SELECT time, coalesce(customer, ''), coalesce(gateway, ''), coalesce(vendor, ''), coalesce(prefix, ''), coalesce(currency, ''),
         coalesce(cost_currency, ''), ${NO_CALLS}, price, cost
       FROM ${given('date', 'prefix')} ORDER BY 1, 2, 3, 4, 5, 6, 7
       ON CONFLICT (day, customer, gateway, vendor, prefix, currency, cost_currency) ${ADD}`,
      columns(days, 'prefix'),
    );
  }
}

function added(known: readonly AppliedSum[], parts: readonly AccountPart[]): readonly AppliedSum[] {
  const sums = new Map(known.map((sum) => [sum.account, sum]));
  for (const { account, amount, currency, entries } of parts) {
    const before = sums.get(account);
    sums.set(account, {
      account,
      currency,
      entries: (before?.entries ?? 0) + entries,
      difference: (before?.difference ?? 0n) - nanos(amount),
    });
  }
  return [...sums.values()];
}

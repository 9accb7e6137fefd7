import { formatMoney } from '@tandem/domain';
import { createPool } from '@tandem/service';
import type { Pool, PoolClient, PoolSettings } from '@tandem/service';
import type { CdrBatch } from '../core/cdr-batch.ts';
import { writeLevels } from '../core/cdr-levels.ts';
import type { WrittenBatch } from '../ports.ts';
import { daysOf } from './pg-cdr-days.ts';
import { byteColumn, plainColumn, textColumn } from './pg-columns.ts';
import { toLiveBalance } from './pg-ledger.ts';
import type { BalanceRow } from './pg-ledger.ts';

/**
 * Writes a batch as one statement, hence one transaction and one round trip. Rows that are there already
 * drop out at `inserted`, and with them their charges: exactly once follows from the keys alone (BILL-03). Every event of a
 * call carries the same start, so that what comes again meets its own key, in the partition of that day. A call of which
 * an end without facts is kept drops out too, unless that end is in this one already (`isJoined`): it came first.
 */
export async function writeBatch(
  connection: Pick<PoolClient, 'query'>,
  batch: Pick<CdrBatch, 'ended' | 'answered'>,
  isJoined = false,
): Promise<WrittenBatch> {
  const days = daysOf(batch.answered.map(({ event }) => event.head.startedMs));
  const result = await connection.query<WriteResult>({
    // A plan for each span of days: of a year of partitions it holds those alone that the batch is about.
    name: `tandem-billing-write-batch ${days.name}`,
    text: writeBatchText(days.condition('known.started_at')),
    values: [
      ...parameters(batch),
      String(isJoined),
      plainColumn(batch.ended, (row) => row.durationMs),
      textColumn(batch.ended, (row) => row.address),
      plainColumn(batch.ended, (row) => row.pddMs),
      textColumn(batch.ended, (row) => row.prefix),
      plainColumn(batch.answered, ({ event }) => event.head.startedMs),
      textColumn(batch.ended, (row) => writeLevels(row.levels)),
    ],
  });
  const [row] = result.rows;
  return { stored: Number(row?.stored ?? 0), balances: (row?.balances ?? []).map(toLiveBalance) };
}

interface WriteResult {
  readonly stored: string;
  readonly balances: readonly BalanceRow[] | null;
}

/**
 * Opens the connections that batches are written through. Their statement is planned once, while the tables
 * may still be empty: it must look calls up by index even so, or each batch would read the whole table later.
 */
export function openWriter(settings: PoolSettings): Pool {
  const url = new URL(settings.url);
  const given = url.searchParams.get('options') ?? '';
  url.searchParams.set('options', `${given} ${PLAN_ONCE.map((each) => `-c ${each}`).join(' ')}`);
  const applicationName = 'tandem-billing-writer';
  return createPool({ ...settings, url: url.href, size: 2, applicationName });
}

const PLAN_ONCE = [
  'plan_cache_mode=force_generic_plan',
  'enable_seqscan=off',
  'enable_hashjoin=off',
  'enable_mergejoin=off',
  'jit=off',
];

const writeBatchText = (known: string): string => `
WITH ended AS (
  SELECT *, 1 + sum(bytes) OVER (ROWS UNBOUNDED PRECEDING) - bytes AS first_byte
  FROM unnest(
    $1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[],
    $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[],
    $15::integer[], $16::bigint[], $17::numeric[], $18::text[], $19::numeric[], $20::text[], $21::integer[],
    $29::bigint[], $30::text[], $31::bigint[], $32::text[], $34::jsonb[]
  ) AS row(
    call_id, started_ms, answered_ms, ended_ms, origin_kind, origin, gateway,
    customer_account, vendor_account, caller, callee, a_sip_call_id, b_sip_call_id, reason,
    code, billed_seconds, price, currency, cost, cost_currency, bytes, duration_ms, address, pdd_ms, prefix, levels)
), inserted AS (
  INSERT INTO tandem_billing.cdr (
    call_id, started_at, answered_at, ended_at, origin_kind, origin, gateway,
    customer_account, vendor_account, caller, callee, a_sip_call_id, b_sip_call_id, reason,
    code, billed_seconds, price, currency, cost, cost_currency, duration_ms, address, pdd_ms, prefix, levels, event)
  SELECT call_id, to_timestamp(started_ms / 1000::float8), to_timestamp(answered_ms / 1000::float8),
    to_timestamp(ended_ms / 1000::float8), origin_kind, origin, gateway,
    customer_account, vendor_account, caller, callee, a_sip_call_id, b_sip_call_id, coalesce(reason, ''),
    code, billed_seconds, price, currency, cost, cost_currency, duration_ms, address, pdd_ms, prefix, levels,
    substring($22::bytea FROM first_byte::integer FOR bytes)
  FROM ended
  WHERE (SELECT 1 FROM tandem_billing.provisional_cdr known WHERE known.call_id = ended.call_id) IS NULL
    AND ($28::boolean OR (SELECT 1 FROM tandem_billing.partial_end known WHERE known.call_id = ended.call_id) IS NULL)
  ON CONFLICT DO NOTHING
  RETURNING call_id, ended_at, customer_account, currency, price, vendor_account, cost_currency, cost, levels
), booked AS (
  INSERT INTO tandem_billing.ledger (account, reference, kind, amount, currency, call_id, at)
  SELECT entry.account, entry.of || call_id, 'call', -entry.amount, coalesce(entry.currency, ''), call_id, ended_at
  FROM inserted CROSS JOIN LATERAL (VALUES
    ('call ', customer_account, currency, price),
    ('cost ', vendor_account, cost_currency, cost)
    UNION ALL SELECT 'call ', level->>'account', level->>'currency', (level->>'price')::numeric
    FROM jsonb_array_elements(levels) AS level) AS entry(of, account, currency, amount)
  WHERE entry.amount <> 0
  ON CONFLICT DO NOTHING
  RETURNING account, currency, amount
), moved AS (
  INSERT INTO tandem_billing.account_balance AS now (account, currency, balance, entries, version)
  SELECT account, min(currency), sum(amount), count(*), (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
  FROM booked GROUP BY account ORDER BY account
  ON CONFLICT (account) DO UPDATE SET
    balance = now.balance + excluded.balance,
    entries = now.entries + excluded.entries,
    version = greatest(now.version + 1, excluded.version)
  RETURNING account, currency, balance, entries, version
), closed AS (
  DELETE FROM tandem_billing.answered_call WHERE call_id = ANY ($1::text[])
), kept AS (
  INSERT INTO tandem_billing.answered_call AS now (call_id, answered_at, alive_at, event)
  SELECT call_id, to_timestamp(answered_ms / 1000::float8), to_timestamp(alive_ms / 1000::float8),
    substring($27::bytea FROM first_byte::integer FOR bytes)
  FROM (
    SELECT *, 1 + sum(bytes) OVER (ROWS UNBOUNDED PRECEDING) - bytes AS first_byte
    FROM unnest($23::text[], $24::bigint[], $25::bigint[], $26::integer[], $33::bigint[])
      AS row(call_id, answered_ms, alive_ms, bytes, started_ms)
  ) answered
  WHERE (SELECT 1 FROM tandem_billing.cdr known WHERE known.call_id = answered.call_id
      AND known.started_at = to_timestamp(answered.started_ms / 1000::float8) AND ${known}) IS NULL
    OR (SELECT 1 FROM tandem_billing.provisional_cdr known WHERE known.call_id = answered.call_id) IS NOT NULL
  ON CONFLICT (call_id) DO UPDATE SET alive_at = excluded.alive_at WHERE excluded.alive_at > now.alive_at
)
SELECT
  (SELECT count(*) FROM inserted) AS stored,
  (SELECT json_agg(json_build_object('account', account, 'currency', currency, 'balance', balance::text,
    'entries', entries::text, 'version', version::text)) FROM moved) AS balances`;

function parameters({
  ended,
  answered,
}: Pick<CdrBatch, 'ended' | 'answered'>): (string | Buffer)[] {
  const ends = byteColumn(ended.map((row) => row.event));
  const answers = byteColumn(answered.map(({ event }) => event.bytes));
  return [
    textColumn(ended, (row) => row.callId),
    plainColumn(ended, (row) => row.startedMs),
    plainColumn(ended, (row) => (row.answeredMs === 0 ? undefined : row.answeredMs)),
    plainColumn(ended, (row) => row.endedMs),
    textColumn(ended, (row) => row.originKind),
    textColumn(ended, (row) => row.origin),
    textColumn(ended, (row) => row.gateway),
    textColumn(ended, (row) => row.customerAccount),
    textColumn(ended, (row) => row.vendorAccount),
    textColumn(ended, (row) => row.caller),
    textColumn(ended, (row) => row.callee),
    textColumn(ended, (row) => row.aSipCallId),
    textColumn(ended, (row) => row.bSipCallId),
    textColumn(ended, (row) => row.reason),
    plainColumn(ended, (row) => row.code),
    plainColumn(ended, (row) => row.billedSeconds),
    plainColumn(ended, (row) => formatMoney(row.price)),
    textColumn(ended, (row) => row.currency),
    plainColumn(ended, (row) => formatMoney(row.cost)),
    textColumn(ended, (row) => row.costCurrency),
    plainColumn(ends.lengths, (length) => length),
    ends.bytes,
    textColumn(answered, ({ event }) => event.head.callId),
    plainColumn(answered, ({ event }) => event.head.answeredMs),
    plainColumn(answered, ({ aliveMs }) => aliveMs),
    plainColumn(answers.lengths, (length) => length),
    answers.bytes,
  ];
}

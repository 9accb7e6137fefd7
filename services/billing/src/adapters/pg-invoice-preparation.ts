import { formatMoney } from '@tandem/domain';
import { readCallEventHead } from '@tandem/events';
import type { PoolClient } from '@tandem/service';
import { readLevels } from '../core/cdr-levels.ts';
import { DAY_MS } from '../core/days.ts';
import { InvoiceLines, rateWords } from '../core/invoice-lines.ts';
import type { InvoiceLine, InvoicedCall } from '../core/invoice-lines.ts';
import { invoiceSums } from '../core/invoice-sums.ts';
import { rateOfBytes } from '../core/known-rates.ts';
import type { Invoice, InvoiceStore } from '../invoice-ports.ts';
import { spansBack, within } from './pg-cdr-days.ts';
import type { Span } from './pg-cdr-days.ts';
import { plainColumn, textColumn } from './pg-columns.ts';
import { readInvoice } from './pg-invoice-rows.ts';
import { nanos } from './pg-ledger.ts';

const ROWS_AT_ONCE = 2000;

interface Bounds {
  readonly id: string;
  readonly since_number: string;
  readonly until_number: string;
  readonly previous: string | null;
}

// Who dies with it in hand loses the lock, and it waits again.
const NEXT = `
SELECT id, since_number, until_number, previous FROM tandem_billing.invoice
WHERE state = 'preparing' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED`;

/** Adds up the next draft that waits for it, in the transaction that holds it. */
export async function prepareNext(
  client: PoolClient,
): Promise<Awaited<ReturnType<InvoiceStore['prepareNext']>>> {
  const [bounds] = (await client.query<Bounds>(NEXT)).rows;
  if (bounds === undefined) return undefined;
  const invoice = await readInvoice(client, Number(bounds.id));
  if (invoice === undefined) return undefined;
  const lines = new InvoiceLines();
  await readEntries(client, invoice, { bounds, lines });
  if (invoice.isScheduled && lines.charges <= 0n) {
    await client.query('DELETE FROM tandem_billing.invoice WHERE id = $1', [invoice.id]);
    return { kind: 'empty', account: invoice.account, untilMs: invoice.untilMs };
  }
  await keepLines(client, invoice.id, lines.lines());
  await keepSums(client, invoice, { lines, opening: await openingOf(client, invoice, bounds) });
  const prepared = await readInvoice(client, invoice.id);
  return prepared && { kind: 'prepared', invoice: prepared };
}

/** Balance before the first entry: that behind the invoice before, else the sum of all that was booked before. */
async function openingOf(client: PoolClient, invoice: Invoice, bounds: Bounds): Promise<bigint> {
  const asked =
    bounds.previous === null
      ? client.query<{ readonly sum: string }>(
          `SELECT coalesce(sum(amount), 0) AS sum FROM tandem_billing.ledger
           WHERE account = $1 AND at < $2 AND number <= $3 AND kind <> 'invoice'`,
          [invoice.account, new Date(invoice.fromMs), bounds.since_number],
        )
      : client.query<{ readonly sum: string }>(
          'SELECT closing AS sum FROM tandem_billing.invoice WHERE id = $1',
          [bounds.previous],
        );
  return nanos((await asked).rows[0]?.sum ?? '0');
}

interface EntryRow {
  readonly kind: string;
  readonly reference: string;
  readonly amount: string;
  readonly call_id: string | null;
  readonly at: Date;
  readonly note: string | null;
}

// An invoice's own entry is in its closing balance.
const ENTRIES = `
DECLARE entries NO SCROLL CURSOR FOR
SELECT CASE WHEN kind = 'payment' THEN coalesce(payment_kind, 'payment') ELSE kind END AS kind,
  CASE kind WHEN 'payment' THEN substr(reference, 9) WHEN 'credit-note' THEN substr(reference, 13) ELSE '' END AS reference,
  amount, call_id, at, note
FROM tandem_billing.ledger
WHERE account = $1 AND at < $3 AND number <= $5 AND (at >= $2 OR number > $4) AND kind <> 'invoice'
ORDER BY at, ledger.reference`;

async function readEntries(
  client: PoolClient,
  { account, fromMs, untilMs }: Invoice,
  { bounds, lines }: { readonly bounds: Bounds; readonly lines: InvoiceLines },
): Promise<void> {
  await client.query(ENTRIES, [
    account,
    new Date(fromMs),
    new Date(untilMs),
    bounds.since_number,
    bounds.until_number,
  ]);
  for (;;) {
    const { rows } = await client.query<EntryRow>(`FETCH ${String(ROWS_AT_ONCE)} FROM entries`);
    if (rows.length === 0) break;
    const calls = await callsOf(client, account, rows);
    for (const { amount, at, call_id, kind, note, reference } of rows) {
      lines.add({
        kind,
        reference,
        amount: nanos(amount),
        atMs: at.getTime(),
        note: note ?? '',
        isLate: at.getTime() < fromMs,
        call: call_id === null ? undefined : calls.get(call_id),
      });
    }
  }
  await client.query('CLOSE entries');
}

/** What the CDRs of some entries say; those that are gone are left out. */
async function callsOf(
  client: PoolClient,
  account: string,
  rows: readonly EntryRow[],
): Promise<ReadonlyMap<string, InvoicedCall>> {
  const found = new Map<string, InvoicedCall>();
  let missing = rows.flatMap(({ call_id }) => (call_id === null ? [] : [call_id]));
  const look = async (span: Span): Promise<void> => {
    if (missing.length === 0) return;
    const { rows: cdrs } = await client.query<{
      readonly call_id: string;
      readonly prefix: string | null;
      readonly billed_seconds: string;
      readonly levels: unknown;
      readonly event: Buffer;
    }>(
      `SELECT call_id, prefix, billed_seconds, levels, event FROM tandem_billing.cdr
       WHERE call_id = ANY ($1::text[]) AND ${within(span)}`,
      [textColumn(missing, (callId) => callId)],
    );
    for (const { billed_seconds, call_id, event, levels, prefix } of cdrs) {
      const level = readLevels(levels).find((each) => each.account === account);
      const billedSeconds = level?.billedSeconds ?? Number(billed_seconds);
      const rate = rateOfEvent(event, { account, prefix: level?.prefix ?? prefix ?? '' });
      found.set(call_id, { ...rate, billedSeconds });
    }
    missing = missing.filter((callId) => !found.has(callId));
  };
  // A call is booked when it ended, and most of them began that day.
  const times = rows.map(({ at }) => at.getTime());
  await look({ fromMs: Math.min(...times) - DAY_MS, untilMs: Math.max(...times) + 1 });
  if (missing.length > 0) for (const span of await spansBack(client)) await look(span);
  return found;
}

/** The rate that an account was charged by for a call, its customer or a reseller above; where its event tells none, the prefix of the CDR. */
function rateOfEvent(
  event: Uint8Array,
  { account, prefix }: { readonly account: string; readonly prefix: string },
): Omit<InvoicedCall, 'billedSeconds'> {
  try {
    const { customerTerms } = readCallEventHead(event);
    if (customerTerms.length === 0) return { prefix, rate: '' };
    const own = rateOfBytes(customerTerms);
    const rate = own.resellers.find((each) => each.account === account) ?? own;
    return { prefix: rate.prefix, rate: rateWords(rate) };
  } catch {
    return { prefix, rate: '' };
  }
}

async function keepLines(
  client: PoolClient,
  invoice: number,
  lines: readonly InvoiceLine[],
): Promise<void> {
  await client.query(
    `INSERT INTO tandem_billing.invoice_line
       (invoice, place, kind, destination, rate, entries, billed_seconds, amount, at, note)
     SELECT $1, place, kind, coalesce(destination, ''), coalesce(rate, ''), entries, billed_seconds, amount,
       to_timestamp(at_ms::numeric / 1000), coalesce(note, '')
     FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::numeric[], $7::numeric[], $8::bigint[], $9::text[])
       WITH ORDINALITY AS line(kind, destination, rate, entries, billed_seconds, amount, at_ms, note, place)`,
    [
      invoice,
      textColumn(lines, ({ kind }) => kind),
      textColumn(lines, ({ destination }) => destination),
      textColumn(lines, ({ rate }) => rate),
      plainColumn(lines, ({ entries }) => entries),
      plainColumn(lines, ({ billedSeconds }) => billedSeconds),
      plainColumn(lines, ({ amount }) => formatMoney(amount)),
      plainColumn(lines, ({ atMs }) => atMs),
      textColumn(lines, ({ note }) => note),
    ],
  );
}

async function keepSums(
  client: PoolClient,
  { currency, id, terms }: Invoice,
  { lines, opening }: { readonly lines: InvoiceLines; readonly opening: bigint },
): Promise<void> {
  const { charges, payments } = lines;
  const { net, tax, taxes, total } = invoiceSums(charges, { ...terms, currency });
  const closing = opening + payments - total;
  await client.query(
    `UPDATE tandem_billing.invoice SET state = 'draft', opening = $2, payments = $3, charges = $4, net = $5, tax = $6, total = $7,
       closing = $8, taxes = $9, line_count = $10 WHERE id = $1`,
    [
      id,
      ...[opening, payments, charges, net, tax, total, closing].map(formatMoney),
      JSON.stringify(taxes.map((each) => ({ ...each, amount: formatMoney(each.amount) }))),
      lines.lines().length,
    ],
  );
}

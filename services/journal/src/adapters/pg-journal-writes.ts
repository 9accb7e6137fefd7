import { parseAddress, parseHostPort } from '@tandem/config';
import type { JournalEntry } from '@tandem/proto/journal';
import type { Pool } from '@tandem/service';
import type { Count, JournalBatch } from '../core/journal-batch.ts';
import type { Countries } from '../ports.ts';

/** Rows of one statement: its parameters are one array for each column. */
const ENTRIES = `
INSERT INTO tandem_journal.entry AS kept
  (first_at, id, last_at, count, cause, terminal, account, source, address, user_agent, facts, writer, call_ids, caller, callee)
SELECT to_timestamp(first_ms / 1000), id, to_timestamp(last_ms / 1000), count, cause, terminal, account, source,
  address::inet, user_agent, ARRAY(SELECT jsonb_array_elements_text(facts::jsonb)), writer,
  ARRAY(SELECT jsonb_array_elements_text(call_ids::jsonb)), caller, callee
FROM unnest($1::float8[], $2::text[], $3::float8[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[],
  $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[])
  AS row(first_ms, id, last_ms, count, cause, terminal, account, source, address, user_agent, facts, writer,
    call_ids, caller, callee)
ON CONFLICT (first_at, id) DO UPDATE SET
  last_at = excluded.last_at, count = excluded.count, terminal = excluded.terminal, account = excluded.account,
  source = excluded.source, address = excluded.address, user_agent = excluded.user_agent, facts = excluded.facts,
  call_ids = excluded.call_ids, caller = excluded.caller, callee = excluded.callee
WHERE excluded.count > kept.count`;

const MINUTES = `
INSERT INTO tandem_journal.minute_count AS kept (start_at, name, writer, count)
SELECT to_timestamp(start_ms / 1000), name, writer, count
FROM unnest($1::float8[], $2::text[], $3::text[], $4::bigint[]) AS row(start_ms, name, writer, count)
ON CONFLICT (start_at, name, writer) DO UPDATE SET count = excluded.count WHERE excluded.count > kept.count`;

const HOURS = `
INSERT INTO tandem_journal.hour_count AS kept (start_at, name, writer, count, network, device, country)
SELECT to_timestamp(start_ms / 1000), name, writer, count, network, device, country
FROM unnest($1::float8[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[])
  AS row(start_ms, name, writer, count, network, device, country)
ON CONFLICT (start_at, name, network, device, writer) DO UPDATE SET count = excluded.count
WHERE excluded.count > kept.count`;

/** Each statement may be done again: only what is higher takes effect. */
export async function writeJournal(
  pool: Pool,
  { entries, hours, minutes }: JournalBatch,
  countries: Countries,
): Promise<void> {
  if (entries.length > 0) await pool.query(ENTRIES, columns(entries, entryColumns));
  if (minutes.length > 0) await pool.query(MINUTES, columns(minutes, countColumns));
  if (hours.length === 0) return;
  const country = (count: Count): string => countries.countryOf(count.network);
  await pool.query(HOURS, columns(hours, [...countColumns, ...placeColumns, country]));
}

type Value<Row> = (row: Row) => string | number | null;

const entryColumns: readonly Value<JournalEntry>[] = [
  ({ firstMs }) => firstMs,
  ({ id }) => clean(id),
  ({ lastMs }) => lastMs,
  ({ count }) => count,
  ({ cause }) => clean(cause),
  ({ terminal }) => clean(terminal),
  ({ account }) => clean(account),
  ({ source }) => clean(source),
  ({ source }) => addressOf(source),
  ({ userAgent }) => clean(userAgent),
  ({ facts }) => JSON.stringify(facts.flatMap(({ name, value }) => [clean(name), clean(value)])),
  ({ writer }) => clean(writer),
  ({ callIds }) => JSON.stringify(callIds.map(clean)),
  ({ caller }) => clean(caller),
  ({ callee }) => clean(callee),
];

const countColumns: readonly Value<Count>[] = [
  ({ startMs }) => startMs,
  ({ name }) => clean(name),
  ({ writer }) => clean(writer),
  ({ count }) => count,
];

const placeColumns: readonly Value<Count>[] = [
  ({ network }) => clean(network),
  ({ device }) => clean(device),
];

function columns<Row>(rows: readonly Row[], values: readonly Value<Row>[]): unknown[] {
  return values.map((value) => rows.map(value));
}

/** PostgreSQL keeps no NUL; strangers write some. */
function clean(text: string): string {
  return text.replaceAll('\0', '\u{fffd}');
}

function addressOf(source: string): string | null {
  const place = source === '' ? '' : parseHostPort(source);
  if (typeof place === 'string' || parseAddress(place.host) === undefined) return null;
  return place.host;
}

/** Names of the columns that the row of a CDR has as they are. */
export const cdrRowColumns = [
  'call_id',
  'started_at',
  'answered_at',
  'ended_at',
  'caller',
  'callee',
  'origin_kind',
  'origin',
  'address',
  'customer_account',
  'gateway',
  'vendor_account',
  'prefix',
  'reason',
  'code',
  'pdd_ms',
  'duration_ms',
  'billed_seconds',
  'price',
  'currency',
  'cost',
  'cost_currency',
  'a_sip_call_id',
  'b_sip_call_id',
  'stored_at',
  'number',
] as const;

/** Those that follow from its levels and its event: by whose rates the customer is charged, and what each reseller above it owes. */
export const cdrRateColumns = [
  'rate_group',
  'rate_sheet_version',
  'configuration_version',
  'level_1_account',
  'level_1_price',
  'level_1_rate',
  'level_2_account',
  'level_2_price',
  'level_2_rate',
  'level_3_account',
  'level_3_price',
  'level_3_rate',
] as const;

/** Names of the columns of a CDR as text, in their order: of exports, archives and feeds. New ones are added at the end. */
export const cdrColumns = [...cdrRowColumns, ...cdrRateColumns] as const;

/** One CDR as text, in the order of `cdrColumns`; null = the call has none. */
export type CdrTexts = readonly (string | null)[];

/** The first line of a file, RFC 4180. @param further columns behind those of every file */
export function csvHead(further: readonly string[] = []): string {
  return `${[...cdrColumns, ...further].join(',')}\r\n`;
}

/** Lines of a file. */
export function csvLines(rows: readonly CdrTexts[]): string {
  let text = '';
  for (const row of rows) text += `${row.map(field).join(',')}\r\n`;
  return text;
}

// What a stranger has written is no formula of a spreadsheet; a number with its + is none either.
const FORMULA = /^(?:[=@\t\r]|[+-](?!\d+$))/;
const QUOTED = /[",\r\n]/;

function field(value: string | null): string {
  if (value === null) return '';
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return QUOTED.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

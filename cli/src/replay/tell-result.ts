import type { Json } from '../api-client.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import { csvText } from '../csv.ts';
import { column, listAt, objectAt, textAt, timeAt, type Output } from '../output.ts';
import type { Column } from '../table.ts';

const SIDES = ['then', 'now', 'draft'] as const;
const COUNTS = ['calls', 'answered', 'failed', 'refused', 'open', 'seconds'] as const;
const SUMS = ['revenue', 'cost', 'margin'] as const;

const TOTALS = [
  column('', 'what'),
  column('THEN', 'then', 'right'),
  column('NOW', 'now', 'right'),
  column('DRAFT', 'draft', 'right'),
] as const;

/** Lists of a result, as they are shown and written. */
const LISTS: Readonly<Record<string, { readonly rows: (result: Json) => readonly Json[]; readonly columns: readonly Column<Json>[]; readonly fields: readonly string[] }>> = {
  gateways: {
    rows: (result) => listAt(result, 'gateways').map((row) => ({ gateway: row['gateway'], ...flat(row) })),
    columns: comparing('GATEWAY', 'gateway'),
    fields: ['gateway', ...flatFields()],
  },
  accounts: {
    rows: (result) => listAt(result, 'accounts').map((row) => ({ account: row['account'], ...flat(row) })),
    columns: comparing('ACCOUNT', 'account'),
    fields: ['account', ...flatFields()],
  },
  lines: {
    rows: (result) => listAt(result, 'lines').map(linesRow),
    columns: [
      column('WHAT', 'subject'),
      column('LINES NOW', 'linesNow', 'right'),
      column('DRAFT', 'linesDraft', 'right'),
      column('LIMIT', 'lineLimit', 'right'),
      column('A SECOND NOW', 'perSecondNow', 'right'),
      column('DRAFT', 'perSecondDraft', 'right'),
      column('LIMIT', 'perSecondLimit', 'right'),
      column('FULL', 'fullDraft', 'right'),
      column('AT', 'linesAt'),
    ],
    fields: ['subject', 'linesNow', 'linesDraft', 'lineLimit', 'perSecondNow', 'perSecondDraft', 'perSecondLimit', 'fullNow', 'fullDraft', 'linesAt'],
  },
  moves: {
    rows: (result) => listAt(result, 'moves').map((row) => ({ ...row, margin: moneyText(row, 'margin') })),
    columns: [
      column('CALLS', 'calls', 'right'),
      column('NOW', 'from'),
      column('DRAFT', 'to'),
      column('MARGIN', 'margin', 'right'),
    ],
    fields: ['from', 'to', 'calls', 'margin'],
  },
  reasons: {
    rows: reasonRows,
    columns: [column('REASON', 'what'), ...TOTALS.slice(1)],
    fields: ['what', 'then', 'now', 'draft'],
  },
}; // prettier-ignore

const MOST_SHOWN = 20;

/** What a replay has found, for people. */
export function writeResult(told: Json, output: Output): void {
  const state = textAt(told, 'state');
  const error = textAt(told, 'error');
  const calls = textAt(told, 'calls');
  output.line(`Replay ${textAt(told, 'id')} is ${state}${error === '' ? '' : `: ${error}`}; ${calls} calls, draft against version ${textAt(told, 'version')}.`); // prettier-ignore
  const result = objectAt(told, 'result');
  if (told['result'] === null || told['result'] === undefined) return;
  output.line();
  output.rows(totalRows(result), TOTALS, '');
  const more = objectAt(result, 'more');
  output.line();
  output.line(`The draft answers ${signed(textAt(more, 'answered'))} calls and earns ${moneyText(more, 'margin') || '0'} more.`); // prettier-ignore
  for (const [name, { columns, rows }] of Object.entries(LISTS)) {
    const found = rows(result);
    if (found.length === 0) continue;
    output.line();
    output.line(found.length > MOST_SHOWN ? `${name}, ${String(MOST_SHOWN)} of ${String(found.length)}; all with --csv ${name}` : name); // prettier-ignore
    output.rows(found.slice(0, MOST_SHOWN), columns, '');
  }
}

/** One list of the result as CSV. @throws CliError where there is no such list */
export function writeResultCsv(told: Json, name: string, output: Output): void {
  const list = Object.hasOwn(LISTS, name) ? LISTS[name] : undefined;
  if (list === undefined) {
    throw new CliError(exitCodes.usage, `--csv is "${name}", must be one of ${Object.keys(LISTS).join(', ')}.`); // prettier-ignore
  }
  output.raw(csvText(list.rows(objectAt(told, 'result')), list.fields));
}

function totalRows(result: Json): Json[] {
  const of = (key: string, text: (side: Json, key: string) => string): Json => ({
    what: key,
    ...Object.fromEntries(SIDES.map((side) => [side, text(objectAt(result, side), key)])),
  });
  return [...COUNTS.map((key) => of(key, textAt)), ...SUMS.map((key) => of(key, moneyText))];
}

function reasonRows(result: Json): Json[] {
  const counts = new Map<string, Record<string, number>>();
  for (const side of SIDES) {
    for (const row of listAt(objectAt(result, side), 'reasons')) {
      const reason = textAt(row, 'reason');
      const own = counts.get(reason) ?? {};
      counts.set(reason, { ...own, [side]: Number(row['calls']) });
    }
  }
  return [...counts].map(([what, own]) => ({ what, then: 0, now: 0, draft: 0, ...own }));
}

function comparing(title: string, key: string): readonly Column<Json>[] {
  return [
    column(title, key),
    column('CALLS NOW', 'callsNow', 'right'),
    column('DRAFT', 'callsDraft', 'right'),
    column('ANSWERED NOW', 'answeredNow', 'right'),
    column('DRAFT', 'answeredDraft', 'right'),
    column('MARGIN NOW', 'marginNow', 'right'),
    column('DRAFT', 'marginDraft', 'right'),
    column('MORE', 'marginMore', 'right'),
  ];
}

function flatFields(): string[] {
  const perSide = SIDES.flatMap((side) => [...COUNTS, ...SUMS].map((key) => nameOf(key, side)));
  return [...perSide, 'marginMore'];
}

function flat(row: Json): Json {
  const fields = SIDES.flatMap((side) => [
    ...COUNTS.map((key) => [nameOf(key, side), textAt(objectAt(row, side), key)] as const),
    ...SUMS.map((key) => [nameOf(key, side), moneyText(objectAt(row, side), key)] as const),
  ]);
  return { ...Object.fromEntries(fields), marginMore: moneyText(objectAt(row, 'more'), 'margin') };
}

function nameOf(key: string, side: string): string {
  return `${key}${side.charAt(0).toUpperCase()}${side.slice(1)}`;
}

function linesRow(row: Json): Json {
  const [now, draft] = [objectAt(row, 'now'), objectAt(row, 'draft')];
  const limit = (key: string): string => (draft[key] === 0 ? '' : textAt(draft, key));
  return {
    subject: row['subject'],
    linesNow: now['lines'],
    linesDraft: draft['lines'],
    lineLimit: limit('lineLimit'),
    perSecondNow: now['perSecond'],
    perSecondDraft: draft['perSecond'],
    perSecondLimit: limit('perSecondLimit'),
    fullNow: now['full'],
    fullDraft: draft['full'],
    linesAt: timeAt(draft, 'linesAt'),
  };
}

/** `0.03 USD, 1 EUR` */
function moneyText(row: Json, key: string): string {
  return listAt(row, key)
    .map((each) => `${textAt(each, 'amount')} ${textAt(each, 'currency')}`)
    .join(', ');
}

function signed(text: string): string {
  return text.startsWith('-') ? `${text.slice(1)} fewer` : `${text} more`;
}

import { bareNumber, journalCausesOf } from '@tandem/domain';
import type {
  AnalysisRow,
  HistoryPoint,
  JournalEntry,
  RegistrationAnalysisRequest,
  RegistrationHistoryRequest,
  TallyRow,
} from '@tandem/proto/journal';
import type { Pool } from '@tandem/service';
import type { EntryFilter } from '../ports.ts';

export async function listEntries(
  pool: Pool,
  filter: EntryFilter,
): Promise<readonly JournalEntry[]> {
  const { text, values } = entryQuery(filter);
  const { rows } = await pool.query<EntryRow>(text, values);
  return rows.map(toEntry);
}

interface EntryRow {
  readonly first_at: Date;
  readonly last_at: Date;
  readonly id: string;
  readonly count: string;
  readonly cause: string;
  readonly terminal: string;
  readonly account: string;
  readonly source: string;
  readonly user_agent: string;
  readonly facts: readonly string[];
  readonly writer: string;
  readonly call_ids: string[];
  readonly caller: string;
  readonly callee: string;
}

function entryQuery(filter: EntryFilter): { text: string; values: unknown[] } {
  const { account, after, callId, causes, fromMs, limit, source, terminal, untilMs } = filter;
  const values: unknown[] = [];
  const bind = (value: unknown): string => `$${String(values.push(value))}`;
  const time = (ms: number): string => `to_timestamp(${bind(ms)}::float8 / 1000)`;
  const conditions = [
    fromMs === undefined ? [] : [`first_at >= ${time(fromMs)}`],
    untilMs === undefined ? [] : [`first_at < ${time(untilMs)}`],
    causes === undefined ? [] : [`cause = ANY(${bind(causes)})`],
    terminal === '' ? [] : [`terminal <> '' AND terminal = ${bind(terminal)}`],
    account === '' ? [] : [`account <> '' AND account = ${bind(account)}`],
    source === '' ? [] : [`address IS NOT NULL AND address <<= ${bind(source)}::inet`],
    callId === '' ? [] : [`(call_ids @> ARRAY[${bind(callId)}] OR id = ${bind(callId)})`],
    spelled('caller', filter.caller, bind),
    spelled('callee', filter.callee, bind),
    after === undefined ? [] : [`(first_at, id) < (${time(after.firstMs)}, ${bind(after.id)})`],
  ].flat();
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const order = `ORDER BY first_at DESC, id DESC LIMIT ${bind(limit)}`;
  return { text: `SELECT * FROM tandem_journal.entry ${where} ${order}`, values };
}

/** +44 and 44 are the same number; each is kept as it was written. */
function spelled(column: string, number: string, bind: (value: unknown) => string): string[] {
  if (number === '') return [];
  const bare = bareNumber(number);
  return [`${column} <> '' AND ${column} = ANY(${bind([bare, `+${bare}`])})`];
}

function toEntry({ facts, ...row }: EntryRow): JournalEntry {
  const { account, cause, id, source, terminal, writer } = row;
  return {
    id,
    firstMs: row.first_at.getTime(),
    lastMs: row.last_at.getTime(),
    count: Number(row.count),
    cause,
    terminal,
    account,
    source,
    userAgent: row.user_agent,
    facts: facts.flatMap((name, at) =>
      at % 2 === 0 ? [{ name, value: facts[at + 1] ?? '' }] : [],
    ),
    writer,
    callIds: row.call_ids,
    caller: row.caller,
    callee: row.callee,
  };
}

/** What of the counts is about registrations; the level of them is the highest of what the pods report. */
const names = [
  ...journalCausesOf('registration', ''),
  ...journalCausesOf('registration-end', ''),
  'active',
];

const historyOf = (table: string): string => `
SELECT start_at, name, CASE WHEN name = 'active' THEN max(count) ELSE sum(count) END AS count
FROM tandem_journal.${table}
WHERE start_at >= to_timestamp($1::float8 / 1000) AND start_at < to_timestamp($2::float8 / 1000) AND name = ANY($3)
GROUP BY start_at, name ORDER BY start_at, name`;

export async function readHistory(
  pool: Pool,
  { fromMs, stepSeconds, untilMs }: RegistrationHistoryRequest,
): Promise<readonly HistoryPoint[]> {
  const text = historyOf(stepSeconds === 60 ? 'minute_count' : 'hour_count');
  const { rows } = await pool.query<{ start_at: Date } & CountRow>(text, [fromMs, untilMs, names]);
  const points = new Map<number, TallyRow[]>();
  for (const row of rows) add(points, row.start_at.getTime(), row);
  return [...points].map(([startMs, counts]) => ({ startMs, counts }));
}

const keys: Readonly<Record<string, string | undefined>> = {
  country: 'country',
  network: 'network',
  device: 'device',
  cause: 'name',
};

const analysisBy = (key: string): string => `
WITH counted AS (
  SELECT ${key} AS key, name, sum(count) AS count
  FROM tandem_journal.hour_count
  WHERE start_at >= to_timestamp($1::float8 / 1000) AND start_at < to_timestamp($2::float8 / 1000) AND name = ANY($3)
  GROUP BY 1, 2
), ordered AS (
  SELECT key, sum(count) AS total FROM counted GROUP BY key ORDER BY total DESC, key LIMIT $4
)
SELECT key, name, count FROM ordered JOIN counted USING (key) ORDER BY total DESC, key, count DESC, name`;

export async function readAnalysis(
  pool: Pool,
  { by, fromMs, limit, untilMs }: RegistrationAnalysisRequest,
): Promise<readonly AnalysisRow[]> {
  const text = analysisBy(keys[by] ?? 'country');
  const counted = names.filter((name) => name !== 'active');
  const values = [fromMs, untilMs, counted, limit];
  const { rows } = await pool.query<{ key: string } & CountRow>(text, values);
  const found = new Map<string, TallyRow[]>();
  for (const row of rows) add(found, row.key, row);
  return [...found].map(([key, counts]) => ({ key, counts }));
}

interface CountRow {
  readonly name: string;
  readonly count: string;
}

function add<Key>(groups: Map<Key, TallyRow[]>, key: Key, { count, name }: CountRow): void {
  const group = groups.get(key) ?? [];
  group.push({ name, network: '', device: '', count: Number(count) });
  groups.set(key, group);
}

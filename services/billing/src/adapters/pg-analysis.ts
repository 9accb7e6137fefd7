import type { Pool } from '@tandem/service';
import { filterDimensions, rollupFor, wantedBy } from '../core/rollups.ts';
import type { Rollup } from '../core/rollups.ts';
import type { AnalysisQuery, AnalysisRow, Dimension } from '../ports.ts';
import { nanos } from './pg-ledger.ts';

/** Where a rollup is, what its columns are called, and how they are told. */
interface RollupTable {
  readonly table: string;
  /** A moment. */
  readonly time: string;
  /** @default that of the dimension */
  readonly columns: Readonly<Partial<Record<Dimension, string>>>;
  /** @default the column */
  readonly texts: Readonly<Partial<Record<Dimension, string>>>;
}

const ofHours = {
  hour: `to_char(hour AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`,
  day: `to_char(hour AT TIME ZONE 'UTC', 'YYYY-MM-DD')`,
};

const tables: Readonly<Record<Rollup['name'], RollupTable>> = {
  traffic: {
    table: 'traffic_hour',
    time: 'hour',
    columns: { account: 'customer', day: 'hour' },
    texts: { ...ofHours },
  },
  outcomes: {
    table: 'outcome_hour',
    time: 'hour',
    columns: { account: 'customer', day: 'hour' },
    texts: { ...ofHours, code: 'code::text' },
  },
  destinations: {
    table: 'destination_day',
    time: 'day',
    columns: { account: 'customer', destination: 'prefix' },
    texts: { day: `to_char(day, 'YYYY-MM-DD')` },
  },
};

/**
 * Adds up what was added up by the hour or day.
 * @throws RangeError where nothing tells calls apart by all of that together
 */
export async function analyse(pool: Pool, query: AnalysisQuery): Promise<readonly AnalysisRow[]> {
  const { text, values } = statementOf(query);
  const found = await pool.query<Row>(text, values);
  return found.rows.map((row) => toRow(row, query.by.length));
}

function statementOf(query: AnalysisQuery): { text: string; values: unknown[] } {
  const { by, fromMs, isMoney, limit, untilMs } = query;
  const rollup = rollupFor(query);
  if (rollup === undefined) {
    throw new RangeError(`calls are not added up by ${wantedBy(query).join(', ')} together`);
  }
  const { columns, table, texts, time } = tables[rollup.name];
  const columnOf = (name: Dimension): string => columns[name] ?? name;
  const textOf = (name: Dimension): string => texts[name] ?? columnOf(name);
  const values: unknown[] = [new Date(fromMs).toISOString(), new Date(untilMs).toISOString()];
  // A day is compared with the day of a moment.
  const type = time === 'day' ? "timestamptz AT TIME ZONE 'UTC'" : 'timestamptz';
  const conditions = [`${time} >= $1::${type}`, `${time} < $2::${type}`];
  for (const name of filterDimensions) {
    const value = query[name];
    if (value === undefined) continue;
    const place = `$${String(values.push(value))}`;
    const text = textOf(name);
    conditions.push(
      name === 'destination' ? `starts_with(${text}, ${place})` : `${text} = ${place}`,
    );
  }
  const money = isMoney ? ['currency', 'cost_currency'] : [];
  const sums = ['calls', ...(rollup.hasFigures ? figures : []), ...(isMoney ? amounts : [])]
    .map((name) => `sum(${name}) AS ${name}`)
    .join(', ');
  // A million rows are added up as they are, and what is left of them is put into words.
  const raw = [...new Set([...by.map(columnOf), ...money])];
  const added = `SELECT ${[...raw, sums].join(', ')} FROM tandem_billing.${table} WHERE ${conditions.join(' AND ')} ${groupBy(raw)}`;
  const keys = [...by.map((name, index) => `${textOf(name)} AS key_${String(index)}`), ...money];
  const timeKey = by.findIndex((name) => name === 'hour' || name === 'day');
  const order = timeKey === -1 ? 'calls DESC' : `${String(timeKey + 1)}, calls DESC`;
  // A revised CDR may leave a row of which nothing is left.
  const text = `SELECT ${[...keys, sums].join(', ')} FROM (${added}) added ${groupBy(keys.map((_, index) => String(index + 1)))}
    HAVING sum(calls) <> 0 ORDER BY ${order}${by.map((_, index) => `, ${String(index + 1)}`).join('')} LIMIT ${String(limit)}`;
  return { text, values };
}

function groupBy(names: readonly string[]): string {
  return names.length === 0 ? '' : `GROUP BY ${names.join(', ')}`;
}

const figures = ['answered', 'effective', 'pdd_calls', 'pdd_ms', 'duration_ms', 'billed_seconds'];
const amounts = ['price', 'cost'];

type Row = Readonly<Record<string, string | undefined>>;

function toRow(row: Row, keys: number): AnalysisRow {
  const count = (name: string): number => Number(row[name] ?? 0);
  return {
    keys: Array.from({ length: keys }, (_, index) => row[`key_${String(index)}`] ?? ''),
    currency: row['currency'] ?? '',
    costCurrency: row['cost_currency'] ?? '',
    hasFigures: row['answered'] !== undefined,
    calls: count('calls'),
    answered: count('answered'),
    effective: count('effective'),
    pddCalls: count('pdd_calls'),
    pddMs: count('pdd_ms'),
    durationMs: count('duration_ms'),
    billedSeconds: count('billed_seconds'),
    price: nanos(row['price'] ?? '0'),
    cost: nanos(row['cost'] ?? '0'),
  };
}

import type { Pool } from '@tandem/service';
import { filterDimensions, rollupFor, wantedBy } from '../core/rollups.ts';
import type { Rollup } from '../core/rollups.ts';
import type { AnalysisQuery, AnalysisRow, Dimension } from '../ports.ts';
import { nanos } from './pg-ledger.ts';

/** Where a rollup is, and what its columns are called. */
interface RollupTable {
  readonly table: string;
  /** A moment. */
  readonly time: string;
  readonly columns: Readonly<Partial<Record<Dimension, string>>>;
}

const hours = {
  hour: `to_char(hour AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`,
  day: `to_char(hour AT TIME ZONE 'UTC', 'YYYY-MM-DD')`,
};

const tables: Readonly<Record<Rollup['name'], RollupTable>> = {
  traffic: { table: 'traffic_hour', time: 'hour', columns: { ...hours, account: 'customer' } },
  outcomes: {
    table: 'outcome_hour',
    time: 'hour',
    columns: { ...hours, account: 'customer', code: 'code::text' },
  },
  destinations: {
    table: 'destination_day',
    time: 'day',
    columns: { day: `to_char(day, 'YYYY-MM-DD')`, account: 'customer', destination: 'prefix' },
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
  const { columns, table, time } = tables[rollup.name];
  const values: unknown[] = [new Date(fromMs).toISOString(), new Date(untilMs).toISOString()];
  // A day is compared with the day of a moment.
  const type = time === 'day' ? "timestamptz AT TIME ZONE 'UTC'" : 'timestamptz';
  const conditions = [`${time} >= $1::${type}`, `${time} < $2::${type}`];
  for (const name of filterDimensions) {
    const value = query[name];
    if (value === undefined) continue;
    const place = `$${String(values.push(value))}`;
    const column = columns[name] ?? name;
    conditions.push(
      name === 'destination' ? `starts_with(${column}, ${place})` : `${column} = ${place}`,
    );
  }
  const keys = by.map((name, index) => `${columns[name] ?? name} AS key_${String(index)}`);
  if (isMoney) keys.push('currency', 'cost_currency');
  const figures = rollup.hasFigures ? FIGURES : CALLS;
  const group = keys.length === 0 ? '' : `GROUP BY ${keys.map((_, index) => index + 1).join(', ')}`;
  const timeKey = by.findIndex((name) => name === 'hour' || name === 'day');
  const order = timeKey === -1 ? 'calls DESC' : `${String(timeKey + 1)}, calls DESC`;
  // A revised CDR may leave a row of which nothing is left.
  const text = `SELECT ${[...keys, figures].join(', ')} FROM tandem_billing.${table}
    WHERE ${conditions.join(' AND ')} ${group} HAVING sum(calls) <> 0
    ORDER BY ${order}${by.map((_, index) => `, ${String(index + 1)}`).join('')} LIMIT ${String(limit)}`;
  return { text, values };
}

const CALLS = 'sum(calls) AS calls';
const FIGURES = `${CALLS}, sum(answered) AS answered, sum(effective) AS effective, sum(pdd_calls) AS pdd_calls, sum(pdd_ms) AS pdd_ms,
    sum(duration_ms) AS duration_ms, sum(billed_seconds) AS billed_seconds, sum(price) AS price, sum(cost) AS cost`;

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

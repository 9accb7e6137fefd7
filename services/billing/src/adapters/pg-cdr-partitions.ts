import type { Pool, PoolClient } from '@tandem/service';
import { DAY_MS, dayName, dayOf } from '../core/days.ts';
import type { CdrPartition, CdrPartitionStore, WriteCdrs } from '../ports.ts';
import { aloneAt } from './pg-alone.ts';
import { inTransaction } from './pg-cdr-revision.ts';
import { partitionDays, within } from './pg-cdr-days.ts';
import { cdrTexts } from './pg-cdr-export.ts';

/** Partitions of CDRs in PostgreSQL; failures are those of `pg`. */
export function pgCdrPartitions(pool: Pool): CdrPartitionStore {
  return {
    prepare: (fromMs, untilMs) => prepare(pool, fromMs, untilMs),
    old: async (beforeMs) =>
      (await listPartitions(pool)).filter(({ untilMs }) => untilMs <= beforeMs),
    retire: (partition, write) => retire(pool, partition, write),
    retireOther: (beforeMs, write) => retireOther(pool, beforeMs, write),
    alone: (work) => aloneAt(pool, 'tandem_billing.retention', work),
  };
}

/** Makes the days that have no partition yet. @returns their names */
async function prepare(pool: Pool, fromMs: number, untilMs: number): Promise<readonly string[]> {
  const known = await listPartitions(pool);
  const made: string[] = [];
  for (let day = dayOf(fromMs); day < untilMs; day += DAY_MS) {
    if (known.some((each) => each.fromMs <= day && day < each.untilMs)) continue;
    await inTransaction(pool, (client) => makeDay(client, day));
    made.push(dayName(day));
  }
  return made;
}

/**
 * A partition is filled beside the others and then taken in: who reads and writes CDRs meanwhile waits for milliseconds, and for calls of that
 * day alone that had none yet.
 */
async function makeDay(client: PoolClient, day: number): Promise<void> {
  const name = `tandem_billing.cdr_${dayName(day).replaceAll('-', '')}`;
  const span = within({ fromMs: day, untilMs: day + DAY_MS });
  const [from, until] = [day, day + DAY_MS].map((ms) => new Date(ms).toISOString());
  await client.query("SET LOCAL lock_timeout = '5s'");
  await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('tandem_billing.cdr', 0))`);
  // Another process was faster.
  const known = await client.query('SELECT to_regclass($1) IS NOT NULL AS yes', [name]);
  if ((known.rows[0] as { yes: boolean } | undefined)?.yes === true) return;
  await client.query(
    `CREATE TABLE ${name} (LIKE tandem_billing.cdr INCLUDING DEFAULTS INCLUDING STORAGE,
       CHECK (${span}))`,
  );
  // BILL-03: a call has one CDR in its day, whatever its start.
  await client.query(`CREATE UNIQUE INDEX ON ${name} (call_id)`);
  await client.query('LOCK TABLE tandem_billing.cdr_other IN ACCESS EXCLUSIVE MODE');
  await client.query(
    `WITH moved AS (DELETE FROM tandem_billing.cdr_other WHERE ${span} RETURNING *) INSERT INTO ${name} SELECT * FROM moved`,
  );
  await client.query(
    `ALTER TABLE tandem_billing.cdr ATTACH PARTITION ${name} FOR VALUES FROM ('${String(from)}') TO ('${String(until)}')`,
  );
}

/** Those that have an end, oldest first: days, and the table of the version that had no days. */
async function listPartitions(pool: Pool): Promise<readonly CdrPartition[]> {
  const days = (await partitionDays(pool)).map((day) => ({
    name: `cdr_${dayName(day).replaceAll('-', '')}`,
    label: dayName(day),
    fromMs: day,
    untilMs: day + DAY_MS,
  }));
  const found = await pool.query<{ readonly until_at: Date }>(
    `SELECT substring(pg_get_expr(relpartbound, oid) FROM 'TO \\(''([^'']+)''\\)')::timestamptz AS until_at
     FROM pg_class WHERE oid = to_regclass('tandem_billing.cdr_before') AND relispartition`,
  );
  const before = found.rows.map(({ until_at: until }) => ({
    name: 'cdr_before',
    label: `before-${dayName(until.getTime())}`,
    fromMs: -Infinity,
    untilMs: until.getTime(),
  }));
  return [...before, ...days];
}

/**
 * Writes a partition, and takes it away in the same transaction. Who would still add to that day waits until it is gone, and adds to what has
 * no day. What was added up of these calls stays: no row is deleted from the table of CDRs itself.
 */
async function retire(pool: Pool, { name }: CdrPartition, write: WriteCdrs): Promise<void> {
  await inTransaction(pool, async (client) => {
    const table = `tandem_billing.${client.escapeIdentifier(name)}`;
    await client.query("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '5s'");
    await client.query(`LOCK TABLE ${table} IN SHARE MODE`);
    await write(cdrTexts(client, `${table} ORDER BY started_at, call_id`, true));
    await client.query(`DROP TABLE ${table}`);
  });
}

/** The same for calls before a moment that have no day; undefined where there are none. */
async function retireOther(
  pool: Pool,
  beforeMs: number,
  write: WriteCdrs,
): Promise<number | undefined> {
  const where = `tandem_billing.cdr_other WHERE ${within({ untilMs: beforeMs })}`;
  const some = await pool.query(`SELECT FROM ${where} LIMIT 1`);
  if (some.rowCount === 0) return undefined;
  return inTransaction(pool, async (client) => {
    await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    await client.query('SET LOCAL statement_timeout = 0');
    await write(cdrTexts(client, `${where} ORDER BY started_at, call_id`, true));
    return (await client.query(`DELETE FROM ${where}`)).rowCount ?? 0;
  });
}

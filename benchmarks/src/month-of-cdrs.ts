import { encodeCallEvent } from '@tandem/events';
import { CallEvent } from '@tandem/proto/events';
import type { Pool, PoolClient } from '@tandem/service';

export const DAYS = 30;
export const DAY_MS = 86_400_000;

/** The first moment of the month, whose last day is today. */
export function monthBegin(): number {
  return Math.floor(Date.now() / DAY_MS) * DAY_MS - (DAYS - 1) * DAY_MS;
}

/** Distributed by Zipf's law: the first of `most` is met most often. */
const zipf = (most: number): string => `floor(power(${String(most)}, random()))::int`;

// A wholesale day of 500 accounts, 50 carriers and 2,000 prefixes. An account sends most calls to some of the prefixes, a prefix has three
// carriers, of which the first takes most: as least cost routing does.
const DAY = `
CREATE UNLOGGED TABLE benchmark_day AS
SELECT n, $2::timestamptz + n * (interval '1 day' / $1::bigint) AS started_at, account, carrier, prefix, outcome[1] AS reason, outcome[2]::int AS code,
  prefix || lpad(floor(random() * 10000000)::text, 7, '0') AS callee, '1' || lpad((account * 1000 + floor(random() * 1000))::text, 9, '0') AS caller,
  1000 + floor(-ln(1 - random()) * 180000)::bigint AS lasted_ms, 500 + floor(random() * 9000)::bigint AS pdd_ms
FROM (
  SELECT n, account, (10000 + place * 7919 % 89989)::text AS prefix, 1 + (place * 31 + floor(3 * power(random(), 3))::int) % 50 AS carrier,
    CASE WHEN dice < 0.62 THEN '{NormalClearing,200}' WHEN dice < 0.78 THEN '{Rejected,486}' WHEN dice < 0.88 THEN '{CallerCancelled,487}'
      WHEN dice < 0.94 THEN '{Rejected,404}' WHEN dice < 0.97 THEN '{Rejected,503}' WHEN dice < 0.985 THEN '{InviteTimeout,408}'
      WHEN dice < 0.995 THEN '{NoAvailableRouter,503}' WHEN dice < 0.9995 THEN '{AllGatewayBusy,503}' ELSE '{AccountBalanceNotEnough,503}' END::text[] AS outcome
  FROM (SELECT n, ${zipf(500)} AS account, random() AS dice FROM generate_series(0, $1::bigint - 1) n OFFSET 0) call,
    LATERAL (SELECT (account * 37 + ${zipf(2000)}) % 2000 AS place WHERE n >= 0 OFFSET 0) destination
  OFFSET 0
) drawn`;

const COLUMNS = `call_id, started_at, answered_at, ended_at, origin_kind, origin, gateway, customer_account, vendor_account, caller, callee,
  a_sip_call_id, address, reason, code, billed_seconds, price, currency, cost, cost_currency, duration_ms, pdd_ms, prefix, event`;

/** The calls of the day, so many days later. */
const CALLS = `
SELECT md5($1 || n::text), at, CASE WHEN code = 200 THEN at + (500 + pdd_ms) * interval '1 ms' END,
  at + (500 + pdd_ms + CASE WHEN code = 200 THEN lasted_ms ELSE 0 END) * interval '1 ms', 'mapping-gateway', 'trunk-' || account, 'carrier-' || carrier,
  'account-' || account, 'vendor-' || carrier, caller, callee, md5(n::text || $1) || '@host', '192.0.2.' || account % 250, reason, code,
  seconds, seconds * 0.000205, 'USD', seconds * 0.000167, 'USD', CASE WHEN code = 200 THEN lasted_ms ELSE 0 END, pdd_ms, prefix, $2::bytea
FROM (SELECT *, started_at + $1::int * interval '1 day' AS at, CASE WHEN code = 200 THEN (lasted_ms + 999) / 1000 ELSE 0 END AS seconds FROM benchmark_day) call
ORDER BY n`;

/** What the first day comes to, by the triggers of the schema; the other days have the same calls. */
const SUMS = [
  'CREATE UNLOGGED TABLE benchmark_known (LIKE tandem_billing.cdr INCLUDING DEFAULTS)',
  `CREATE TRIGGER roll_up AFTER INSERT ON benchmark_known REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tandem_billing.roll_up('1')`,
];

export interface MonthOfCdrs {
  readonly pool: Pool;
  /** Of the month; a thirtieth of them begins on each day. */
  readonly cdrs: number;
  /** So many days have their CDRs, the last ones; all have their sums. @default all of them */
  readonly days?: number | undefined;
  /** Told of what was done. */
  readonly said?: ((what: string) => void) | undefined;
}

/**
 * Puts CDRs into the tables of a database that billing has made, with what they come to. Days that have CDRs are left as they are, so that
 * what was interrupted goes on.
 */
export async function fillMonth({ pool, cdrs, days = DAYS, said }: MonthOfCdrs): Promise<void> {
  const fromMs = monthBegin();
  const times = { startedMs: fromMs, endedMs: fromMs };
  const event = Buffer.from(
    encodeCallEvent(CallEvent.fromPartial({ eventId: 'x', callId: 'x', type: 'ended', ...times })),
  );
  const client = await pool.connect();
  try {
    await client.query(`SET statement_timeout = 0; SET jit = off; SELECT setseed(0.5)`);
    if (await isMissing(client, 'benchmark_day')) {
      await client.query(literals(DAY, [Math.ceil(cdrs / DAYS), new Date(fromMs).toISOString()]));
    }
    for (let day = DAYS - 1; day >= DAYS - days; day -= 1) {
      if (await addDay(client, fromMs, day, event)) said?.(`day ${String(day)}`);
    }
    if (await hasNoSums(client)) {
      await addUp(client, event);
      said?.('the sums of the month');
    }
  } finally {
    client.release();
  }
}

async function addUp(client: PoolClient, event: Buffer): Promise<void> {
  await client.query('BEGIN');
  for (const text of SUMS) await client.query(text);
  await client.query(literals(`INSERT INTO benchmark_known (${COLUMNS}) ${CALLS}`, [0, event]));
  await client.query('DROP TABLE benchmark_known');
  for (const [table, time] of await rollups(client)) {
    const { rows } = await client.query<{ name: string }>(
      `SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped`,
      [`tandem_billing.${table}`],
    );
    const columns = rows.map(({ name }) => name);
    const later = columns.map((name) =>
      name === time ? `(${name} + n * interval '1 day')` : name,
    );
    await client.query(
      `INSERT INTO tandem_billing.${table} (${columns.join(', ')}) SELECT ${later.join(', ')} FROM tandem_billing.${table}, generate_series(1, ${String(DAYS - 1)}) n`,
    );
  }
  await client.query('COMMIT');
}

/** The tables of sums of an hour or a day, and what their time is called. */
async function rollups(client: PoolClient): Promise<readonly (readonly [string, string])[]> {
  const { rows } = await client.query<{ table: string; time: string }>(
    `SELECT relname AS table, attname AS time FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attnum = 1
     WHERE relnamespace = 'tandem_billing'::regnamespace AND relkind = 'r' AND attname IN ('hour', 'day') AND relname ~ '_(hour|day)$'`,
  );
  return rows.map(({ table, time }) => [table, time] as const);
}

/** In one transaction, so that nothing of it is written twice, and its indexes once the rows are there. @returns whether it was missing */
async function addDay(
  client: PoolClient,
  fromMs: number,
  day: number,
  event: Buffer,
): Promise<boolean> {
  const [from, until] = [day, day + 1].map((n) => new Date(fromMs + n * DAY_MS).toISOString());
  const name = `tandem_billing.cdr_${String(from).slice(0, 10).replaceAll('-', '')}`;
  if (!(await isMissing(client, name))) {
    const { rowCount } = await client.query(`SELECT FROM ${name} LIMIT 1`);
    if (rowCount !== 0) return false;
  }
  const span = `started_at >= '${String(from)}' AND started_at < '${String(until)}'`;
  await client.query('BEGIN');
  await client.query(`DROP TABLE IF EXISTS ${name}`);
  await client.query(
    `CREATE TABLE ${name} (LIKE tandem_billing.cdr INCLUDING DEFAULTS INCLUDING STORAGE, CHECK (${span}))`,
  );
  await client.query(literals(`INSERT INTO ${name} (${COLUMNS}) ${CALLS}`, [day, event]));
  await client.query(`CREATE UNIQUE INDEX ON ${name} (call_id)`);
  const { rows } = await client.query<{ index: string }>(
    `SELECT regexp_replace(pg_get_indexdef(indexrelid), 'INDEX \\S+ ON ONLY \\S+', 'INDEX ON ${name}') AS index
     FROM pg_index WHERE indrelid = 'tandem_billing.cdr'::regclass`,
  );
  for (const { index } of rows) await client.query(index);
  await client.query(
    `ALTER TABLE tandem_billing.cdr ATTACH PARTITION ${name} FOR VALUES FROM ('${String(from)}') TO ('${String(until)}')`,
  );
  await client.query('COMMIT');
  return true;
}

async function hasNoSums(client: PoolClient): Promise<boolean> {
  const { rowCount } = await client.query('SELECT FROM tandem_billing.traffic_hour LIMIT 1');
  return rowCount === 0;
}

async function isMissing(client: PoolClient, table: string): Promise<boolean> {
  const { rowCount } = await client.query('SELECT WHERE to_regclass($1) IS NULL', [table]);
  return rowCount !== 0;
}

/** The statement with its values in it: statements that make tables take no parameters. */
function literals(text: string, values: readonly (number | string | Buffer)[]): string {
  return text.replace(/\$(\d)/g, (_, place: string) => {
    const value = values[Number(place) - 1] ?? '';
    return value instanceof Buffer ? `'\\x${value.toString('hex')}'` : `'${String(value)}'`;
  });
}

/**
 * How long a month of CDRs is searched for (BILL-06, BILL-07): the first page of a day, by account, gateway, what a number begins with, and
 * reason; the first page of an export; what the whole month comes to. `node src/cdr-queries.ts [CDRS]` takes how many there are: each million
 * needs a minute or two, and a gigabyte, for as long as it runs.
 */
import { createBillingApp } from '@tandem/billing';
import { memorySnapshots } from '@tandem/config';
import { MemoryEventLog, createMemoryConsumer, encodeCallEvent } from '@tandem/events';
import { memoryLimits } from '@tandem/limits';
import { CallEvent } from '@tandem/proto/events';
import { AnalyseCallsRequest, ListCdrsRequest } from '@tandem/proto/billing';
import { silentLogger } from '@tandem/service';
import { databaseForTest } from '@tandem/testing';

const DAYS = 30;
const DAY_MS = 86_400_000;
const AT_ONCE = 50_000;

// 500 accounts, 40 carriers, 2,000 prefixes, a tenth of the calls busy and a hundredth without a route: a wholesale month.
const FILL = `
INSERT INTO tandem_billing.cdr (call_id, started_at, answered_at, ended_at, origin_kind, origin, gateway, customer_account, vendor_account,
  caller, callee, a_sip_call_id, address, reason, code, billed_seconds, price, currency, cost, cost_currency, duration_ms, pdd_ms, prefix, event)
SELECT md5(n::text), at, CASE WHEN n % 10 > 0 THEN at + interval '3 s' END, at + interval '63 s', 'mapping-gateway', 'trunk-' || n % 500,
  'carrier-' || n % 37, 'account-' || n % 500, 'vendor-' || n % 37, '1' || n % 9999999, (20 + n % 70)::text || 2000000 + n % 7654321, md5(n::text) || '@host',
  '192.0.2.' || n % 250, CASE WHEN n % 100 = 0 THEN 'NoRoute' WHEN n % 10 = 0 THEN 'UserBusy' ELSE 'NormalClearing' END,
  CASE WHEN n % 100 = 0 THEN 503 WHEN n % 10 = 0 THEN 486 ELSE 200 END, 60, 0.0123, 'USD', 0.01, 'USD', 60000, 800, (20 + n % 70)::text || n % 29, $4::bytea
FROM generate_series($1::bigint, $1::bigint + $2::bigint - 1) n, LATERAL (SELECT $3::timestamptz + n % ${String(DAYS)} * interval '1 day' + (n * 7919) % 86400000 * interval '1 ms' AS at) place`;

async function main(cdrs: number): Promise<void> {
  const database = await databaseForTest();
  const logger = silentLogger();
  const log = new MemoryEventLog();
  const app = await createBillingApp(
    { postgresUrl: database.url },
    {
      logger,
      events: createMemoryConsumer({ log, group: 'benchmark', logger }),
      balances: memoryLimits().balances,
      snapshots: memorySnapshots(),
    },
  );
  await app.start();
  const fromMs = Math.floor(Date.now() / DAY_MS) * DAY_MS - (DAYS - 1) * DAY_MS;
  try {
    await makeDays(database.pool, fromMs);
    const event = Buffer.from(encodeCallEvent(CallEvent.fromPartial({ eventId: 'x', callId: 'x', type: 'ended', startedMs: fromMs, endedMs: fromMs }))); // prettier-ignore
    const began = performance.now();
    for (let at = 0; at < cdrs; at += AT_ONCE) {
      const count = Math.min(AT_ONCE, cdrs - at);
      await database.pool.query(FILL, [at, count, new Date(fromMs).toISOString(), event]);
    }
    say(`${String(cdrs)} CDRs of ${String(DAYS)} days made`, performance.now() - began);
    await database.pool.query('VACUUM ANALYZE');
    const day = { fromMs: fromMs + 15 * DAY_MS, untilMs: fromMs + 16 * DAY_MS };
    const list = (filter: Partial<ListCdrsRequest>) => app.handlers.listCdrs(ListCdrsRequest.fromPartial({ ...day, ...filter })); // prettier-ignore
    const month = { fromMs, untilMs: fromMs + DAYS * DAY_MS };
    await timed('a day, first page', () => list({}));
    await timed('a day, by account', () => list({ account: 'account-15' }));
    await timed('a day, by gateway', () => list({ gateway: 'carrier-15' }));
    await timed('a day, by what the callee begins with (short)', () =>
      list({ calleePrefix: '45' }),
    );
    await timed('a day, by what the callee begins with (long)', () => list({ calleePrefix: '4520001' })); // prettier-ignore
    await timed('a day, by reason', () => list({ reason: 'NoRoute' }));
    await timed('a day, by code', () => list({ code: 486 }));
    await timed('a month, by account', () => list({ ...month, account: 'account-15' }));
    await timed('a call by its id', () => app.handlers.getCdr({ callId: 'c4ca4238a0b923820dcc509a6f75849b' })); // prettier-ignore
    await timed('a call that is not there', () => app.handlers.getCdr({ callId: 'nobody' }));
    await timed('first page of the export of the month', () => app.handlers.exportCdrs({ filter: ListCdrsRequest.fromPartial({ ...month, limit: 500 }) })); // prettier-ignore
    for (const by of [['account'], ['vendor', 'day'], ['destination'], ['gateway', 'hour']]) {
      const ask = AnalyseCallsRequest.fromPartial({ ...month, by, money: true });
      await timed(`the month by ${by.join(', ')}`, () => app.handlers.analyseCalls(ask));
    }
    await timed('the month by reason', () => app.handlers.analyseCalls(AnalyseCallsRequest.fromPartial({ ...month, by: ['reason'] }))); // prettier-ignore
  } finally {
    await app.stop();
    await database.close();
  }
}

/** As housekeeping makes them; it makes those of these days alone. */
async function makeDays(pool: Awaited<ReturnType<typeof databaseForTest>>['pool'], fromMs: number) {
  for (let day = fromMs; day < fromMs + DAYS * DAY_MS; day += DAY_MS) {
    const name = `cdr_${new Date(day).toISOString().slice(0, 10).replaceAll('-', '')}`;
    const [from, until] = [day, day + DAY_MS].map((ms) => new Date(ms).toISOString());
    const known = await pool.query(`SELECT 1 WHERE to_regclass('tandem_billing.${name}') IS NULL`);
    if (known.rowCount === 0) continue;
    await pool.query(`CREATE TABLE tandem_billing.${name} PARTITION OF tandem_billing.cdr FOR VALUES FROM ('${String(from)}') TO ('${String(until)}')`); // prettier-ignore
    await pool.query(`CREATE UNIQUE INDEX ON tandem_billing.${name} (call_id)`);
  }
}

/** The first time, with what a connection has to read first, and the best of three. */
async function timed(what: string, work: () => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  process.stdout.write(`${what}: ${String(Math.round(times[0] ?? 0))} ms, then ${String(Math.round(Math.min(...times)))} ms\n`); // prettier-ignore
}

function say(what: string, ms: number): void {
  process.stdout.write(`${what} in ${String(Math.round(ms / 1000))} s\n`);
}

if (import.meta.main) await main(Number(process.argv[2] ?? 200_000));

/**
 * CDRs rated once more, previewed and booked (BILL-06), against a plain COPY of the same rows out of the same database, and how long a payment of
 * the same account waits while they are booked. `node src/rerating.ts [CDRS]`
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { createBillingApp, type BillingApp } from '@tandem/billing';
import {
  configurationMigrations,
  configurationSchema,
  configurationShape,
  memorySnapshots,
} from '@tandem/config';
import { MemoryEventLog, createMemoryConsumer, encodeCallEvent } from '@tandem/events';
import { memoryLimits } from '@tandem/limits';
import { BookPaymentRequest, CreateReratingRequest, Terms } from '@tandem/proto/billing';
import { CallEvent } from '@tandem/proto/events';
import { migrate, silentLogger } from '@tandem/service';
import { databaseForTest } from '@tandem/testing';

type Pool = Awaited<ReturnType<typeof databaseForTest>>['pool'];

const DAYS = 3;
const DAY_MS = 86_400_000;
const AT_ONCE = 50_000;
const fromMs = Math.floor(Date.now() / DAY_MS) * DAY_MS - (DAYS - 1) * DAY_MS;

const configuration = configurationSchema.parse({
  rateGroups: [{ name: 'standard', currency: 'USD', rates: [{ prefix: '44', pricePerMinute: '0.0119', firstIncrement: 1, nextIncrement: 1 }] }],
  accounts: [{ name: 'demo', rateGroup: 'standard' }],
}); // prettier-ignore

const FILL = `
INSERT INTO tandem_billing.cdr (call_id, started_at, answered_at, ended_at, origin_kind, origin, gateway, customer_account, vendor_account,
  caller, callee, a_sip_call_id, address, reason, code, billed_seconds, price, currency, cost, cost_currency, duration_ms, pdd_ms, prefix, event)
SELECT md5(n::text), at, at + interval '3 s', at + interval '63 s', 'mapping-gateway', 'trunk-' || n % 50, 'carrier-' || n % 37, 'demo', 'vendor-' || n % 37,
  '1' || n % 9999999, '4420' || n % 7654321, md5(n::text) || '@host', '192.0.2.' || n % 250, 'NormalClearing', 200, 60, 0.0123, 'USD', 0.01, 'USD', 60000, 800, '44', $4::bytea
FROM generate_series($1::bigint, $1::bigint + $2::bigint - 1) n,
  LATERAL (SELECT $3::timestamptz + n % ${String(DAYS)} * interval '1 day' + (n * 7919) % 86400000 * interval '1 ms' AS at) place`;

const CHARGE = `
WITH booked AS (
  INSERT INTO tandem_billing.ledger (account, reference, kind, amount, currency, call_id, at)
  SELECT customer_account, 'call ' || call_id, 'call', -price, currency, call_id, ended_at FROM tandem_billing.cdr RETURNING amount
)
INSERT INTO tandem_billing.account_balance (account, currency, balance, entries, version)
SELECT 'demo', 'USD', sum(amount), count(*), 1 FROM booked`;

async function fill(pool: Pool, cdrs: number): Promise<void> {
  const terms = Terms.fromPartial({ account: 'demo', prefix: '44', currency: 'USD', pricePerMinute: '0.0123', firstIncrementSeconds: 60, nextIncrementSeconds: 60, connectionFee: '0', rateGroup: 'standard' }); // prettier-ignore
  const leg = { sipCallId: 'a@host', peerAddress: '192.0.2.1:5060', transport: 'udp', caller: '1001', callee: '442079460000', userAgent: 'x', codecs: ['PCMA/8000'] }; // prettier-ignore
  const times = { startedMs: fromMs, answeredMs: fromMs + 3000, endedMs: fromMs + 63_000 };
  const decision = { service: 'routing', check: 'rate', result: 'passed', subject: 'account demo', facts: [{ name: 'price', value: '0.0123 USD a minute' }] }; // prettier-ignore
  const event = Buffer.from(encodeCallEvent(CallEvent.fromPartial({ eventId: 'x', callId: 'x', type: 'ended', ...times, a: leg, b: leg, customerTerms: Terms.encode(terms).finish(), decisions: [decision, decision, decision] }))); // prettier-ignore
  for (let at = 0; at < cdrs; at += AT_ONCE) {
    await pool.query(FILL, [at, Math.min(AT_ONCE, cdrs - at), new Date(fromMs).toISOString(), event]); // prettier-ignore
  }
  await pool.query(CHARGE);
  await pool.query('VACUUM ANALYZE');
}

async function main(cdrs: number): Promise<void> {
  const database = await databaseForTest();
  const logger = silentLogger();
  await migrate({ pool: database.pool, folder: configurationMigrations, schema: 'tandem_config', logger }); // prettier-ignore
  await database.pool.query(`INSERT INTO tandem_config.version (version, applied_by, document, shape) VALUES (1, 'benchmark', $1, $2)`, [JSON.stringify(configuration), configurationShape()]); // prettier-ignore
  const app = await createBillingApp(
    { postgresUrl: database.url },
    {
      logger,
      events: createMemoryConsumer({ log: new MemoryEventLog(), group: 'benchmark', logger }),
      balances: memoryLimits().balances,
      snapshots: memorySnapshots(),
    },
  );
  await app.start();
  try {
    await fill(database.pool, cdrs);
    const copied = await timed('plain COPY of the same rows', () => copyOut(database.url));
    const asked = { fromMs, untilMs: fromMs + DAYS * DAY_MS, accounts: ['demo'], version: 1 };
    const { id } = await app.handlers.createRerating(CreateReratingRequest.create(asked));
    const preview = await timed('preview', () => reached(app, id, 'ready'));
    await app.handlers.applyRerating({ id, appliedBy: 'benchmark' });
    const waits: number[] = [];
    const paying = pay(app, waits);
    const booking = await timed('booking', () => reached(app, id, 'applied'));
    await paying.stop();
    const { rerating } = await app.handlers.getRerating({ id });
    const all = preview + booking;
    process.stdout.write(
      `${String(rerating?.booked)} entries, ${JSON.stringify(rerating?.applied)}\n`,
    );
    process.stdout.write(
      `${(all / 1000).toFixed(1)} s in all, ${(all / copied).toFixed(1)} × COPY\n`,
    );
    waits.sort((one, other) => one - other);
    process.stdout.write(`a payment waits ${String(waits[waits.length >> 1])} ms, ${String(waits.at(-1))} ms at most, of ${String(waits.length)}\n`); // prettier-ignore
  } finally {
    await app.stop();
    await database.close();
  }
}

/** Books payments of the account, one after another. */
function pay(app: BillingApp, waits: number[]): { stop(): Promise<void> } {
  const ended = new AbortController();
  const paying = (async () => {
    for (let number = 0; !ended.signal.aborted; number += 1) {
      const startMs = performance.now();
      await app.handlers.bookPayment(BookPaymentRequest.fromPartial({ account: 'demo', amount: '1', reference: `payment-${String(number)}`, bookedBy: 'benchmark', kind: 'payment' })); // prettier-ignore
      waits.push(Math.round(performance.now() - startMs));
      await delay(50);
    }
  })();
  return {
    stop: async () => {
      ended.abort();
      await paying;
    },
  };
}

async function reached(app: BillingApp, id: number, state: string): Promise<void> {
  for (;;) {
    const { rerating } = await app.handlers.getRerating({ id });
    if (rerating?.state === state) return;
    if (rerating?.state === 'failed') throw new Error(rerating.cause);
    await delay(50);
  }
}

async function copyOut(url: string): Promise<void> {
  const psql = spawn('psql', ['--no-psqlrc', '-q', url, '-c', 'COPY (SELECT * FROM tandem_billing.cdr) TO STDOUT'], { stdio: ['ignore', 'pipe', 'inherit'] }); // prettier-ignore
  psql.stdout.resume();
  const [code] = (await once(psql, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`psql ended with ${String(code)}`);
}

async function timed(what: string, work: () => Promise<void>): Promise<number> {
  const startMs = performance.now();
  await work();
  const ms = performance.now() - startMs;
  process.stdout.write(`${what}: ${(ms / 1000).toFixed(1)} s\n`);
  return ms;
}

await main(Number(process.argv[2] ?? 1_000_000));

import { encodeCallEvent } from '@tandem/events';
import { CallEvent } from '@tandem/proto/events';
import type { databaseForTest } from '@tandem/testing';

type Pool = Awaited<ReturnType<typeof databaseForTest>>['pool'];

export const DAYS = 30;
export const DAY_MS = 86_400_000;
const AT_ONCE = 50_000;

// 500 accounts, 40 carriers, 2,000 prefixes, a tenth of the calls busy and a hundredth without a route: a wholesale month.
const FILL = `
INSERT INTO tandem_billing.cdr (call_id, started_at, answered_at, ended_at, origin_kind, origin, gateway, customer_account, vendor_account,
  caller, callee, a_sip_call_id, address, reason, code, billed_seconds, price, currency, cost, cost_currency, duration_ms, pdd_ms, prefix, event)
SELECT md5(n::text), at, CASE WHEN n / 30 % 10 > 0 THEN at + interval '3 s' END, at + interval '63 s', 'mapping-gateway', 'trunk-' || n % 500,
  'carrier-' || n % 37, 'account-' || n % 500, 'vendor-' || n % 37, '1' || n % 9999999, (20 + n % 70)::text || 2000000 + n % 7654321, md5(n::text) || '@host',
  '192.0.2.' || n % 250, CASE WHEN n / 30 % 100 = 0 THEN 'NoRoute' WHEN n / 30 % 10 = 0 THEN 'UserBusy' ELSE 'NormalClearing' END,
  CASE WHEN n / 30 % 100 = 0 THEN 503 WHEN n / 30 % 10 = 0 THEN 486 ELSE 200 END, 60, 0.0123, 'USD', 0.01, 'USD', 60000, 800, (20 + n % 70)::text || n % 29, $4::bytea
FROM generate_series($1::bigint, $1::bigint + $2::bigint - 1) n, LATERAL (SELECT $3::timestamptz + n % ${String(DAYS)} * interval '1 day' + (n * 7919) % 86400000 * interval '1 ms' AS at) place`;

/** The first moment of the month, whose last day is today. */
export function monthBegin(): number {
  return Math.floor(Date.now() / DAY_MS) * DAY_MS - (DAYS - 1) * DAY_MS;
}

/** Puts so many CDRs into the tables of a database that billing has made, with what they come to. */
export async function fillMonth(pool: Pool, cdrs: number): Promise<void> {
  const fromMs = monthBegin();
  await makeDays(pool, fromMs);
  const times = { startedMs: fromMs, endedMs: fromMs };
  const event = Buffer.from(
    encodeCallEvent(CallEvent.fromPartial({ eventId: 'x', callId: 'x', type: 'ended', ...times })),
  );
  for (let at = 0; at < cdrs; at += AT_ONCE) {
    const count = Math.min(AT_ONCE, cdrs - at);
    await pool.query(FILL, [at, count, new Date(fromMs).toISOString(), event]);
  }
}

/** As housekeeping makes them; it makes those of these days alone. */
async function makeDays(pool: Pool, fromMs: number): Promise<void> {
  for (let day = fromMs; day < fromMs + DAYS * DAY_MS; day += DAY_MS) {
    const name = `cdr_${new Date(day).toISOString().slice(0, 10).replaceAll('-', '')}`;
    const [from, until] = [day, day + DAY_MS].map((ms) => new Date(ms).toISOString());
    const known = await pool.query(`SELECT 1 WHERE to_regclass('tandem_billing.${name}') IS NULL`);
    if (known.rowCount === 0) continue;
    await pool.query(`CREATE TABLE tandem_billing.${name} PARTITION OF tandem_billing.cdr FOR VALUES FROM ('${String(from)}') TO ('${String(until)}')`); // prettier-ignore
    await pool.query(`CREATE UNIQUE INDEX ON tandem_billing.${name} (call_id)`);
  }
}

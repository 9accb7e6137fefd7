import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { encodeCallEvent } from '@tandem/events';
import { migrate, silentLogger } from '@tandem/service';
import { databaseForTest } from '@tandem/testing';
import { createPgBillingStore } from '../../src/adapters/pg-billing-store.ts';
import { openWriter } from '../../src/adapters/pg-write-batch.ts';
import { createEventHandler } from '../../src/api/event-handler.ts';
import { DAY_MS } from '../../src/core/days.ts';
import { endedEvent, noonMs, received } from '../support/call-events.ts';

const logger = silentLogger();
const folder = fileURLToPath(new URL('../../migrations', import.meta.url));
const CALLS = 3000;

/** As the version before wrote CDRs: a process of it may still run when the tables change. */
const INSERT_BEFORE = `
INSERT INTO tandem_billing.cdr (call_id, started_at, answered_at, ended_at, origin_kind, origin, gateway, customer_account, caller, callee,
  reason, code, billed_seconds, price, currency, cost, event)
SELECT 'call-' || n, to_timestamp($1::float8 / 1000) + n * interval '1 minute', to_timestamp($1::float8 / 1000) + n * interval '1 minute' + interval '3 s',
  to_timestamp($1::float8 / 1000) + n * interval '1 minute' + interval '13 s', 'mapping-gateway', 'demo-trunk', 'carrier-a', 'demo', '1001', '442079460000',
  'NormalClearing', 200, 60, 0.0123, 'USD', 0, $2::bytea
FROM generate_series($3::integer, $4::integer - 1) n
ON CONFLICT DO NOTHING`;

/** A call as it stands in the table of before. */
const callAt = (index: number) => {
  const startedMs = noonMs + index * 60_000;
  return endedEvent(`call-${String(index)}`, {
    startedMs,
    answeredMs: startedMs + 3000,
    endedMs: startedMs + 13_000,
  });
};

test('BILL-07 a filled database of the version before gets days and sums, and nothing in it counts twice', async () => {
  const { close, pool, url } = await databaseForTest();
  const before = await mkdtemp(join(tmpdir(), 'tandem-migrations-'));
  for (const name of await readdir(folder)) {
    if (name < '0006') await cp(join(folder, name), join(before, name));
  }
  await migrate({ pool, folder: before, schema: 'tandem_billing', logger });
  const fill = (from: number, until: number) =>
    pool.query(INSERT_BEFORE, [noonMs, Buffer.from(encodeCallEvent(callAt(0))), from, until]);
  await fill(0, CALLS);
  // Of a clock that is wrong.
  await pool.query(
    `INSERT INTO tandem_billing.cdr (call_id, started_at, ended_at, reason, code, billed_seconds, price, cost, event)
     VALUES ('future', '2099-01-01', '2099-01-01', 'NoRoute', 503, 0, 0, 0, '')`,
  );

  await migrate({ pool, folder, schema: 'tandem_billing', logger });

  const writer = openWriter({ url, logger });
  const store = createPgBillingStore({ pool, writer });
  const places = await pool.query<{ place: string; n: number }>(
    'SELECT tableoid::regclass::text AS place, count(*)::int AS n FROM tandem_billing.cdr GROUP BY 1 ORDER BY 1',
  );
  assert.deepEqual(places.rows, [
    { place: 'tandem_billing.cdr_before', n: CALLS },
    { place: 'tandem_billing.cdr_other', n: 1 },
  ]);
  await fill(0, CALLS + 5);
  const handler = createEventHandler({ store, logger, onCharged: () => Promise.resolve() });
  await handler.handle([1, 2, CALLS + 4, CALLS + 5].map((index) => received(callAt(index))));

  const sums = await pool.query<{ calls: string; answered: string; price: string }>(
    `SELECT sum(calls) AS calls, sum(answered) AS answered, sum(price)::text AS price FROM tandem_billing.traffic_hour`,
  );
  const all = CALLS + 6;
  assert.deepEqual(sums.rows, [
    { calls: String(all + 1), answered: String(all), price: ((all * 123) / 10_000).toFixed(4) },
  ]);
  const listed = await store.listCdrs({ untilMs: noonMs + DAY_MS, limit: 2 });
  assert.deepEqual(
    listed.map(({ callId }) => callId),
    ['call-1439', 'call-1438'],
  );
  assert.equal((await store.findCdrs('call-7')).length, 1);
  const analysed = await store.analysis.analyse({ fromMs: noonMs, untilMs: noonMs + DAY_MS, by: ['day'], isMoney: false, limit: 9 }); // prettier-ignore
  assert.deepEqual(analysed.map(({ calls, durationMs, keys }) => [...keys, calls, durationMs]), [
    ['2026-11-21', 720, 7_200_000],
    ['2026-11-22', 720, 7_200_000],
  ]); // prettier-ignore
  // The days of before go together, once the last of them is too old.
  const [oldest] = await store.partitions.old(Date.now() + 10 * DAY_MS);
  assert.equal(oldest?.name, 'cdr_before');
  await writer.end();
  await close();
  await rm(before, { recursive: true });
});

import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { memorySnapshots } from '@tandem/config';
import {
  MemoryEventLog,
  callEventMessage,
  createMemoryConsumer,
  createMemoryPublisher,
} from '@tandem/events';
import { memoryLimits } from '@tandem/limits';
import {
  AnalyseCallsRequest,
  BillingServiceService,
  ExportCdrsRequest,
} from '@tandem/proto/billing';
import { silentLogger, unaryClient } from '@tandem/service';
import { databaseForTest, eventually } from '@tandem/testing';
import { createBillingApp } from '../src/app.ts';
import { endedEvent, noonMs } from './support/call-events.ts';

const logger = silentLogger();
const CALLS = 500;

test('BILL-06 billing gives exports page by page and analyses over gRPC, and feeds others, each CDR once', async (t) => {
  const database = await databaseForTest();
  const folder = await mkdtemp(join(tmpdir(), 'tandem-feed-'));
  const log = new MemoryEventLog();
  const app = await createBillingApp(
    { postgresUrl: database.url, grpcListen: '127.0.0.1:0', feedDir: folder, feedMs: 50 },
    {
      logger,
      events: createMemoryConsumer({ log, group: 'billing', logger, maxBatch: 37 }),
      balances: memoryLimits().balances,
      snapshots: memorySnapshots(),
    },
  );
  await app.start();
  const client = unaryClient(BillingServiceService, `127.0.0.1:${String(app.grpcPort)}`, {
    deadlineMs: 30_000,
  });
  t.after(async () => {
    client.close();
    await app.stop();
    await database.close();
    await rm(folder, { recursive: true, force: true });
  });
  // A feed has what is stored after it was set up.
  await eventually('the feed is set up', async () => {
    const found = await database.pool.query('SELECT FROM tandem_billing.feed_batch');
    return found.rowCount === 1;
  });
  const callIds = Array.from({ length: CALLS }, (_, index) => `call-${String(index)}`).toSorted();
  const publisher = createMemoryPublisher(log);
  for (const round of [1, 2]) {
    await publisher.publish(callIds.map((callId) => callEventMessage(endedEvent(callId))));
    await eventually(`round ${String(round)} is stored`, () => app.lag() === 0);
  }

  const lines: string[] = [];
  let cursor = '';
  do {
    const page = await client.exportCdrs(ExportCdrsRequest.fromPartial({ filter: { account: 'demo', limit: 120, cursor } })); // prettier-ignore
    lines.push(...Buffer.from(page.csv).toString().trimEnd().split('\r\n'));
    cursor = page.nextCursor;
  } while (cursor !== '');
  const [head = '', ...rows] = lines;
  assert.match(head, /^call_id,started_at,/);
  assert.deepEqual(rows.map((row) => row.split(',')[0]), callIds); // prettier-ignore
  const values = Object.fromEntries(head.split(',').map((name, index) => [name, rows[0]?.split(',')[index]])); // prettier-ignore
  const { answered_at: answeredAt, callee, pdd_ms: pddMs, prefix, price, started_at: startedAt } = values; // prettier-ignore
  assert.deepEqual(
    { answeredAt, callee, pddMs, prefix, price, startedAt },
    { answeredAt: '2026-11-21T12:00:03.000Z', callee: '442079460000', pddMs: '500', prefix: '44', price: '0.0123', startedAt: '2026-11-21T12:00:00.000Z' },
  ); // prettier-ignore

  const span = { fromMs: noonMs, untilMs: noonMs + 1 };
  const { rows: sums } = await client.analyseCalls(AnalyseCallsRequest.fromPartial({ ...span, by: ['destination'], money: true })); // prettier-ignore
  assert.deepEqual(sums.map(({ answered, calls, keys, price: sum }) => [keys, calls, answered, sum]), [[['44'], CALLS, CALLS, '6.15']]); // prettier-ignore

  const fed = async (): Promise<string[]> => {
    const names = (await readdir(folder)).filter((name) => !name.startsWith('.'));
    const texts = await Promise.all(names.map(async (name) => gunzipSync(await readFile(join(folder, name))).toString())); // prettier-ignore
    return texts.flatMap((text) => text.trimEnd().split('\r\n').slice(1)).map((line) => line.split(',')[0] ?? ''); // prettier-ignore
  };
  await eventually('all are fed', async () => (await fed()).length >= CALLS);
  assert.deepEqual((await fed()).toSorted(), callIds);
});

import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { decodeCallEvent } from '@tandem/events';
import { silentLogger } from '@tandem/service';
import { createEventHandler } from '../../src/api/event-handler.ts';
import { CdrHousekeeping } from '../../src/cdr-housekeeping.ts';
import { DAY_MS } from '../../src/core/days.ts';
import { answeredEvent, endedEvent, noonMs, received } from '../support/call-events.ts';
import { openBillingStore } from '../support/billing-store.ts';
import type { TestBillingStore } from '../support/billing-store.ts';

const logger = silentLogger();

describe('days of CDRs', () => {
  let database: TestBillingStore;
  let folder: string;

  before(async () => {
    database = await openBillingStore();
  });
  beforeEach(async () => {
    await database.empty();
    folder = await mkdtemp(join(tmpdir(), 'tandem-archive-'));
  });
  after(async () => {
    await database.close();
  });

  const housekeeping = (nowMs: number, archiveDir: string | undefined = folder) =>
    new CdrHousekeeping({
      store: database.store.partitions,
      logger,
      days: 30,
      archiveDir,
      now: () => nowMs,
    });

  /** A call that began so many days after noon of the day of the tests. */
  const callOn = (day: number, callId = `call-${String(day)}`) => {
    const startedMs = noonMs + day * DAY_MS;
    const times = { startedMs, ringingMs: startedMs + 500, answeredMs: startedMs + 3000 };
    const change = { ...times, endedMs: startedMs + 13_000 };
    return { answered: answeredEvent(callId, { ...times }), ended: endedEvent(callId, change) };
  };

  async function handle(...events: Parameters<typeof received>[0][]): Promise<void> {
    const onCharged = () => Promise.resolve();
    const handler = createEventHandler({ store: database.store, logger, onCharged });
    await handler.handle(events.map(received));
  }

  async function placesOf(): Promise<Record<string, string[]>> {
    const found = await database.pool.query<{ place: string; ids: string[] }>(
      `SELECT substr(tableoid::regclass::text, 16) AS place, array_agg(call_id ORDER BY call_id) AS ids
       FROM tandem_billing.cdr GROUP BY 1`,
    );
    return Object.fromEntries(found.rows.map(({ ids, place }) => [place, ids]));
  }

  test('BILL-07 days are made ahead, what came before its day was made moves into it, and all is still found', async () => {
    await handle(callOn(0).ended, callOn(40).ended);
    assert.deepEqual(await placesOf(), { cdr_other: ['call-0', 'call-40'] });
    await housekeeping(noonMs).prepare();
    // Nobody makes a day twice, whoever tries at once.
    await Promise.all([housekeeping(noonMs).prepare(), housekeeping(noonMs + DAY_MS).prepare()]);
    await handle(callOn(1).ended);
    const places = await placesOf();
    assert.deepEqual(places, {
      cdr_20261121: ['call-0'],
      cdr_20261122: ['call-1'],
      cdr_other: ['call-40'],
    });
    const listed = await database.store.listCdrs({ limit: 10 });
    assert.deepEqual(
      listed.map(({ callId }) => callId),
      ['call-40', 'call-1', 'call-0'],
    );
    // OPS-08: a replay reads them as they came, page by page.
    const forward: string[] = [];
    for (let last: { callId: string; startedMs: number } | undefined; ;) {
      const [next] = await database.store.listCdrs({ limit: 1, isOldestFirst: true, after: last });
      if (next === undefined) break;
      forward.push(next.callId);
      last = next;
    }
    assert.deepEqual(forward, ['call-0', 'call-1', 'call-40']);
    for (const callId of ['call-0', 'call-1', 'call-40']) {
      assert.equal((await database.store.findCdrs(callId)).length, 1, callId);
    }
    assert.deepEqual(
      (await database.store.openCalls.charged(['call-40', 'call-0', 'call-7'])).toSorted(),
      ['call-0', 'call-40'],
    );
  });

  test('BILL-03 what comes again meets its CDR in the partition of its day, and an answer that comes late waits for nobody', async () => {
    await housekeeping(noonMs).prepare();
    const calls = [0, 1, 2].map((day) => callOn(day));
    const events = calls.flatMap(({ answered, ended }) => [answered, ended]);
    await handle(...events);
    await handle(...events);
    await Promise.all([handle(...events), handle(...events)]);
    await handle(...calls.map(({ answered }) => answered));
    const rows = await database.pool.query<{ cdrs: string; entries: string; open: string }>(
      `SELECT (SELECT count(*) FROM tandem_billing.cdr) AS cdrs, (SELECT count(*) FROM tandem_billing.ledger) AS entries,
         (SELECT count(*) FROM tandem_billing.answered_call) AS open`,
    );
    assert.deepEqual(rows.rows, [{ cdrs: '3', entries: '3', open: '0' }]);
  });

  test('BILL-07 what is too old is in a file, whole, before it goes; its sums and its charges stay', async () => {
    await housekeeping(noonMs).prepare();
    await handle(
      callOn(0).ended,
      callOn(0, 'call-"x", y').ended,
      callOn(1).ended,
      callOn(-90).ended,
    );
    const gone = await housekeeping(noonMs + 31 * DAY_MS).retire();
    assert.ok(gone.includes('2026-11-21'), gone.join());
    const left = await database.store.listCdrs({ limit: 10 });
    assert.deepEqual(
      left.map(({ callId }) => callId),
      ['call-1'],
    );
    const files = (await readdir(folder)).filter((name) => !name.startsWith('.'));
    assert.ok(files.includes('cdrs-2026-11-21.csv.gz'));
    assert.ok(files.includes('cdrs-other-before-2026-11-22.csv.gz'));
    assert.deepEqual(
      files.filter((name) => name.endsWith('.part')),
      [],
    );
    const [head = '', ...lines] = gunzipSync(await readFile(join(folder, 'cdrs-2026-11-21.csv.gz')))
      .toString()
      .trimEnd()
      .split('\r\n');
    assert.equal(lines.length, 2);
    const at = head.split(',').indexOf('event');
    assert.equal(at, head.split(',').length - 1);
    const quoted = lines.find((line) =>
      line.startsWith('"call-""x"", y",2026-11-21T12:00:00.000Z'),
    );
    const event = decodeCallEvent(Buffer.from(quoted?.split(',').at(-1) ?? '', 'base64'));
    assert.equal(event.callId, 'call-"x", y');
    const sums = await database.pool.query<{ calls: string; price: string }>(
      'SELECT sum(calls) AS calls, sum(price)::text AS price FROM tandem_billing.traffic_hour',
    );
    assert.deepEqual(sums.rows, [{ calls: '4', price: '0.0492' }]);
    const [balance] = await database.store.balances(['demo']);
    assert.equal(balance?.ledgerEntries, 4);
    await rm(folder, { recursive: true });
  });

  test('BILL-07 where the file cannot be written nothing goes', async () => {
    await housekeeping(noonMs).prepare();
    await handle(callOn(2).ended);
    const nowhere = join('/dev/null', 'archive');
    await assert.rejects(housekeeping(noonMs + 60 * DAY_MS, nowhere).retire(), { code: 'ENOTDIR' });
    assert.equal((await database.store.findCdrs('call-2')).length, 1);
  });
});

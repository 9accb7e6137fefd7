/**
 * How long a month of CDRs is searched for (BILL-06, BILL-07): the first page of a day, by account, gateway, what a number begins with, and
 * reason; the first page of an export; what the whole month comes to. `node src/cdr-queries.ts [CDRS]` takes how many there are: each million
 * needs a minute or two, and a gigabyte, for as long as it runs.
 */
import { createBillingApp } from '@tandem/billing';
import { memorySnapshots } from '@tandem/config';
import { MemoryEventLog, createMemoryConsumer } from '@tandem/events';
import { memoryLimits } from '@tandem/limits';
import { AnalyseCallsRequest, ListCdrsRequest } from '@tandem/proto/billing';
import { silentLogger } from '@tandem/service';
import { databaseForTest } from '@tandem/testing';
import { DAYS, DAY_MS, fillMonth, monthBegin } from './month-of-cdrs.ts';

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
  const fromMs = monthBegin();
  try {
    const began = performance.now();
    await fillMonth(database.pool, cdrs);
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

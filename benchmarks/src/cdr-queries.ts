/**
 * How long a month of CDRs is searched for (BILL-06, BILL-07): the first page of a day, by account, gateway, what a number begins with, and
 * reason; the first page of an export; what the whole month comes to. `node src/cdr-queries.ts [CDRS [URL [DAYS]]]` takes how many there are: each
 * million needs half a minute and 0.8 GB. With the URL of a database that database is used, and kept: what it has already is not made again.
 * With DAYS the last days alone have their CDRs, as many as on a day of the whole month, and all of them their sums.
 */
import { createBillingApp } from '@tandem/billing';
import { memorySnapshots } from '@tandem/config';
import { MemoryEventLog, createMemoryConsumer } from '@tandem/events';
import { memoryLimits } from '@tandem/limits';
import { AnalyseCallsRequest, ListCdrsRequest } from '@tandem/proto/billing';
import { createPool, silentLogger } from '@tandem/service';
import { databaseForTest } from '@tandem/testing';
import { DAYS, DAY_MS, fillMonth, monthBegin } from './month-of-cdrs.ts';

/** A day in the midst of those that have CDRs. */
const ASKED = DAYS - 3;

async function main(cdrs: number, url: string | undefined, days: number): Promise<void> {
  const database = url === undefined ? await databaseForTest() : keptDatabase(url);
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
  const { handlers } = app;
  try {
    const began = performance.now();
    const said = (what: string): void => { say(what, performance.now() - began); }; // prettier-ignore
    await fillMonth({ pool: database.pool, cdrs, days, said });
    said(`${String(Math.round((cdrs / DAYS) * days))} CDRs of ${String(days)} days`);
    await database.pool.query('SET statement_timeout = 0; VACUUM (ANALYZE, SKIP_LOCKED)').catch(() => database.pool.query('VACUUM ANALYZE')); // prettier-ignore
    const day = { fromMs: fromMs + ASKED * DAY_MS, untilMs: fromMs + (ASKED + 1) * DAY_MS };
    const list = (filter: Partial<ListCdrsRequest>) => handlers.listCdrs(ListCdrsRequest.fromPartial({ ...day, ...filter })); // prettier-ignore
    const month = { fromMs, untilMs: fromMs + DAYS * DAY_MS };
    await timed('a day, first page', () => list({}));
    for (const account of ['account-1', 'account-20', 'account-499', 'nobody']) await timed(`a day, by account (${account})`, () => list({ account })); // prettier-ignore
    for (const gateway of ['carrier-1', 'carrier-40', 'trunk-300']) await timed(`a day, by gateway (${gateway})`, () => list({ gateway })); // prettier-ignore
    for (const calleePrefix of ['4', '45', '4512', '45123', '4512345', '0']) await timed(`a day, by what the callee begins with (${calleePrefix})`, () => list({ calleePrefix })); // prettier-ignore
    for (const reason of ['NormalClearing', 'Rejected', 'AccountBalanceNotEnough', 'Overload']) await timed(`a day, by reason (${reason})`, () => list({ reason })); // prettier-ignore
    await timed('a day, by code', () => list({ code: 486 }));
    await timed('a day, by account and reason', () => list({ account: 'account-1', reason: 'AccountBalanceNotEnough' })); // prettier-ignore
    await timed('a day, by gateway and prefix', () => list({ gateway: 'carrier-1', calleePrefix: '45' })); // prettier-ignore
    await timed('a month, by account', () => list({ ...month, account: 'account-15' }));
    await timed('a month, by reason', () => list({ ...month, reason: 'AccountBalanceNotEnough' }));
    const [found] = (await list({ account: 'account-20' })).cdrs;
    await timed('a call by its id', () => handlers.getCdr({ callId: found?.event?.callId ?? '' }));
    await timed('a call that is not there', () => handlers.getCdr({ callId: 'nobody' }));
    await timed('first page of the export of the month', () => handlers.exportCdrs({ filter: ListCdrsRequest.fromPartial({ ...month, limit: 500 }) })); // prettier-ignore
    await timed('first page of the export of an account', () => handlers.exportCdrs({ filter: ListCdrsRequest.fromPartial({ ...month, account: 'account-20', limit: 500 }) })); // prettier-ignore
    for (const by of [
      ['account'],
      ['vendor'],
      ['vendor', 'day'],
      ['destination'],
      ['destination', 'account'],
      ['gateway', 'hour'],
      ['reason'],
    ]) {
      const ask = AnalyseCallsRequest.fromPartial({ ...month, by, money: by[0] !== 'reason' });
      await timed(`the month by ${by.join(', ')}`, () => handlers.analyseCalls(ask));
    }
    const some = { ...month, by: ['day'], account: 'account-20' };
    await timed('the month of an account by day', () => handlers.analyseCalls(AnalyseCallsRequest.fromPartial(some))); // prettier-ignore
  } finally {
    await app.stop();
    await database.close();
  }
}

function keptDatabase(
  url: string,
): Pick<Awaited<ReturnType<typeof databaseForTest>>, 'url' | 'pool' | 'close'> {
  const pool = createPool({ url, logger: silentLogger() });
  return { url, pool, close: () => pool.end() };
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

if (import.meta.main) {
  const [cdrs = '200000', url, days = String(DAYS)] = process.argv.slice(2);
  await main(Number(cdrs), url, Number(days));
}

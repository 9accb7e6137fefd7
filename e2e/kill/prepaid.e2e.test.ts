import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { OwnRedis } from '@tandem/testing';
import { type TestCluster, startTestCluster } from '../src/cluster/test-cluster.ts';
import { configuration, demo } from '../src/configuration.ts';
import { freePort } from '../src/free-ports.ts';
import { MoneyWatch, secondsLeft, spentAt, talkedCalls } from '../src/kill/money-watch.ts';
import { RandomKiller } from '../src/kill/random-killer.ts';
import { isSoak, runs } from '../src/kill/trial-table.ts';
import { layoutOfRun } from '../src/shape.ts';
import { Carrier, placeCalls } from '../src/sipp.ts';
import { until } from '../src/until.ts';

/** Calls last 1 to 40 s: so many are up as begin in twenty seconds. */
const MEAN_SECONDS = 20.5;
/** For so many calls at once there is money for so long. */
const { atOnce, seconds } = isSoak ? { atOnce: 200, seconds: 3000 } : { atOnce: 40, seconds: 45 };
const OVERDRAFT = 50;
const SLICE_SECONDS = 10;
/** Talked for after all had been spent: calls are refused and cut, until a payment lets others in. */
const SPENT_SECONDS = 20;
const KILL_MS = isSoak ? 20_000 : 8000;
const REDIS_AWAY_MS = 1000;
/** How late a sweep may be on a busy machine, or while the pod that would sweep is dead. */
const LATE_SECONDS = 5;
const RATE = atOnce / MEAN_SECONDS;
const MONEY = Math.round(atOnce * seconds);
const PAID = Math.round(atOnce * 10);

for (let run = 1; run <= runs; run += 1) {
  const layout = layoutOfRun(run, 'pod');
  describe(
    `the money of one account, ${layout}, run ${String(run)}`,
    { timeout: 3_600_000 },
    () => {
      const open: (() => Promise<unknown>)[] = [];
      after(async () => {
        for (const close of open.reverse()) await close();
      });

      test(`BILL-05 CALL-09 ${String(atOnce)} calls at once share it while edges and billing are killed and Redis is emptied: no more is spent than there is, none is cut early by more than a slice, and the ledger agrees`, async (t) => {
        const redis = await OwnRedis.start();
        open.push(() => redis.close());
        const cluster = await startTestCluster({
          layout,
          pods: 2,
          stores: { redisUrl: redis.url },
        });
        open.push(() => cluster.stop());
        const carrier = await Carrier.start({
          scenario: 'carrier-answers',
          port: await freePort(),
        });
        open.push(() => carrier.stop());
        await cluster.configure(document(carrier.port, await freePort()));
        const watch = new MoneyWatch(cluster.stores.postgresUrl, demo.account);
        open.push(() => watch.stop());

        const inAll = seconds + SPENT_SECONDS + 20;
        const calling = placeCalls({
          scenario: 'caller-random-ends',
          address: demo.trunkAddress,
          port: await freePort(),
          target: cluster.sip,
          callee: '442079460000',
          calls: Math.round(RATE * inAll),
          rate: RATE,
          timeoutMs: (inAll + 60) * 1000,
          times: true,
        });
        const { emptied, killed } = await disturb(cluster, redis, inAll - SPENT_SECONDS - 20, run);
        await sleep(SPENT_SECONDS * 1000);
        const paidMs = Date.now();
        // The api may be slow to answer while all start again; the reference is booked once.
        await until('it is paid', async () => { await cluster.api.pay(demo.account, String(PAID), 'goes on'); return true; }, { timeoutMs: 90_000, everyMs: 1000 }); // prettier-ignore
        const seen = await calling;
        await until('every call is over', async () => (await cluster.api.callsInProgress()) === 0, { timeoutMs: 90_000, everyMs: 1000 }); // prettier-ignore
        await until('billing has all', async () => (await talkedIn(cluster)).length >= seen.answerTimesMs.length, { timeoutMs: 90_000, everyMs: 1000 }); // prettier-ignore

        const calls = await talkedIn(cluster);
        const { balance, ...ledger } = await watch.ledger();
        const charged = calls.reduce((sum, { price }) => sum + price, 0);
        const cut = calls.filter(({ reason }) => reason === 'BalanceUsedUp');
        const moneyAt = (ms: number): number => MONEY + OVERDRAFT + (ms < paidMs ? 0 : PAID);
        // Nobody can cut calls that were up when Redis was emptied (docs/money.md): what they talked for after that is theirs.
        const unheld = (ms: number): number =>
        emptied.reduce((sum, atMs) => sum + spentAt(calls.filter(({ answeredMs, untilMs }) => answeredMs < atMs && untilMs > atMs).map((call) => ({ ...call, answeredMs: atMs })), ms), 0); // prettier-ignore
        t.diagnostic(`${String(calls.length)} answered, ${String(cut.length)} cut, ${String(killed.length)} kills, ${String(watch.moments.length)} looks, balance ${String(balance)}`); // prettier-ignore

        for (const { atMs, balance: had } of watch.moments)
          assert.ok(had >= -OVERDRAFT - unheld(atMs), `balance ${String(had)} at ${String(atMs)}`);
        for (const { callId, untilMs } of calls) {
          const over = spentAt(calls, untilMs) - moneyAt(untilMs) - unheld(untilMs);
          assert.ok(over <= 0, `${String(over)} more than there was when ${callId} ended`);
        }
        for (const call of cut) {
          const left = secondsLeft(calls, call, moneyAt(call.untilMs));
          assert.ok(left <= SLICE_SECONDS + LATE_SECONDS, `${call.callId} was cut ${String(left)} s early`); // prettier-ignore
        }
        assert.ok(cut.length > 0, 'the money never ended');
        assert.ok(killed.length > 2, `${String(killed.length)} kills`);
        assert.deepEqual(ledger, { charged, calls: calls.filter(({ price }) => price > 0).length });
        assert.equal(balance, MONEY + PAID - charged);
        assert.equal(await cluster.api.linesHeld(), 0);
      });
    },
  );
}

const talkedIn = async ({ api }: TestCluster) => talkedCalls(await api.cdrs());

/** Kills edges and billing at random for so long, and empties Redis in between. */
async function disturb(
  { cluster }: TestCluster,
  redis: OwnRedis,
  forSeconds: number,
  seed: number,
): Promise<{ readonly emptied: readonly number[]; readonly killed: readonly string[] }> {
  const names = [...cluster.edges, ...cluster.processesOf('billing')];
  const kill = (name: string): void => {
    cluster.kill(name);
  };
  const emptied: number[] = [];
  const killer = new RandomKiller({ names, everyMs: KILL_MS, seed, kill });
  try {
    for (const share of [0.5, 0.3, 0.2]) {
      await sleep(forSeconds * share * 1000);
      if (share === 0.2) break;
      // What billing has not stored yet of answered calls it learns from the log.
      await redis.kill();
      emptied.push(Date.now());
      await sleep(REDIS_AWAY_MS);
      await redis.start();
    }
  } finally {
    killer.stop();
  }
  await cluster.ready();
  return { emptied, killed: killer.killed };
}

/** Seconds cost one each. */
function document(carrierPort: number, other: number): object {
  const written = configuration(carrierPort, other);
  const rate = { prefix: '44', pricePerMinute: '60', firstIncrement: 1, nextIncrement: 1 };
  const [account] = written.accounts;
  return {
    ...written,
    parameters: { SERVER_BALANCE_SLICE: SLICE_SECONDS, SERVER_BILLING_ROUND: 'up' },
    rateGroups: [{ name: 'standard', currency: 'USD', rates: [rate] }],
    accounts: [{ ...account, openingBalance: String(MONEY), overdraft: String(OVERDRAFT) }],
  };
}

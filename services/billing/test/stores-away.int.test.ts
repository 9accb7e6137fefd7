import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { configurationSchema, memorySnapshots } from '@tandem/config';
import { callEventMessage, createKafkaPublisher } from '@tandem/events';
import { redisLimits } from '@tandem/limits';
import { ListBalancesRequest } from '@tandem/proto/billing';
import type { CallEvent } from '@tandem/proto/events';
import { connectRedis, silentLogger } from '@tandem/service';
import {
  OwnKafka,
  OwnRedis,
  databaseForTest,
  eventually,
  openCuttableRelay,
} from '@tandem/testing';
import { createBillingApp } from '../src/app.ts';
import { answeredEvent, endedEvent, noonMs, partialEvent } from './support/call-events.ts';

const logger = silentLogger();
const clientId = 'test';
const configuration = configurationSchema.parse({
  accounts: [{ name: 'demo', openingBalance: '1000' }],
});

let kafka: OwnKafka;
let redis: OwnRedis;
before(async () => {
  [kafka, redis] = await Promise.all([OwnKafka.start(), OwnRedis.start()]);
});
after(async () => {
  await Promise.all([kafka.close(), redis.close()]);
});

async function setUp(t: TestContext, topic: string) {
  const database = await databaseForTest();
  const relay = await openCuttableRelay(database.url);
  const client = connectRedis({ url: redis.url, logger });
  const live = redisLimits({ redis: client, prefix: topic }).balances;
  const publisher = createKafkaPublisher({ brokers: kafka.brokers, clientId, topic, logger });
  const app = await createBillingApp(
    {
      postgresUrl: relay.url,
      redisUrl: redis.url,
      redisPrefix: topic,
      kafkaBrokers: kafka.brokers,
      kafkaTopic: topic,
      kafkaGroup: topic,
    },
    { logger, snapshots: memorySnapshots(configuration) },
  );
  t.after(async () => {
    await app.stop();
    await publisher.close();
    client.disconnect();
    relay.close();
    await database.close();
  });
  const count = async (): Promise<number> => {
    const result = await database.pool.query<{ n: number }>('SELECT count(*)::int AS n FROM tandem_billing.cdr').catch(() => undefined); // prettier-ignore
    return result?.rows[0]?.n ?? 0;
  };
  const liveBalance = async (): Promise<bigint | undefined> =>
    (await live.get(['demo']).catch(() => undefined))?.get('demo');
  /** What an outbox does with events: again until they are acknowledged. */
  const publish = async (events: readonly CallEvent[]): Promise<void> => {
    while (!(await publisher.publish(events.map(callEventMessage)).then(() => true, () => false))) await sleep(50); // prettier-ignore
  };
  return { app, relay, count, liveBalance, publish };
}

/** Events of calls that were answered and lasted ten seconds; every tenth is told without its facts. */
function eventsOf(from: number, calls: number): CallEvent[] {
  return Array.from({ length: calls }, (_, index) => {
    const callId = `call-${String(from + index)}`;
    const end = index % 10 === 0 ? partialEvent(callId, noonMs + 13_000) : endedEvent(callId);
    return [answeredEvent(callId), end];
  }).flat();
}

test('BILL-04 an hour of events with billing away, then each store away in turn: nothing lost, nothing doubled, bounded', async (t) => {
  // 3,600 s at ten events a second.
  const hour = 18_000;
  const { app, relay, count, liveBalance, publish } = await setUp(t, 'tandem-hour');
  const backlog = eventsOf(0, hour);
  for (let from = 0; from < backlog.length; from += 2000) {
    await publish(backlog.slice(from, from + 2000));
  }
  backlog.length = 0;
  const rssBefore = process.memoryUsage().rss;
  await app.start();
  await eventually('the first CDRs', async () => (await count()) > 0);

  relay.cut();
  await publish(eventsOf(hour, 100));
  await eventually('attempts without PostgreSQL', () => relay.refused() > 1);
  relay.heal();

  await kafka.kill();
  await redis.kill();
  await Promise.all([kafka.start(), redis.start()]);
  await publish(eventsOf(hour + 100, 100));
  // What an outbox cannot know to be stored it publishes again.
  await publish(eventsOf(hour, 200));
  await eventually('all CDRs', async () => (await count()) === hour + 200);
  await eventually('nothing waits', () => app.lag() === 0);
  assert.ok(process.memoryUsage().rss - rssBefore < 400_000_000);

  const { balances } = await app.handlers.listBalances(ListBalancesRequest.create());
  // Each is one minute at 0.0123.
  const nanos = 1_000_000_000_000n - BigInt(hour + 200) * 12_300_000n;
  assert.deepEqual(balances, [
    { account: 'demo', currency: 'USD', balance: '776.14', ledgerEntries: hour + 201 },
  ]);
  assert.equal(nanos, 776_140_000_000n);
  await eventually('the live balance', async () => (await liveBalance()) === nanos);
});

test('BILL-05 Redis emptied: the live balances are back from the ledger within seconds, whatever billing does', async (t) => {
  const { app, liveBalance, publish, count } = await setUp(t, 'tandem-emptied');
  await app.start();
  await publish(eventsOf(0, 10));
  await eventually('the CDRs', async () => (await count()) === 10);
  const right = 1_000_000_000_000n - 10n * 12_300_000n;
  await eventually('the live balance', async () => (await liveBalance()) === right);
  await redis.command('FLUSHALL');
  assert.equal(await liveBalance(), undefined);
  const startedAt = performance.now();
  await eventually('the live balance again', async () => (await liveBalance()) === right);
  t.diagnostic(`back after ${String(Math.round(performance.now() - startedAt))} ms`);
});

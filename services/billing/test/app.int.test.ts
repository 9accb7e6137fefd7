import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { configurationSchema, memorySnapshots } from '@tandem/config';
import {
  MemoryEventLog,
  callEventMessage,
  createKafkaConsumer,
  createKafkaPublisher,
  createMemoryConsumer,
  createMemoryPublisher,
} from '@tandem/events';
import { memoryLimits, redisLimits } from '@tandem/limits';
import {
  BillingServiceService,
  BookPaymentRequest,
  GetCdrRequest,
  ListBalancesRequest,
  ListCdrsRequest,
} from '@tandem/proto/billing';
import { silentLogger, unaryClient } from '@tandem/service';
import {
  databaseForTest,
  eventually,
  openCuttableRelay,
  persistent,
  redisForTest,
  topicForTest,
} from '@tandem/testing';
import { createBillingApp } from '../src/app.ts';
import { answeredEvent, endedEvent } from './support/call-events.ts';

const logger = silentLogger();

const configuration = configurationSchema.parse({
  accounts: [
    { name: 'demo', openingBalance: '100' },
    { name: 'vendor-x', type: 'vendor' },
  ],
});

test('BILL-04 events come through Kafka into CDRs, ledger and live balances, each once', async (t) => {
  const [database, topic, redis] = await Promise.all([databaseForTest(), topicForTest(), redisForTest()]); // prettier-ignore
  const atEnd = cleanUp(t);
  atEnd(() => Promise.all([database.close(), topic.close(), redis.close()]));
  const { brokers, groupId: group } = topic;
  const kafka = { brokers, clientId: 'test', topic: topic.topic, logger };
  const live = redisLimits({ redis: redis.redis, prefix: redis.prefix }).balances;
  const app = await createBillingApp(
    { postgresUrl: database.url, grpcListen: '127.0.0.1:0' },
    {
      logger,
      events: createKafkaConsumer({ ...kafka, group }),
      balances: live,
      snapshots: memorySnapshots(configuration),
    },
  );
  atEnd(() => app.stop());
  await app.start();
  assert.ok(app.isReady());
  const publisher = persistent(createKafkaPublisher(kafka));
  const calls = Array.from({ length: 300 }, (_, index) => `call-${String(index)}`);
  // Not one after the other: concurrent publishes are gathered.
  await Promise.all(
    calls.flatMap((callId) => [
      publisher.publish([callEventMessage(answeredEvent(callId))]),
      publisher.publish([endedEvent(callId), endedEvent(callId)].map(callEventMessage)),
    ]),
  );
  await publisher.close();
  const address = `127.0.0.1:${String(app.grpcPort)}`;
  const client = unaryClient(BillingServiceService, address, { deadlineMs: 30_000 });
  atEnd(() => {
    client.close();
  });
  const listAll = () => client.listCdrs(ListCdrsRequest.create({ limit: 1000 }));
  await eventually('all CDRs', async () => (await listAll()).cdrs.length === calls.length);
  await eventually('nothing waits', () => app.lag() === 0);
  const { balances } = await client.listBalances(ListBalancesRequest.create());
  assert.deepEqual(balances, [
    { account: 'demo', currency: 'USD', balance: '96.31', ledgerEntries: 301 },
    { account: 'vendor-x', currency: 'USD', balance: '0', ledgerEntries: 0 },
  ]);
  // A Redis that hesitated is told again by the next check.
  const isLive = async (account: string, nanos: bigint) => (await live.get([account])).get(account) === nanos; // prettier-ignore
  await eventually('the live balance', () => isLive('demo', 96_310_000_000n));
  await eventually('the live balance', () => isLive('vendor-x', 0n));
  const { cdrs } = await client.getCdr(GetCdrRequest.create({ callId: 'a-call-7@127.0.0.2' }));
  assert.deepEqual([cdrs[0]?.callId, cdrs[0]?.price], ['call-7', '0.0123']);
  const payment = BookPaymentRequest.create({ account: 'demo', amount: '3.69', reference: 'r' });
  assert.equal((await client.bookPayment(payment)).balance?.balance, '100');
  await eventually('the live balance', () => isLive('demo', 100_000_000_000n));
  await app.drain();
  assert.ok(!app.isReady());
});

test('BILL-04 PostgreSQL away for a while loses nothing and doubles nothing', async (t) => {
  const database = await databaseForTest();
  const atEnd = cleanUp(t);
  atEnd(() => database.close());
  const relay = await openCuttableRelay(database.url);
  atEnd(() => {
    relay.close();
  });
  const log = new MemoryEventLog();
  const app = await createBillingApp(
    { postgresUrl: relay.url },
    {
      logger,
      events: createMemoryConsumer({ log, group: 'billing', logger }),
      balances: memoryLimits().balances,
      snapshots: memorySnapshots(configuration),
    },
  );
  atEnd(() => app.stop());
  await app.start();
  const publisher = createMemoryPublisher(log);
  const ended = (from: number) =>
    Array.from({ length: 50 }, (_, index) =>
      callEventMessage(endedEvent(`call-${String(from + index)}`)),
    );
  await publisher.publish(ended(0));
  await eventually('nothing waits', () => app.lag() === 0);
  relay.cut();
  await publisher.publish(ended(50));
  // The batch was tried and failed; nothing of it is committed.
  await eventually('attempts without PostgreSQL', () => relay.refused() > 1);
  assert.equal(app.lag(), 50);
  relay.heal();
  await publisher.publish(ended(0));
  await eventually('nothing waits', () => app.lag() === 0);
  const { cdrs } = await app.handlers.listCdrs(ListCdrsRequest.create({ limit: 1000 }));
  assert.equal(cdrs.length, 100);
  const { balances } = await app.handlers.listBalances(ListBalancesRequest.create());
  assert.deepEqual(balances[0], { account: 'demo', currency: 'USD', balance: '98.77', ledgerEntries: 101 }); // prettier-ignore
});

test('BILL-04 a second start finds its data again and opens no account twice', async (t) => {
  const database = await databaseForTest();
  const atEnd = cleanUp(t);
  atEnd(() => database.close());
  for (const round of [1, 2]) {
    const log = new MemoryEventLog();
    const live = memoryLimits().balances;
    const app = await createBillingApp(
      { postgresUrl: database.url },
      {
        logger,
        events: createMemoryConsumer({ log, group: 'billing', logger }),
        balances: live,
        snapshots: memorySnapshots(configuration),
      },
    );
    await app.start();
    if (round === 2) assert.equal((await live.get(['demo'])).get('demo'), 99_987_700_000n);
    await createMemoryPublisher(log).publish([callEventMessage(endedEvent('call-1'))]);
    await eventually('nothing waits', () => app.lag() === 0);
    await eventually(
      'the live balance',
      async () => (await live.get(['demo'])).get('demo') === 99_987_700_000n,
    );
    await app.stop();
  }
});

test('OPS-05 a billing without stores says which is missing', async () => {
  const config = { postgresUrl: 'postgres://127.0.0.1:1/none' };
  await assert.rejects(
    async () => createBillingApp(config, { logger }),
    /TANDEM_REDIS_URL is not set/,
  );
  await assert.rejects(
    async () => createBillingApp(config, { logger, balances: memoryLimits().balances }),
    /TANDEM_KAFKA_BROKERS is not set/,
  );
});

/** Closes what a test opened, the last first, also where an assertion failed. */
function cleanUp(t: TestContext): (close: () => unknown) => void {
  const closers: (() => unknown)[] = [];
  t.after(async () => {
    for (const close of closers.reverse()) await close();
  });
  return (close) => {
    closers.push(close);
  };
}

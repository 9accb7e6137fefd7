import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { configurationSchema, memorySnapshots } from '@tandem/config';
import { callEventMessage, createKafkaConsumer, createKafkaPublisher } from '@tandem/events';
import { redisLimits } from '@tandem/limits';
import { BookPaymentRequest, ListBalancesRequest, ListCdrsRequest } from '@tandem/proto/billing';
import { silentLogger } from '@tandem/service';
import {
  databaseForTest,
  eventually,
  persistent,
  putGroupBack,
  redisForTest,
  topicForTest,
} from '@tandem/testing';
import { createBillingApp } from '../src/app.ts';
import { answeredEvent, endedEvent } from './support/call-events.ts';

const run = promisify(execFile);
const logger = silentLogger();
const configuration = configurationSchema.parse({
  accounts: [{ name: 'demo', openingBalance: '100' }],
});

test('BILL-04 a database that was restored has every CDR, those of after the backup too, once the group was put back in Kafka', async (t) => {
  const [before, after, topic, redis] = await Promise.all([
    databaseForTest(),
    databaseForTest(),
    topicForTest(),
    redisForTest(),
  ]);
  const folder = await mkdtemp(join(tmpdir(), 'tandem-backup-'));
  t.after(() =>
    Promise.all([
      ...[before, after, topic, redis].map((each) => each.close()),
      rm(folder, { recursive: true }),
    ]),
  );
  const kafka = { brokers: topic.brokers, clientId: 'test', topic: topic.topic, logger };
  const live = redisLimits({ redis: redis.redis, prefix: redis.prefix }).balances;
  const open = async (postgresUrl: string) => {
    const app = await createBillingApp(
      { postgresUrl },
      {
        logger,
        events: createKafkaConsumer({ ...kafka, group: topic.groupId, maxWaitMs: 20 }),
        balances: live,
        snapshots: memorySnapshots(configuration),
      },
    );
    await app.start();
    return app;
  };
  const cdrsOf = async (app: Awaited<ReturnType<typeof open>>): Promise<readonly string[]> => {
    const { cdrs } = await app.handlers.listCdrs(ListCdrsRequest.create({ limit: 1000 }));
    return cdrs.map(({ callId }) => callId).sort();
  };
  const publisher = persistent(createKafkaPublisher(kafka));
  const publish = async (from: number, count: number): Promise<void> => {
    const calls = Array.from({ length: count }, (_, at) => `call-${String(from + at)}`);
    await publisher.publish(
      calls.flatMap((call) => [answeredEvent(call), endedEvent(call)]).map(callEventMessage),
    );
  };
  const pay = (amount: string, reference: string) =>
    BookPaymentRequest.create({ account: 'demo', amount, reference });

  const first = await open(before.url);
  await publish(100, 50);
  await eventually('50 CDRs', async () => (await cdrsOf(first)).length === 50);
  await first.handlers.bookPayment(pay('5', 'before the backup'));
  const backedUpAtMs = Date.now();
  const file = join(folder, 'tandem.dump');
  await run('pg_dump', ['--format=custom', `--file=${file}`, before.url]);
  await publish(150, 50);
  await eventually('100 CDRs', async () => (await cdrsOf(first)).length === 100);
  await first.handlers.bookPayment(pay('3', 'after the backup'));
  await eventually('nothing waits', () => first.lag() === 0);
  const all = await cdrsOf(first);
  await first.stop();

  await run('pg_restore', ['--exit-on-error', '--no-owner', `--dbname=${after.url}`, file]);
  // A minute more: what is read twice counts once.
  await putGroupBack(topic, backedUpAtMs - 60_000);
  const second = await open(after.url);
  await eventually('100 CDRs', async () => (await cdrsOf(second)).length === 100);
  await eventually('nothing waits', () => second.lag() === 0);
  assert.deepEqual(await cdrsOf(second), all);
  const { balances } = await second.handlers.listBalances(ListBalancesRequest.create());
  // 100 + 5 − 100 × 0.0123: what was paid after the backup stood in PostgreSQL alone.
  assert.deepEqual(balances, [
    { account: 'demo', currency: 'USD', balance: '103.77', ledgerEntries: 102 },
  ]);
  await eventually(
    'the live balance',
    async () => (await live.get(['demo'])).get('demo') === 103_770_000_000n,
  );
  await publish(200, 1);
  await eventually('it goes on', async () => (await cdrsOf(second)).length === 101);
  await publisher.close();
  await second.stop();
});

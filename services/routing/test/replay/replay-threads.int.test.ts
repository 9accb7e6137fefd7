import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test, type TestContext } from 'node:test';
import { configurationMigrations, configurationShape, RatePacker } from '@tandem/config';
import {
  type HeldRates,
  ReplayedCall,
  ReplayRequest,
  type ReplayResponse,
} from '@tandem/proto/routing';
import { createPool, migrate, silentLogger, type Pool } from '@tandem/service';
import { eventually } from '@tandem/testing';
import { ReplayThreads } from '../../src/replay/replay-threads.ts';
import { configure, gateway, NOON, trunk } from '../routing-fixture.ts';

const SERVER = process.env['TANDEM_TEST_POSTGRES_URL'] ?? 'postgres://tandem@127.0.0.1:21432/tandem'; // prettier-ignore
const logger = silentLogger();

async function openDatabase(context: TestContext): Promise<{ url: string; pool: Pool }> {
  const name = `routing_${randomUUID().replaceAll('-', '')}`;
  const admin = createPool({ url: SERVER, logger, size: 1 });
  await admin.query(`CREATE DATABASE ${name}`);
  const url = new URL(SERVER);
  url.pathname = `/${name}`;
  const pool = createPool({ url: url.href, logger });
  context.after(async () => {
    await pool.end();
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await admin.end();
  });
  await migrate({ pool, folder: configurationMigrations, schema: 'tandem_config', logger });
  // What the api keeps of drafts.
  await pool.query(`CREATE SCHEMA tandem_api`);
  await pool.query(`CREATE TABLE tandem_api.draft (id text PRIMARY KEY, document jsonb NOT NULL, shape text NOT NULL)`); // prettier-ignore
  return { url: url.href, pool };
}

const call = ReplayedCall.create({
  origin: trunk,
  caller: '1001',
  callee: '442079460000',
  atMs: NOON,
  durationMs: 60_000,
  seed: 'call-1',
  isRegistered: true,
});

test('OPS-08 a draft is routed beside a version in a thread of its own, which is shared, replaced and given back', async (context) => {
  const { pool, url } = await openDatabase(context);
  const store = async (table: string, key: number | string, document: object) => {
    const columns = table === 'draft' ? 'tandem_api.draft (id' : `tandem_config.version (applied_by, note, version`; // prettier-ignore
    const values = table === 'draft' ? '$1' : `'test', '', $1`;
    await pool.query(`INSERT INTO ${columns}, document, shape) VALUES (${values}, $2, $3)`, [key, JSON.stringify(document), configurationShape()]); // prettier-ignore
  };
  await store('version', 1, configure());
  await store('draft', 'd1', configure({ routingGateways: [gateway('cheap', ['4420']), gateway('other', ['44'])] })); // prettier-ignore
  const clock = { nowMs: 0 };
  const threads = new ReplayThreads({ url, most: () => 1, logger, now: () => clock.nowMs });
  context.after(() => threads.close());
  const ask = (draftId: string, calls = [call, call]) =>
    threads.replay(ReplayRequest.create({ version: 1, draft: { $case: 'draftId', value: draftId }, calls })); // prettier-ignore
  const answered = async (draftId: string): Promise<ReplayResponse> => {
    let answer = await ask(draftId);
    assert.equal(answer.isReady, false);
    await eventually('the tables are there', async () => (answer = await ask(draftId)).isReady);
    return answer;
  };
  const { routes } = await answered('d1');
  // Fewer than were asked for, where they take long.
  assert.ok(routes.length > 0);
  const names = (side: 'now' | 'draft') => routes[0]?.[side]?.candidates.map((each) => each.gateway); // prettier-ignore
  assert.deepEqual(names('now'), ['carrier-a', 'carrier-b']);
  assert.deepEqual(names('draft'), ['cheap', 'other']);
  assert.equal(routes[0]?.now?.price, '0.0123');

  // Another one has no thread while this one is asked for, and takes it over later.
  await assert.rejects(ask('d2'), /as much as it may \(SS_REPLAYS_AT_ONCE\)/);
  clock.nowMs = 6000;
  assert.equal((await ask('d2')).isReady, false);
  await eventually('it says what it lacks', async () => {
    const failure = await ask('d2').then(
      () => '',
      (error: unknown) => String(error),
    );
    return failure.includes('cannot be replayed: draft d2 is not there');
  });
});

test('OPS-08 BILL-02 imported rates are those of both sides, and those that wait to be applied of the draft', async (context) => {
  const { pool, url } = await openDatabase(context);
  const document = configure({ rateGroups: [{ name: 'standard', currency: 'USD', sheet: true }] });
  await pool.query(`INSERT INTO tandem_config.version (version, applied_by, document, shape) VALUES (1, 'test', $1, $2)`, [JSON.stringify(document), configurationShape()]); // prettier-ignore
  const packed = (pricePerMinute: string): unknown[] => {
    const packer = new RatePacker();
    const rates = [{ prefix: '44', pricePerMinute }];
    const { rateGroups } = configure({
      rateGroups: [{ name: 'standard', currency: 'USD', rates }],
    });
    for (const rate of rateGroups[0]?.rates ?? []) packer.add(rate);
    const { fields, index, terms } = packer.finish();
    return [Buffer.from(index), Buffer.from(terms), JSON.stringify(fields)];
  };
  await pool.query(
    `INSERT INTO tandem_config.rate_sheet (rate_group, version, applied_by, rates, prefixes, index, terms, fields)
     VALUES ('standard', 1, 'test', 1, 1, $1, $2, $3)`,
    packed('1'),
  );
  const importId = randomUUID();
  await pool.query(
    `INSERT INTO tandem_config.rate_import (id, rate_group, state, begun_by, terms, index, sheet_terms, fields)
     VALUES ($4, 'standard', 'ready', 'test', '{}', $1, $2, $3)`,
    [...packed('2'), importId],
  );
  const threads = new ReplayThreads({ url, most: () => 3, logger });
  context.after(() => threads.close());
  const prices = async (rates: readonly HeldRates[]) => {
    const draft = { $case: 'draftVersion', value: 1 } as const;
    let answer: ReplayResponse | undefined;
    await eventually('the tables are there', async () => {
      answer = await threads.replay(ReplayRequest.create({ version: 1, draft, calls: [call], rates: [...rates] })); // prettier-ignore
      return answer.isReady;
    });
    const [routes] = answer?.routes ?? [];
    return [routes?.now?.price, routes?.draft?.price];
  };
  assert.deepEqual(await prices([]), ['1', '1']);
  assert.deepEqual(await prices([{ rateGroup: 'standard', importId }]), ['1', '2']);
  await pool.query(`UPDATE tandem_config.rate_import SET index = NULL`);
  const gone = [{ rateGroup: 'standard', importId: randomUUID() }];
  await assert.rejects(prices(gone), /import \S+ of rate group standard is not there any more/);
});

import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { test, type TestContext } from 'node:test';
import { configurationSchema } from '@tandem/config';
import { migrate, silentLogger } from '@tandem/service';
import { eventually } from '@tandem/testing';
import { openReplayStore } from '../../src/adapters/pg-replay-store.ts';
import { operatorMigrations } from '../../src/open-operators.ts';
import type { NewReplay } from '../../src/replay-ports.ts';
import { presentReplayDetail } from '../../src/resources/replays/presentation.ts';
import { openConfigurationDatabase } from '../postgres.ts';
import { CALLS, START } from './replay-calls.ts';

const pod = fileURLToPath(new URL('./replay-pod.ts', import.meta.url));

async function openStore(context: TestContext) {
  const { pool, url } = await openConfigurationDatabase(context);
  const logger = silentLogger();
  await migrate({ pool, folder: operatorMigrations, schema: 'tandem_api', logger });
  return { pool, url, store: openReplayStore(pool, url) };
}

function wanted(id: string, changes: Partial<NewReplay> = {}): NewReplay {
  return {
    id,
    createdBy: 'test',
    note: '',
    version: 1,
    draftVersion: undefined,
    heldRates: [],
    changes: [{ subject: 'realm', kind: 'changed', fields: [] }],
    keepsLimits: true,
    period: { fromMs: START, untilMs: START + 3_600_000 },
    ...changes,
  };
}

function startPod(context: TestContext, ...args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [pod, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  context.after(() => child.kill('SIGKILL'));
  return child;
}

test('OPS-08 a pod that works on a replay is killed: another one ends it, complete, and no call counts twice', async (context) => {
  const { store, url } = await openStore(context);
  // The same, by a pod that lives.
  await store.create(wanted('whole'), 20);
  const first = startPod(context, url);
  const ended = async (id: string) => {
    await eventually(`${id} is done`, async () => (await store.get(id))?.replay.state === 'done');
    const found = await store.get(id);
    assert.ok(found?.run);
    return found;
  };
  const whole = await ended('whole');
  first.kill('SIGKILL');

  await store.putDraft('killed', configurationSchema.parse({}));
  await store.create(wanted('killed'), 20);
  const second = startPod(context, url, 'hangs');
  assert.ok(second.stdout);
  await once(second.stdout, 'data');
  second.kill('SIGKILL');
  const left = await store.get('killed');
  assert.equal(left?.replay.state, 'running');
  assert.ok(left.replay.calls > 0 && left.replay.calls < CALLS, String(left.replay.calls));
  startPod(context, url);
  const killed = await ended('killed');
  assert.equal(killed.replay.calls, CALLS);
  const resultOf = ({ replay, run }: typeof killed) => presentReplayDetail(replay, run).result;
  assert.deepEqual(resultOf(killed), resultOf(whole));
});

test('OPS-08 replays are taken one at a time, kept by whose they are, and removed with all that is theirs', async (context) => {
  const { pool, store } = await openStore(context);
  const terms = { most: 1, silentMs: 60_000 };
  assert.equal(await store.claim(terms), undefined);
  await store.putDraft('a', configurationSchema.parse({}));
  assert.equal((await store.create(wanted('a'), 2))?.state, 'waiting');
  const file = await store.create(wanted('b', { period: undefined, draftVersion: 1 }), 2);
  assert.equal(file?.state, 'awaiting-calls');
  assert.equal(await store.create(wanted('c'), 2), undefined);
  const claims = await Promise.all([store.claim(terms), store.claim(terms), store.claim(terms)]);
  const [claimed] = claims.filter((each) => each !== undefined);
  assert.ok(claimed);
  assert.equal(claims.filter((each) => each !== undefined).length, 1);
  assert.deepEqual([claimed.replay.id, claimed.begun, claimed.run], ['a', 1, undefined]);
  const claim = { id: 'a', owner: claimed.owner };
  assert.equal(await store.save({ ...claim, owner: 'another' }, { calls: 9 }), false);
  assert.equal(await store.save(claim, { calls: 3, error: 'waits' }), true);
  const part = [[], []];
  assert.equal((await store.putCalls('b', part))?.total, 0);
  assert.equal(await store.putCalls('b', part), undefined);
  assert.deepEqual([await store.callsAt('b', 1), await store.callsAt('b', 2)], [[], undefined]);
  await store.release(claim);
  assert.equal(await store.save(claim, {}), false);
  const again = await store.claim(terms);
  assert.deepEqual([again?.replay.calls, again?.begun], [3, 1]);
  assert.equal(await store.save({ id: 'a', owner: again?.owner ?? '' }, { state: 'done' }), true);
  assert.equal((await store.claim(terms))?.replay.id, 'b');
  const { rows } = await pool.query('SELECT FROM tandem_api.draft');
  assert.equal(rows.length, 0);
  await store.sweep(new Date(Date.now() + 60_000));
  assert.deepEqual((await store.list(10)).map(({ id }) => id), ['b']); // prettier-ignore
  assert.equal(await store.remove('b'), true);
  assert.equal((await pool.query('SELECT FROM tandem_api.replay_call')).rows.length, 0);
});

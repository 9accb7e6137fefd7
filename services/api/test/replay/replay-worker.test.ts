import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { silentLogger } from '@tandem/service';
import { eventually } from '@tandem/testing';
import { memoryReplayStore } from '../../src/adapters/memory-replay-store.ts';
import type { ServicePorts } from '../../src/ports.ts';
import { ReplayWorker } from '../../src/replay/replay-worker.ts';
import type { NewReplay, ReplayStore } from '../../src/replay-ports.ts';
import { presentReplayDetail } from '../../src/resources/replays/presentation.ts';
import { CALLS, portsWithCalls, START } from './replay-calls.ts';

const wanted = (id: string, changes: Partial<NewReplay> = {}): NewReplay => ({
  id,
  createdBy: 'test',
  note: '',
  version: 1,
  draftVersion: undefined,
  heldRates: [],
  changes: [],
  keepsLimits: true,
  period: { fromMs: START, untilMs: START + 3_600_000 },
  ...changes,
});

type Ports = Pick<ServicePorts, 'billing' | 'routing'>;

function work(context: TestContext, replays: ReplayStore, ports: Ports, silentMs = 60_000) {
  const worker = new ReplayWorker({
    replays,
    ports,
    documents: { current: () => Promise.resolve(undefined) },
    logger: silentLogger(),
    times: { roundMs: 5, waitMs: 5, keptMs: 0, aliveMs: 10, silentMs, patienceMs: 60_000 },
  });
  worker.start();
  context.after(() => worker.stop());
  return worker;
}

async function ended(store: ReplayStore, id: string) {
  await eventually(`${id} has ended`, async () => (await store.get(id))?.replay.finishedAt !== undefined); // prettier-ignore
  const found = await store.get(id);
  assert.ok(found);
  return presentReplayDetail(found.replay, found.run);
}

test('OPS-08 a replay goes from page to page to its end, and what it found stands there', async (context) => {
  const store = memoryReplayStore();
  await store.create(wanted('r'), 20);
  work(context, store, portsWithCalls());
  const { calls, result, share, state } = await ended(store, 'r');
  assert.deepEqual([state, calls, share], ['done', CALLS, 1]);
  assert.deepEqual(
    result?.gateways.map(({ draft, gateway, now }) => [gateway, now.answered, draft.answered]),
    [
      ['carrier-a', CALLS, (CALLS * 2) / 3],
      ['carrier-b', 0, CALLS / 3],
    ],
  );
  // 0.006 less for each third call.
  assert.deepEqual(result.more.margin, [{ currency: 'USD', amount: '6' }]);
});

test('OPS-08 one that is stopped is gone on with by another, and no call counts twice', async (context) => {
  const store = memoryReplayStore();
  await store.create(wanted('r'), 20);
  const held = Promise.withResolvers<undefined>();
  let routes = 0;
  const slow = portsWithCalls({
    onRoute: async () => {
      routes += 1;
      if (routes === 8) await held.promise;
    },
  });
  const first = work(context, store, slow);
  await eventually('some calls are played', () => routes === 8);
  const stopping = first.stop();
  held.resolve(undefined);
  await stopping;
  const left = await store.get('r');
  assert.deepEqual([left?.replay.state, left?.replay.finishedAt], ['running', undefined]);
  work(context, store, portsWithCalls());
  const { calls, result } = await ended(store, 'r');
  assert.deepEqual([calls, result?.now.answered], [CALLS, CALLS]);
}); // prettier-ignore

test('OPS-08 one that was taken to be gone, and is not, counts nothing any more', async (context) => {
  const store = memoryReplayStore();
  await store.create(wanted('r'), 20);
  const held = Promise.withResolvers<undefined>();
  let pages = 0;
  const slow = portsWithCalls({
    onRoute: async () => {
      pages += 1;
      if (pages === 8) await held.promise;
    },
  });
  // The first is never seen again, since any time is too long for it.
  work(context, store, slow, -1);
  await eventually('it hangs', () => pages === 8);
  const claimed = await store.claim({ most: 9, silentMs: -1 });
  assert.equal(claimed?.begun, 2);
  held.resolve(undefined);
  assert.equal(await store.save({ id: 'r', owner: claimed.owner }, {}), true);
  await store.release({ id: 'r', owner: claimed.owner });
  const { calls, result } = await ended(store, 'r');
  assert.deepEqual([calls, result?.now.answered], [CALLS, CALLS]);
});

test('OPS-08 it waits for services that are away and says so, ends where it is removed, and fails where nothing helps', async (context) => {
  const store = memoryReplayStore();
  let isAway = true;
  const ports = portsWithCalls({
    onPage: () => {
      if (isAway) throw new Error('billing at b:1 does not answer');
    },
  });
  await store.create(wanted('away'), 20);
  const worker = work(context, store, ports);
  await eventually('it says what it waits for', async () => (await store.get('away'))?.replay.error === 'billing at b:1 does not answer'); // prettier-ignore
  isAway = false;
  const { error, state } = await ended(store, 'away');
  assert.deepEqual([state, error], ['done', '']);
  isAway = true;
  await store.create(wanted('removed'), 20);
  await eventually('it waits again', async () => (await store.get('removed'))?.replay.error !== ''); // prettier-ignore
  assert.equal(await store.remove('removed'), true);
  isAway = false;
  await store.create(wanted('next'), 20);
  assert.equal((await ended(store, 'next')).state, 'done');
  await worker.stop();

  await store.create(wanted('worn'), 20);
  for (let times = 0; times < 5; times++) await store.claim({ most: 9, silentMs: -1 });
  work(context, store, ports, -1);
  assert.match((await ended(store, 'worn')).error, /ended before it did, 5 times/);
});

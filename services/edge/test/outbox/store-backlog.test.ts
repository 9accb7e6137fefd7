import assert from 'node:assert/strict';
import test from 'node:test';
import { silentLogger } from '@tandem/service';
import { FakeClock } from '@tandem/testing';
import { StoreBacklog } from '../../src/outbox/store-backlog.ts';

/** A backlog of a store that is away until a test says otherwise. */
function backlogOf(): {
  clock: FakeClock;
  backlog: StoreBacklog;
  taken: string[];
  tries: string[];
  store: { isAway: boolean };
  add: (key: string, what?: string) => void;
} {
  const clock = new FakeClock();
  const store = { isAway: true };
  const taken: string[] = [];
  const tries: string[] = [];
  const backlog = new StoreBacklog({ clock, logger: silentLogger() });
  const add = (key: string, what = key): void => {
    backlog.add(key, () => {
      tries.push(what);
      if (store.isAway) return Promise.reject(new Error('away'));
      taken.push(what);
      return Promise.resolve();
    });
  };
  return { clock, backlog, taken, tries, store, add };
}

test('edge.md §5: while the store is away one step a second is tried, whatever waits', async () => {
  const { clock, tries, add } = backlogOf();
  for (let call = 0; call < 500; call += 1) add(`end ${String(call)}`);
  await clock.advanceSettled(10_000);
  assert.equal(tries.length, 10);
});

test('edge.md §5: once it is back the store takes everything, of each step the last one', async () => {
  const { clock, taken, store, add } = backlogOf();
  for (let call = 0; call < 450; call += 1) add(`refresh ${String(call)}`);
  add('refresh 7', 'refresh 7 again');
  await clock.advanceSettled(3000);
  store.isAway = false;
  await clock.advanceSettled(1000);
  assert.equal(taken.length, 450);
  assert.ok(taken.includes('refresh 7 again') && !taken.includes('refresh 7'));
  assert.equal(clock.pending, 0);
});

test('edge.md §5: what waits of one call is told at once, its answer before its end, and nothing of others', async () => {
  const { clock, backlog, taken, tries, store, add } = backlogOf();
  for (const key of ['end c1', 'answer c1', 'answer c2']) add(key);
  await assert.rejects(async () => backlog.tell('c1'), /away/);
  assert.deepEqual(tries, ['answer c1']);
  store.isAway = false;
  await backlog.tell('c1');
  assert.deepEqual(taken, ['answer c1', 'end c1']);
  assert.equal(backlog.tell('c1'), undefined);
  await clock.advanceSettled(1000);
  assert.deepEqual(taken, ['answer c1', 'end c1', 'answer c2']);
});

test('edge.md §5: a backlog that is closed leaves no timer behind', async () => {
  const { clock, backlog, tries, add } = backlogOf();
  add('end 1');
  backlog.close();
  await clock.advanceSettled(5000);
  assert.equal(tries.length, 0);
  assert.equal(clock.pending, 0);
});

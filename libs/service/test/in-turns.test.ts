import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { InTurns } from '../src/index.ts';

function* counting(to: number) {
  for (let step = 1; step < to; step++) yield;
  return to;
}

test('ROUTE-13 work of one step is done at once', () => {
  const taken: number[] = [];
  assert.equal(
    new InTurns().run(counting(1), (result) => taken.push(result)),
    undefined,
  );
  assert.deepEqual(taken, [1]);
});

test('ROUTE-13 other work has its turn between two steps', async () => {
  const taken: number[] = [];
  let turns = 0;
  const done = new InTurns().run(counting(10), (result) => taken.push(result));
  while (taken.length === 0) {
    turns += 1;
    await turn();
  }
  await done;
  assert.deepEqual(taken, [10]);
  assert.ok(turns >= 9, `${String(turns)} turns`);
});

test('ROUTE-13 work that other work came after is given up', async () => {
  const taken: number[] = [];
  const turns = new InTurns();
  const first = turns.run(counting(10), (result) => taken.push(result));
  const second = turns.run(counting(3), (result) => taken.push(result));
  await Promise.all([first, second]);
  assert.deepEqual(taken, [3]);
});

test('ROUTE-13 what goes wrong in a later step is told', async () => {
  function* failing() {
    yield;
    throw new Error('no key');
  }
  await assert.rejects(async () => new InTurns().run(failing(), () => assert.fail()), /no key/);
});

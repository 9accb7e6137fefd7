import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atOnce, eachInSteps } from '../src/index.ts';

test('ROUTE-13 each item is visited once, with pauses where there are many', () => {
  const items = Array.from({ length: 1001 }, (_, index) => index);
  const visited: number[] = [];
  const steps = eachInSteps(items, (item) => visited.push(item));
  let pauses = 0;
  while (steps.next().done !== true) pauses += 1;
  assert.deepEqual(visited, items);
  assert.equal(pauses, 5);
});

test('ROUTE-13 a short list is visited without a pause', () => {
  const visited: number[] = [];
  assert.equal(eachInSteps([1, 2], (item) => visited.push(item)).next().done, true);
  assert.deepEqual(visited, [1, 2]);
});

test('ROUTE-13 what is done at once gives what the last step gives', () => {
  function* steps() {
    yield;
    yield;
    return 7;
  }
  assert.equal(atOnce(steps()), 7);
});

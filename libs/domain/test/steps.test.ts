import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { atOnce, eachInSteps, sortedInSteps } from '../src/index.ts';

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

test('ROUTE-13 texts that are sorted in steps are in the order of sort', () => {
  const texts = fc.array(fc.string(), { minLength: 0, maxLength: 50 });
  fc.assert(
    fc.property(texts, fc.integer({ min: 1, max: 200 }), (few, times) => {
      const many = few.flatMap((text) =>
        Array.from({ length: times }, (_, at) => text + String((at * 7919) % 1000)),
      );
      assert.deepEqual(atOnce(sortedInSteps(many)), many.toSorted());
    }),
    { numRuns: 50 },
  );
  const pauses = sortedInSteps(Array.from({ length: 4001 }, (_, at) => String(at)));
  assert.equal(pauses.next().done, false);
});

import assert from 'node:assert/strict';
import test from 'node:test';
import { roundingOf, secondsRoundings, wholeSeconds } from '../src/rounding.ts';

test('BILL-11 milliseconds become whole seconds: up, from a half on, or down', () => {
  const cases: [ms: number, up: number, half: number, down: number][] = [
    [0, 0, 0, 0],
    [1, 1, 0, 0],
    [499, 1, 0, 0],
    [500, 1, 1, 0],
    [999, 1, 1, 0],
    [1000, 1, 1, 1],
    [86_400_499, 86_401, 86_400, 86_400],
    [86_400_500, 86_401, 86_401, 86_400],
  ];
  for (const [ms, ...expected] of cases) {
    assert.deepEqual(secondsRoundings.map((each) => wholeSeconds(ms, each)), expected); // prettier-ignore
  }
});

test('BILL-11 terms that name no rounding, or one of another version, are rounded from a half on', () => {
  assert.deepEqual(['', 'up', 'half', 'down', 'nearest'].map(roundingOf), ['half', 'up', 'half', 'down', 'half']); // prettier-ignore
});

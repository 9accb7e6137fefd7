import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countAttempt, type FailureRecord } from '../../../src/core/operators/lock-out.ts';

const limits = { failures: 3, lockMs: 1000, forgetMs: 5000 };

/** Attempts at these times; which of them may be made. */
function attempts(times: readonly number[]): boolean[] {
  let record: FailureRecord | undefined;
  return times.map((nowMs) => {
    const decision = countAttempt(record, nowMs, limits);
    record = decision.record;
    return decision.isAllowed;
  });
}

test('OPS-12 so many wrong sign-ins in a row lock, and the lock has an end', () => {
  assert.deepEqual(attempts([0, 1, 2, 3, 1001]), [true, true, true, false, false]);
  assert.deepEqual(attempts([0, 1, 2, 1002, 1003, 1004, 1005]), [
    true,
    true,
    true,
    // The lock is over: it is counted from the beginning.
    true,
    true,
    true,
    false,
  ]);
});

test('OPS-12 an attempt while it is locked does not make the lock longer', () => {
  const record = { failures: 3, lastAtMs: 2, lockedUntilMs: 1002 };
  const decision = countAttempt(record, 900, limits);
  assert.deepEqual(decision, { isAllowed: false, lockedUntilMs: 1002, record });
});

test('OPS-12 old failures are forgotten', () => {
  assert.deepEqual(attempts([0, 1, 5002, 5003, 5004, 5005]), [true, true, true, true, true, false]);
});

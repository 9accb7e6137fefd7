import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parameters, readParameters } from '@tandem/config';
import {
  callsNeeded,
  lastLevel,
  shareAt,
  throttleStep,
} from '../../../src/core/throttle/throttle-step.ts';
import { throttleTermsOf } from '../../../src/core/throttle/throttle-terms.ts';

const terms = throttleTermsOf({}, readParameters());
assert.ok(terms !== undefined);
const AGE = 20_000;

function stepOf(level: number, attempts: number, failed: number, ageMs = AGE): number | undefined {
  return throttleStep({ level, attempts, failed, ageMs }, terms);
}

test('ROUTE-16 by default a gateway is throttled from 40 % failures of 50 calls on, and let back in at 25 %', () => {
  assert.equal(stepOf(0, 50, 20), 1);
  assert.equal(stepOf(0, 50, 19), 0);
  assert.equal(stepOf(0, 49, 49), undefined);
  assert.equal(stepOf(1, 25, 6), 0);
  // Between the two nothing changes.
  assert.equal(stepOf(1, 25, 7), 1);
  assert.equal(stepOf(1, 25, 9), 1);
  assert.equal(stepOf(1, 25, 10), 2);
  assert.equal(parameters.SS_GATEWAY_THROTTLE_FAILURE_SHARE.default, 40);
});

test('ROUTE-16 each step halves, or doubles, what a gateway gets, and needs as much fewer calls; some it keeps', () => {
  assert.deepEqual([0, 1, 2, 3, 4, 5, 6].map((level) => shareAt(level, terms)), [100, 50, 25, 12.5, 6.25, 5, 5]); // prettier-ignore
  assert.deepEqual([0, 1, 2, 3, 4, 5].map((level) => callsNeeded(level, terms)), [50, 25, 13, 7, 4, 3]); // prettier-ignore
  assert.equal(lastLevel(terms), 5);
  assert.equal(stepOf(5, 3, 3), 5);
  assert.equal(stepOf(5, 3, 0), 4);
  const all = { ...terms, least: 100 };
  assert.equal(throttleStep({ level: 0, attempts: 50, failed: 50, ageMs: AGE }, all), 0);
});

test('ROUTE-16 a step takes its time; a window that ends with too few calls lets a throttled gateway in, unless they failed', () => {
  assert.equal(stepOf(0, 500, 500, 9999), undefined);
  assert.equal(stepOf(0, 500, 500, 10_000), 1);
  assert.equal(stepOf(3, 6, 0, 299_999), undefined);
  assert.equal(stepOf(3, 6, 0, 300_000), 2);
  assert.equal(stepOf(3, 0, 0, 300_000), 2);
  assert.equal(stepOf(3, 6, 3, 300_000), 3);
  assert.equal(stepOf(0, 6, 6, 300_000), 0);
  // What has come over hours is not of now.
  assert.equal(stepOf(0, 50, 50, 3_600_000), 0);
});

test('ROUTE-16 what a gateway says of itself goes before the parameters; 0 throttles nobody, and lets go of who was', () => {
  const own = throttleTermsOf(
    { throttle: { failureShare: 10, window: 5, failureCodes: [500] } },
    readParameters({ SS_GATEWAY_THROTTLE_CALLS: 7, SS_GATEWAY_THROTTLE_FAILURE_SHARE: 0 }),
  );
  assert.deepEqual(
    [own?.failureShare, own?.windowMs, own?.calls, [...(own?.failureCodes ?? [])]],
    [10, 5000, 7, [500]],
  );
  const off = throttleTermsOf({ throttle: { failureShare: 0 } }, readParameters());
  assert.equal(off, undefined);
  assert.equal(throttleStep({ level: 3, attempts: 0, failed: 0, ageMs: 0 }, off), 0);
  assert.equal(throttleStep({ level: 0, attempts: 99, failed: 99, ageMs: AGE }, off), undefined);
});

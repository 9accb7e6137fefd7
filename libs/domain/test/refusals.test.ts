import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRefusalReason, refusals, requestRefusals } from '../src/index.ts';
import type { RequestRefusal } from '../src/index.ts';

const rows: readonly (readonly [string, RequestRefusal])[] = [
  ...Object.entries(refusals),
  ...Object.entries(requestRefusals),
];

test('DENY-19 a 503 of the switch names a time to come back; one about a called number alone does not', () => {
  const without = rows
    .filter(([, { code, retryAfterSeconds = 0 }]) => code === 503 && retryAfterSeconds <= 0)
    .map(([name]) => name);
  assert.deepEqual(without, ['NoAvailableRouter', 'AllGatewayBusy', 'AccountBalanceNotEnough']);
});

test('DENY-01 to DENY-19 a refusal is a final failure that can stand in a response', () => {
  for (const [name, { code, phrase, warning }] of rows) {
    assert.ok(code >= 400 && code < 700, name);
    assert.match(phrase, /^[A-Z][A-Za-z /-]+$/, name);
    if (warning !== undefined) assert.match(warning, /^[A-Z][^"\\]+$/, name);
  }
});

test('OPS-09 a name of another service is a reason only if it is in the table', () => {
  assert.equal(isRefusalReason('NoRate'), true);
  for (const name of ['Malformed', 'Haunted', 'constructor', '']) {
    assert.equal(isRefusalReason(name), false, name);
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crossCheck } from '../src/cross-check.ts';

function mistakes(gateway: object, parameters: object = {}): unknown[] {
  return crossCheck({ parameters, routingGateways: [{ name: 'a', prefixes: ['1'], ...gateway }] })
    .filter(({ path }) => path.includes('optionsCheck'))
    .map(({ message, path }) => `${path}: ${message}`);
}

test('ROUTE-07 more failures than checks cannot be, whoever says so', () => {
  const check = (own: object, parameters?: object) =>
    mistakes({ addresses: ['192.0.2.1'], optionsCheck: own }, parameters);
  assert.deepEqual(check({}), []);
  assert.deepEqual(check({ failures: 3 }), []);
  assert.match(String(check({ failures: 4 })[0]), /^routingGateways\[0\]\.optionsCheck\.failures: 4 failures/); // prettier-ignore
  assert.match(String(check({ window: 1 })[0]), /optionsCheck\.window: 2 failures.*of 1 checks/);
  assert.match(String(check({ window: 2 }, { SS_SIP_OPTIONS_CHECK_FAILURES: 3 })[0]), /3 failures/);
});

test('ROUTE-07 ROUTE-02 a dynamic gateway has its registration instead', () => {
  assert.deepEqual(mistakes({ type: 'dynamic', optionsCheck: {} }), [
    'routingGateways[0].optionsCheck: has no effect on a dynamic gateway, whose registration says whether it is there: leave it out',
  ]);
});

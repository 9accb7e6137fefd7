import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mistakesOf, rightDocument } from './configurations.ts';

function withPhone(registration: object, parameters: object = {}): string[] {
  const phones = [{ username: '1009', password: 'p', account: 'demo', registration }];
  return mistakesOf(rightDocument({ phones, parameters }));
}

test('REG-01 a phone may have a range of expiries and a number of devices of its own', () => {
  assert.deepEqual(withPhone({ minExpires: 30, maxExpires: 600, maxBindings: 3 }), []);
  assert.deepEqual(withPhone({}), []);
});

test('REG-01 a range with nothing in it is a mistake, be it a phone’s, the parameters’ or of both', () => {
  for (const [registration, parameters] of [
    [{ minExpires: 600, maxExpires: 300 }, {}],
    [{ minExpires: 3600, maxExpires: 600 }, {}],
    [{ maxExpires: 60 }, { SS_ENDPOINT_EXPIRE_MIN: 120 }],
  ] as const) {
    const [mistake = '', ...others] = withPhone(registration, parameters);
    assert.match(mistake, /phones\[0\]\.registration.*the shortest time, \d+ s, is above the longest, \d+ s/); // prettier-ignore
    assert.deepEqual(others, []);
  }
  const parameters = { SS_ENDPOINT_EXPIRE_MIN: 600, SS_ENDPOINT_EXPIRE_MAX: 300 };
  assert.match(withPhone({ minExpires: 60 }, parameters).join(' '), /SS_ENDPOINT_EXPIRE_MIN/);
});

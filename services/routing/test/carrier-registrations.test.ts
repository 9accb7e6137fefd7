import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '@tandem/service';
import { CarrierRegistrations } from '../src/carrier-registrations.ts';
import type { Moment } from '../src/core/rests.ts';
import { barrierOf } from '../src/core/barrier.ts';
import { configure, gateway, NOON, tablesOf } from './routing-fixture.ts';

const lacking = { gateway: 'b', state: 'refused', sinceMs: NOON, last: '403 Forbidden' };
const credentials = { username: '4930', password: 'p' };

const tables = tablesOf(
  configure({
    routingGateways: [
      gateway('a', ['44'], { ...credentials, registration: {} }),
      gateway('b', ['44'], { ...credentials, registration: {} }),
      gateway('c', ['44'], { ...credentials, registration: { required: false } }),
      gateway('d', ['44']),
    ],
  }),
);

function leftOut(unregistered: Moment['unregistered']): string[] {
  const at = { nowMs: NOON, unregistered };
  const gateways = [...tables.routingGateways.values()];
  return gateways.filter((each) => barrierOf(each, undefined, at) !== undefined).map(({ name }) => name); // prettier-ignore
}

test('REG-08 DENY-12 a carrier that has not our registration gets no calls, unless it is to get them all the same', () => {
  const { gateway: name, ...about } = lacking;
  const unregistered = new Map([name, 'c', 'd'].map((each) => [each, about]));
  assert.deepEqual(leftOut(unregistered), ['b']);
  assert.deepEqual(leftOut(new Map()), []);
});

test('REG-08 what the registrar says is known at once, while it is away for ten seconds more, and then nobody is left out', async () => {
  let carriers = [lacking];
  let isAway = false;
  let nowMs = 0;
  const registrations = new CarrierRegistrations({
    registrar: {
      listUnregistered: () =>
        isAway ? Promise.reject(new Error('away')) : Promise.resolve({ carriers }),
    },
    tables: () => tables,
    now: () => nowMs,
    logger: silentLogger(),
  });
  assert.deepEqual(leftOut(registrations.current), []);
  await registrations.read();
  assert.deepEqual(leftOut(registrations.current), ['b']);
  isAway = true;
  nowMs = 9999;
  await registrations.read();
  assert.deepEqual(leftOut(registrations.current), ['b']);
  nowMs = 10_000;
  assert.deepEqual(leftOut(registrations.current), []);
  isAway = false;
  carriers = [{ ...lacking, gateway: 'a' }];
  await registrations.read();
  assert.deepEqual(leftOut(registrations.current), ['a']);
});

test('REG-08 where no gateway depends on it nobody is asked', async () => {
  let asked = 0;
  const registrations = new CarrierRegistrations({
    registrar: {
      listUnregistered: () => {
        asked += 1;
        return Promise.resolve({ carriers: [] });
      },
    },
    tables: () => tablesOf(configure()),
    now: () => 0,
    logger: silentLogger(),
  });
  await registrations.read();
  assert.equal(asked, 0);
});

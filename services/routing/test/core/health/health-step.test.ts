import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CheckOutcome } from '@tandem/proto/health';
import type { CheckTerms } from '../../../src/core/health/check-terms.ts';
import { changesOf } from '../../../src/core/health/health-changes.ts';
import { isOffline } from '../../../src/core/health/health.ts';
import type { GatewayHealth } from '../../../src/core/health/health.ts';
import { healthStep, isAlive } from '../../../src/core/health/health-step.ts';

const terms: CheckTerms = {
  periodMs: 30_000,
  failures: 2,
  window: 3,
  deadCodes: new Set([408, 503]),
};

const A = '192.0.2.1:5060';
const B = '192.0.2.2:5060';

function outcome(code: number, address = A): CheckOutcome {
  const said = code === 0 ? { failure: 'no answer within 3 s' } : { reason: 'Whatever' };
  return CheckOutcome.fromPartial({ transport: 'udp', address, code, ...said });
}

/** The states after each of these checks of one address, a second apart; + is an answer, - none. */
function states(checks: string, own = terms): string {
  let health: GatewayHealth | undefined;
  let text = '';
  for (const [at, each] of checks.split('').entries()) {
    const outcomes = [outcome(each === '+' ? 200 : 0)];
    health = healthStep(health, { edge: 'e', outcomes }, { nowMs: at * 1000, terms: own });
    text += isOffline(health) ? '-' : '+';
  }
  return text;
}

test('ROUTE-07 two failures of the last three take an address off line, three answers in a row bring it back', () => {
  for (const [checks, expected] of [
    ['+++-+-+++', '+++++---+'],
    ['-+--', '++--'],
    ['--++-+++', '+------+'],
    ['-+++-+', '++++++'],
    // What was before its return does not count against it.
    ['--+++-+', '+---+++'],
  ] as const) {
    assert.equal(states(checks), expected, checks);
  }
});

test('ROUTE-07 with one of one each check decides', () => {
  assert.equal(states('+-+-', { ...terms, failures: 1, window: 1 }), '+-+-');
});

test('ROUTE-07 property: the bits say the same as a list of all checks', () => {
  const settings = fc
    .integer({ min: 1, max: 30 })
    .chain((window) => fc.tuple(fc.constant(window), fc.integer({ min: 1, max: window })));
  fc.assert(
    fc.property(settings, fc.array(fc.boolean(), { maxLength: 120 }), ([window, failures], all) => {
      const own = { ...terms, window, failures };
      const checks = all.map((answered) => (answered ? '+' : '-')).join('');
      assert.equal(states(checks, own), plainly(all, own));
    }),
    { numRuns: 500 },
  );
});

/** As plain as can be. */
function plainly(all: readonly boolean[], { failures, window }: CheckTerms): string {
  let isOff = false;
  let since: boolean[] = [];
  let text = '';
  for (const answered of all) {
    since.push(answered);
    const last = since.slice(-window);
    if (isOff) {
      if (last.length === window && last.every(Boolean)) {
        isOff = false;
        since = [];
      }
    } else if (last.filter((each) => !each).length >= failures) isOff = true;
    text += isOff ? '-' : '+';
  }
  return text;
}

test('ROUTE-07 any final answer is a sign of life, but those that are set to say that nobody is there', () => {
  for (const code of [200, 302, 401, 404, 405, 483, 486, 500, 501, 504, 603]) {
    assert.equal(isAlive(outcome(code), terms), true, String(code));
  }
  for (const code of [0, 100, 183, 408, 503]) {
    assert.equal(isAlive(outcome(code), terms), false, String(code));
  }
  assert.equal(isAlive(outcome(503), { ...terms, deadCodes: new Set() }), true);
});

test('ROUTE-07 of several addresses each has its own state, and the gateway is off line when all are', () => {
  const check = (before: GatewayHealth | undefined, nowMs: number, [a, b]: [number, number]) =>
    healthStep(before, { edge: 'e', outcomes: [outcome(a), outcome(b, B)] }, { nowMs, terms });
  let health = check(undefined, 1000, [200, 0]);
  health = check(health, 2000, [200, 0]);
  assert.deepEqual(
    health.addresses.map((each) => [each.address, each.isOffline, each.sinceMs]),
    [
      [A, false, 1000],
      [B, true, 2000],
    ],
  );
  assert.equal(isOffline(health), false);
  const before = check(health, 3000, [503, 0]);
  health = check(before, 4000, [503, 0]);
  assert.equal(isOffline(health), true);
  const changes = changesOf('carrier', { before, after: health, terms });
  assert.deepEqual(
    changes.map(({ address, isOffline: isOff, last, failed, of }) => [
      address,
      isOff,
      last,
      failed,
      of,
    ]),
    [
      [`udp ${A}`, true, '503 Whatever', 2, 3],
      ['', true, '503 Whatever', 2, 3],
    ],
  );
});

test('ROUTE-07 OPS-10 a gateway of one address is told of once, with how long it was away', () => {
  let before: GatewayHealth | undefined;
  const told: unknown[] = [];
  for (const [at, code] of [0, 0, 200, 200, 200].entries()) {
    const checked = { edge: 'e', outcomes: [outcome(code)] };
    const after = healthStep(before, checked, { nowMs: at * 30_000, terms });
    for (const change of changesOf('carrier', { before, after, terms })) {
      told.push([at, change.address, change.isOffline, change.last, change.seconds]);
    }
    before = after;
  }
  assert.deepEqual(told, [
    [1, '', true, 'no answer within 3 s', 0],
    [4, '', false, '200 Whatever', 90],
  ]);
});

test('ROUTE-07 an address that the name does not stand for any more is forgotten; a new one is on line', () => {
  const first = { edge: 'e', outcomes: [outcome(0), outcome(0, B)] };
  let health = healthStep(undefined, first, { nowMs: 0, terms });
  health = healthStep(health, first, { nowMs: 1, terms });
  assert.equal(isOffline(health), true);
  const next = { edge: 'e', outcomes: [outcome(0, B), outcome(200, '192.0.2.3:5060')] };
  health = healthStep(health, next, { nowMs: 2, terms });
  assert.deepEqual(
    health.addresses.map((each) => [each.address, each.isOffline]),
    [
      [B, true],
      ['192.0.2.3:5060', false],
    ],
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findRoutes } from '../../../src/core/candidates.ts';
import { configure, gateway, NOON, tablesOf } from '../../routing-fixture.ts';

/** The same numbers each time (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

const tables = tablesOf(
  configure({
    routePolicies: [{ name: 'shared', order: 'weight' }],
    routePolicy: 'shared',
    routingGateways: [
      gateway('five', ['44'], { weight: 5 }),
      gateway('three', ['44'], { weight: 3 }),
      gateway('two', ['44'], { weight: 2 }),
      gateway('none-b', ['44'], { weight: 0 }),
      gateway('none-a', ['44'], { weight: 0 }),
      gateway('later', ['44'], { weight: 1000, priority: 2 }),
    ],
  }),
);

function drawn(random: () => number): string[] {
  const payer = { lowestProfit: undefined, rate: undefined, mayLose: false };
  const calling = { origin: undefined, payer, policy: tables.policy, random };
  const { routes } = findRoutes(tables, { callee: '442079460000', nowMs: NOON }, calling);
  return routes.map((route) => route.gateway.name);
}

test('ROUTE-04 order: weight: each gateway leads as often as its weight says, and so among those that are left', () => {
  const CALLS = 40_000;
  const random = seeded(7);
  const orders = new Map<string, number>();
  for (let call = 0; call < CALLS; call += 1) {
    const names = drawn(random);
    assert.deepEqual(names.slice(3), ['none-a', 'none-b', 'later']);
    const order = names.slice(0, 3).join(' ');
    orders.set(order, (orders.get(order) ?? 0) + 1);
  }
  const weights = { five: 5, three: 3, two: 2 };
  for (const [first, a] of Object.entries(weights)) {
    for (const [second, b] of Object.entries(weights)) {
      if (first === second) continue;
      const third = Object.keys(weights).find((name) => name !== first && name !== second) ?? '';
      const expected = (a / 10) * (b / (10 - a));
      const share = (orders.get(`${first} ${second} ${third}`) ?? 0) / CALLS;
      // Five standard deviations.
      const most = 5 * Math.sqrt((expected * (1 - expected)) / CALLS);
      assert.ok(
        Math.abs(share - expected) < most,
        `${first} ${second}: ${String(share)}, not ${String(expected)}`,
      );
    }
  }
});

test('ROUTE-04 order: weight: the same random numbers give the same order', () => {
  const once = Array.from(
    { length: 50 },
    (
      (random) => () =>
        drawn(random)
    )(seeded(1)),
  );
  const again = Array.from(
    { length: 50 },
    (
      (random) => () =>
        drawn(random)
    )(seeded(1)),
  );
  assert.deepEqual(once, again);
  assert.deepEqual(drawn(() => 0.999_999).length, 6);
  assert.deepEqual(drawn(() => 0).length, 6);
});

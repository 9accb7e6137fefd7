import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { QualityNote } from '@tandem/limits';
import fc from 'fast-check';
import { findRoutes } from '../../../src/core/candidates.ts';
import { LiveQuality } from '../../../src/core/live-quality.ts';
import { findRate } from '../../../src/core/rates.ts';
import type { Throttles } from '../../../src/core/throttle/throttles.ts';
import { NOON, tablesOf } from '../../routing-fixture.ts';
import { documentOf, nameOf, policies, referenceOrder, world } from './order-reference.ts';
import type { Call, World } from './order-reference.ts';

/** A configuration is built once, and asked for all of these. */
const calls: readonly Call[] = ['442079460000', '+4420', '+4479', '33123', '4'].flatMap((callee) =>
  [0.04, 0.1, 0.2, 0.3, 0.5].flatMap((draw) =>
    policies.map((policy) => ({ callee, draw, policy })),
  ),
);
const RUNS = 1000;

function qualityOf({ gateways }: World): LiveQuality {
  const notes = gateways.flatMap(({ prefixes, quality }, index): QualityNote[] => {
    if (quality === undefined) return [];
    const { answered, attempts, isOfPrefix, ringsAfter, talkSeconds } = quality;
    const note = {
      gateway: nameOf(index),
      attempts,
      answered,
      failed: 0,
      talkMs: answered * talkSeconds * 1000,
      postDials: ringsAfter === undefined ? 0 : attempts,
      postDialMs: ringsAfter === undefined ? 0 : attempts * ringsAfter * 1000,
    };
    if (!isOfPrefix) return [{ ...note, prefix: undefined }];
    return prefixes.map((prefix) => ({ ...note, prefix }));
  });
  return new LiveQuality(3600, [{ bucket: 0, notes }]);
}

function throttlesOf({ gateways }: World): Throttles {
  return new Map(
    gateways.flatMap(({ throttle }, index) =>
      throttle === undefined
        ? []
        : [[nameOf(index), { level: throttle.level, sinceMs: 0, attempts: 9, failed: 9 }]],
    ),
  );
}

test('ROUTE-16 ROUTE-11 BILL-08 ROUTE-02 ROUTE-03 ROUTE-04 AUTH-13 the order of all candidates of 100,000 calls is that of a plain reference', () => {
  assert.ok(calls.length * RUNS >= 100_000);
  let differing = 0;
  fc.assert(
    fc.property(world, (each) => {
      const tables = tablesOf(documentOf(each));
      const account = tables.accounts.get('demo');
      const [quality, throttles] = [qualityOf(each), throttlesOf(each)];
      for (const call of calls) {
        const { callee, draw, policy } = call;
        const { routes } = findRoutes(
          tables,
          { callee, nowMs: NOON, quality, throttles },
          {
            origin: tables.mappingGateways.get('demo-trunk'),
            payer: {
              lowestProfit: account?.profit.lowestProfit,
              rate: findRate(account?.rateGroup, callee, NOON),
              mayLose: each.loss === 'allow',
            },
            policy: { ...policy, loss: each.loss, quality: policy.quality && [...policy.quality] },
            random: () => draw,
          },
        );
        const found = routes.map((route) => route.gateway.name).join();
        const expected = referenceOrder(each, call).join();
        if (found === expected) {
          if (found.includes(',')) differing += 1;
          continue;
        }
        assert.equal(found, expected, `${policy.name} ${callee} ${String(draw)}`);
      }
    }),
    { numRuns: RUNS },
  );
  // Not all of them were about one gateway, or none.
  assert.ok(differing > 20_000, String(differing));
});

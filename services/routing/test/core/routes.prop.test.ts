import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Configuration } from '@tandem/config';
import fc from 'fast-check';
import { findRoutes } from '../../src/core/candidates.ts';
import type { RoutingTables } from '../../src/core/routing-tables.ts';
import { configure, gateway, NOON, tablesOf } from '../routing-fixture.ts';
import { referenceRoutes } from './reference-routes.ts';

const prefix = fc.string({ unit: fc.constantFrom('4', '2', '0'), maxLength: 5 });
/** Every number of up to four of these digits. */
const numbers = ['4', '2', '0', '7'].flatMap((first) =>
  ['', '4', '2', '0'].flatMap((second) =>
    ['', '4', '2', '0'].flatMap((third) =>
      ['', '4', '2', '0'].map((last) => first + second + third + last),
    ),
  ),
);
const price = fc.constantFrom('0.01', '0.010', '0.02', '0.3');
const vendors = ['free', 'v0', 'v1', 'v2'] as const;

const carrier = fc.record({
  prefixes: fc.uniqueArray(prefix, { minLength: 1, maxLength: 5 }),
  priority: fc.nat(2),
  prefixMode: fc.constantFrom('extension', 'extension', 'expiration'),
  lock: fc.constantFrom('none', 'none', 'none', 'bar-all'),
  account: fc.constantFrom(undefined, ...vendors),
});
const sheet = fc.uniqueArray(fc.record({ prefix, pricePerMinute: price, connectionFee: price }), {
  maxLength: 5,
  selector: (rate) => rate.prefix,
});

const configuration = fc
  .tuple(fc.array(carrier, { maxLength: 12 }), fc.array(sheet, { minLength: 3, maxLength: 3 }))
  .map(([carriers, sheets]) =>
    configure({
      rateGroups: [
        { name: 'standard', currency: 'USD', rates: [] },
        ...sheets.map((rates, at) => ({ name: `sheet-${String(at)}`, currency: 'USD', rates })),
      ],
      accounts: [
        { name: 'demo', rateGroup: 'standard' },
        ...vendors.map((name, at) => ({
          name,
          type: 'vendor',
          ...(at > 0 && { rateGroup: `sheet-${String(at - 1)}` }),
        })),
      ],
      routingGateways: carriers.map(({ account, prefixes, ...more }, at) =>
        // Names that are not in the order in which they are written.
        gateway(`g${String((at * 7) % 12)}`, prefixes, { ...more, ...(account && { account }) }),
      ),
    }),
  );

/** Nobody in particular calls, by the policy that holds where none is named. */
function callingOf({ policy }: RoutingTables) {
  const payer = { lowestProfit: undefined, rate: undefined, mayLose: true };
  return { policy, payer, origin: undefined, random: () => 0 };
}

function routesOf(tables: RoutingTables, callee: string) {
  const { leftOut, routes } = findRoutes(tables, { callee, nowMs: NOON }, callingOf(tables));
  return {
    routes: routes.map((route) => `${route.gateway.name} ${route.prefix}`),
    leftOut: leftOut.map((each) => `${each.gateway.name} ${each.prefix}`).sort(),
  };
}

test('ROUTE-03 ROUTE-04 routes of 100,000 calls are those of a search through the document', () => {
  const runs = 400;
  assert.ok(numbers.length * runs > 100_000);
  fc.assert(
    fc.property(configuration, (document: Configuration) => {
      const tables = tablesOf(document);
      for (const callee of numbers) {
        const { leftOut, routes } = referenceRoutes(document, callee);
        const found = routesOf(tables, callee);
        // Texts are compared a good deal faster than lists.
        assert.equal(found.routes.join(), routes.join());
        assert.equal(found.leftOut.join(), leftOut.join());
      }
    }),
    { numRuns: runs },
  );
});

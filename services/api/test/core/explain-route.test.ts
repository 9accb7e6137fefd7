import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AnalyseResponse } from '@tandem/proto/routing';
import { explainRoute } from '../../src/core/explain-route.ts';
import { presentRouteAnalysis } from '../../src/resources/route/presentation.ts';
import { made } from '../calls.ts';

test('ROUTE-12 an analysis says where the call would go, and then where', () => {
  const analysis = AnalyseResponse.fromPartial({
    price: '0.0123 USD a minute',
    configurationVersion: 3,
    route: {
      outcome: {
        $case: 'routed',
        value: {
          candidates: [
            {
              gateway: 'carrier-a',
              addresses: ['127.0.0.1:5070'],
              username: 'u',
              password: 'secret-text',
            },
            { gateway: 'carrier-b', group: 'g1', account: 'vendor-x' },
          ],
          chosen: 1,
        },
      },
      decisions: [
        made('gateway-chosen', 'routing-gateway carrier-b', {
          prefix: '44',
          priority: 1,
          candidates: 'carrier-a carrier-b',
        }),
      ],
    },
  });
  const route = explainRoute(analysis);
  assert.equal(
    route.summary,
    'The call would go to carrier-b, then carrier-a at 0.0123 USD a minute.',
  );
  const view = presentRouteAnalysis(route);
  assert.deepEqual(
    view.candidates.map(({ gateway, isChosen }) => [gateway, isChosen]),
    [
      ['carrier-a', false],
      ['carrier-b', true],
    ],
  );
  assert.doesNotMatch(JSON.stringify(view), /secret-text/);
});

test('ROUTE-12 a single candidate without a price is told', () => {
  const value = { candidates: [{ gateway: 'carrier-a' }], chosen: 0 };
  const route = explainRoute(
    AnalyseResponse.fromPartial({ route: { outcome: { $case: 'routed', value } } }),
  );
  assert.equal(route.summary, 'The call would go to carrier-a.');
  const none = { candidates: [], chosen: 0 };
  const empty = explainRoute(
    AnalyseResponse.fromPartial({ route: { outcome: { $case: 'routed', value: none } } }),
  );
  assert.equal(empty.summary, 'The call would go to no gateway.');
});

test('ROUTE-12 a refusal is told with the value that decided and what would change it', () => {
  const noRate = made('rate-missing', 'account demo', { callee: '33', rateGroup: 'standard' });
  const route = explainRoute(
    AnalyseResponse.fromPartial({
      route: { outcome: { $case: 'deny', value: { reason: 'NoRate' } }, decisions: [noRate] },
    }),
  );
  assert.equal(
    route.summary,
    'The call would be refused with 403 Forbidden: rate group standard has no rate for 33.',
  );
  assert.equal(route.code, 403);
  assert.match(route.change ?? '', /Add a rate/);
});

test('ROUTE-12 an answer without outcome is no crash', () => {
  assert.equal(explainRoute(AnalyseResponse.create()).outcome, 'refused');
  const deny = { $case: 'deny', value: { reason: 'Haunted' } } as const;
  assert.match(
    explainRoute(AnalyseResponse.fromPartial({ route: { outcome: deny } })).summary,
    /0 Haunted: Haunted/,
  );
});

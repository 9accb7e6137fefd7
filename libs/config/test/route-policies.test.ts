import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mistakesOf, rightDocument, trunk } from './configurations.ts';

const carrier = { name: 'carrier-a', addresses: ['127.0.0.1:5070'], prefixes: ['44'] };

test('ROUTE-04 OPS-05 a route policy is named once, and where it is', () => {
  assert.deepEqual(
    mistakesOf(
      rightDocument({
        routePolicies: [{ name: 'shared', order: 'weight' }, { name: 'shared' }],
        routePolicy: 'shraed',
        accounts: [
          { name: 'demo', rateGroup: 'standard', routePolicy: 'shared' },
          { name: 'vendor-x', type: 'vendor', routePolicy: 'shared' },
        ],
        mappingGateways: [{ ...trunk('t', '192.0.2.0/24'), routePolicy: 'other' }],
      }),
    ),
    [
      'routePolicies[1].name: "shared" is there already, at routePolicies[0].name',
      'routePolicy: names route policy "shraed", which is not in routePolicies; did you mean "shared"?',
      'accounts[1].routePolicy: has no effect at a vendor: calls are routed for customers',
      'mappingGateways[0].routePolicy: names route policy "other", which is not in routePolicies',
    ],
  );
});

test('ROUTE-04 OPS-05 an order and a weight that there are not are refused with what would be right', () => {
  assert.deepEqual(
    mistakesOf(
      rightDocument({
        routePolicies: [{ name: 'p', order: 'wieght' }],
        routingGateways: [{ ...carrier, weight: -1 }],
      }),
    ),
    [
      'routePolicies[0].order: is "wieght", must be cost or weight or quality; did you mean "weight"?',
      'routingGateways[0].weight: is -1, must be from 0 to 10000',
    ],
  );
});

test('ROUTE-04 figures of quality stand at a policy that orders by it, each once', () => {
  const of = (policy: object) =>
    mistakesOf(rightDocument({ routePolicies: [{ name: 'p', ...policy }] }));
  assert.deepEqual(of({ order: 'quality', quality: ['acd', 'pdd'] }), []);
  assert.deepEqual(of({ quality: ['acd'] }), [
    'routePolicies[0].quality: has no effect without order: quality',
  ]);
  assert.match(String(of({ order: 'quality', quality: ['acd', 'acd'] })[0]), /quality\[1\]: "acd" is there already/); // prettier-ignore
});

test('ROUTE-02 AUTH-13 OPS-05 allowed and forbidden gateways exist, and a gateway has one of the two lists', () => {
  assert.deepEqual(
    mistakesOf(
      rightDocument({
        mappingGateways: [{ ...trunk('t', '192.0.2.0/24'), allowedRoutingGateways: ['carrier-b'] }],
        routingGateways: [
          {
            ...carrier,
            allowedMappingGateways: ['t', 't'],
            forbiddenMappingGateways: ['trunk'],
          },
        ],
      }),
    ),
    [
      'mappingGateways[0].allowedRoutingGateways[0]: names routing gateway "carrier-b", which does not exist; did you mean "carrier-a"?',
      'routingGateways[0].allowedMappingGateways[1]: "t" is there already, at routingGateways[0].allowedMappingGateways[0]',
      'routingGateways[0].forbiddenMappingGateways[0]: names mapping gateway "trunk", which does not exist',
      'routingGateways[0].forbiddenMappingGateways: stands beside routingGateways[0].allowedMappingGateways: those that are not allowed are forbidden; remove one of the two',
    ],
  );
});

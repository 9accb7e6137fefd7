import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mistakesOf, rightDocument } from './configurations.ts';

const carrier = (name: string, more: object) => ({
  name,
  addresses: ['127.0.0.1:5070'],
  prefixes: ['44'],
  ...more,
});

test('ROUTE-05 OPS-05 lines are reserved in a group that has so many', () => {
  assert.deepEqual(
    mistakesOf(
      rightDocument({
        gatewayGroups: [{ name: 'small', lineLimit: 5 }, { name: 'endless' }],
        routingGateways: [
          carrier('a', { reservedLines: 2 }),
          carrier('b', { reservedLines: 2, group: 'endless' }),
          carrier('c', { reservedLines: 6, group: 'small' }),
          carrier('d', { reservedLines: 5, group: 'small' }),
        ],
      }),
    ),
    [
      'routingGateways[0].reservedLines: has no effect without a group: they are lines of its group',
      'routingGateways[1].reservedLines: has no effect, since group "endless" has no lineLimit: set one there',
      'routingGateways[2].reservedLines: is 6, but group "small" has 5 lines at some time: the gateway would never get a call then; at most 5',
    ],
  );
});

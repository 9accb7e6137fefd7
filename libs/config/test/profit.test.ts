import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mistakesOf, rightDocument } from './configurations.ts';

const carrier = { name: 'carrier-a', addresses: ['127.0.0.1:5070'], prefixes: ['44'] };

test('BILL-08 OPS-05 a profit is a percentage up to 100, a highest price is money, and a vendor has neither', () => {
  const rest = 'must be a percentage from "-10000" to "100" in quotes, such as "12.5" or "-5"';
  assert.deepEqual(
    mistakesOf(
      rightDocument({
        accounts: [
          { name: 'demo', rateGroup: 'standard', lowestProfit: '100.1' },
          { name: 'vendor-x', type: 'vendor', highestPricePerMinute: '1' },
        ],
        routingGateways: [{ ...carrier, lowestProfit: '5%', highestPricePerMinute: '-1' }],
      }),
    ),
    [
      `accounts[0].lowestProfit: is "100.1", ${rest}`,
      `routingGateways[0].lowestProfit: is "5%", ${rest}`,
      'routingGateways[0].highestPricePerMinute: is "-1", must not be negative',
      'accounts[1].highestPricePerMinute: has no effect at a vendor: set it at its routing gateways',
    ],
  );
});

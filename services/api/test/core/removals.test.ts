import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configurationSchema, type Configuration } from '@tandem/config';
import { checkRemovals } from '../../src/core/removals.ts';

/** So many phones, gateways with as many prefixes each, and rates. */
function sized(counts: {
  phones?: number;
  gateways?: number;
  prefixes?: number;
  rates?: number;
  parameters?: Record<string, number>;
}): Configuration {
  const { phones = 0, gateways = 0, prefixes = 1, rates = 1, parameters = {} } = counts;
  const range = (count: number) => Array.from({ length: count }, (_, index) => index);
  return configurationSchema.parse({
    parameters,
    rateGroups: [
      {
        name: 'standard',
        currency: 'USD',
        rates: range(rates).map((rate) => ({ prefix: String(rate), pricePerMinute: '1' })),
      },
    ],
    accounts: [{ name: 'demo', rateGroup: 'standard' }],
    phones: range(phones).map((phone) => ({
      username: String(1001 + phone),
      password: 'x',
      account: 'demo',
    })),
    routingGateways: range(gateways).map((gateway) => ({
      name: `g${String(gateway)}`,
      addresses: ['192.0.2.1'],
      prefixes: range(prefixes).map((prefix) => String(44 + prefix)),
    })),
  });
}

function isAllowed(before: Configuration, after: Configuration, allowed?: number): boolean {
  return checkRemovals(before, after, allowed).isAllowed;
}

test('OPS-01 five entries of a kind may go, a sixth only where it is no more than a tenth', () => {
  assert.equal(isAllowed(sized({ phones: 10 }), sized({ phones: 5 })), true);
  assert.equal(isAllowed(sized({ phones: 10 }), sized({ phones: 4 })), false);
  assert.equal(isAllowed(sized({ phones: 60 }), sized({ phones: 54 })), true);
  assert.equal(isAllowed(sized({ phones: 60 }), sized({ phones: 53 })), false);
  assert.equal(isAllowed(sized({ phones: 1000 }), sized({ phones: 900 })), true);
  assert.equal(isAllowed(sized({ phones: 1000 }), sized({ phones: 899 })), false);
});

test('OPS-01 a kind that had several is not left without any', () => {
  const one = sized({ phones: 1, gateways: 1 });
  assert.equal(isAllowed(sized({ phones: 1, gateways: 2 }), sized({ phones: 1 })), false);
  assert.equal(isAllowed(sized({ phones: 2, gateways: 1 }), sized({ gateways: 1 })), false);
  assert.equal(isAllowed(one, sized({ phones: 1 })), true);
  const tuned = sized({ phones: 1, parameters: { SS_A: 1, SS_B: 2 } });
  assert.equal(isAllowed(tuned, sized({ phones: 1 })), true, 'parameters have defaults');
});

test('OPS-01 all that there was does not go, however little it was', () => {
  const nothing = configurationSchema.parse({});
  assert.equal(isAllowed(sized({}), nothing), false);
  assert.equal(isAllowed(nothing, nothing), true);
  assert.equal(isAllowed(nothing, sized({ phones: 9 })), true);
});

test('OPS-01 what goes is counted by kind, also inside of what stays, and the first are named', () => {
  const before = sized({ phones: 9, gateways: 2, prefixes: 8, rates: 3 });
  const check = checkRemovals(
    before,
    sized({ phones: 2, gateways: 2, prefixes: 1, rates: 2 }),
    undefined,
  );
  assert.deepEqual(check, {
    removals: [
      { kind: 'phones', removed: 7, of: 9, names: ['1003', '1004', '1005'] },
      { kind: 'rates', removed: 1, of: 3, names: ['standard 2'] },
      {
        kind: 'prefixes of routing gateways',
        removed: 14,
        of: 16,
        names: ['g0 45', 'g0 46', 'g0 47'],
      },
    ],
    total: 22,
    isAllowed: false,
  });
});

test('OPS-01 a permission is a number that bounds all that goes', () => {
  const [before, after] = [sized({ phones: 20 }), sized({ phones: 8 })];
  assert.equal(isAllowed(before, after, 11), false);
  assert.equal(isAllowed(before, after, 12), true);
  assert.equal(isAllowed(before, sized({ phones: 19 }), 0), false, 'also where it asks for less');
});

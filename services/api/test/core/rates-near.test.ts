import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configurationSchema, RatePacker, type Rate } from '@tandem/config';
import { atOnce } from '@tandem/domain';
import fc from 'fast-check';
import { prefixEvidence } from '../../src/core/configured-evidence.ts';
import { ratesNear } from '../../src/core/rates-near.ts';
import { made } from '../calls.ts';

const terms = { pricePerMinute: '1', firstIncrement: 60, nextIncrement: 60, connectionFee: '0', freeSeconds: 0 }; // prettier-ignore
const prefix = fc.string({ unit: fc.constantFrom('4', '2', '0', '9'), maxLength: 5 });
const sheet = fc.uniqueArray(prefix, { maxLength: 40 });
const number = fc.string({ unit: fc.constantFrom('4', '2', '0', '9', '1'), minLength: 1, maxLength: 8 }); // prettier-ignore

function evidenceOf(rates: readonly Rate[], callee: string): readonly string[] {
  const configuration = configurationSchema.parse({
    rateGroups: [{ name: 'standard', currency: 'USD', rates }],
  });
  return prefixEvidence(
    [made('rate-missing', 'account demo', { callee, rateGroup: 'standard' })],
    configuration,
  );
}

test('DENY-06 what is said of a number without a rate is the same by the rates of a sheet that come near as by all of them', () => {
  fc.assert(
    fc.property(sheet, number, (prefixes, callee) => {
      const rates = prefixes.map((each): Rate => ({ prefix: each, ...terms }));
      const packer = new RatePacker();
      for (const rate of rates) packer.add(rate);
      const near = atOnce(ratesNear(packer.finish(), callee));
      assert.deepEqual(new Set(evidenceOf(near, callee)), new Set(evidenceOf(rates, callee)));
    }),
    { numRuns: 300 },
  );
});

test('DENY-06 of a sheet of many thousand the nearest five are told, after each slice', () => {
  const packer = new RatePacker();
  for (let at = 0; at < 20_000; at++) packer.add({ prefix: String(1_000_000 + at), ...terms });
  packer.add({ prefix: '4420', ...terms });
  const steps = ratesNear(packer.finish(), '4478');
  assert.equal(steps.next().done, false);
  assert.deepEqual(
    atOnce(steps).map((rate) => rate.prefix),
    ['4420'],
  );
});

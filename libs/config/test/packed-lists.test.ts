import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PrefixIndex, PrefixTable } from '@tandem/domain';
import type { Rate } from '../src/document.ts';
import {
  packLists,
  RatePacker,
  RateReader,
  RouteOwners,
  RoutePacker,
  type PackedRoutes,
} from '../src/packed-lists.ts';
import { PackedTexts, PackedTextsBuilder } from '../src/packed-texts.ts';

const gateways = [
  { name: 'b', priority: 2, prefixes: ['44', '4420'] },
  { name: 'c', priority: 1, prefixes: ['44', ''] },
  { name: 'a', priority: 2, prefixes: ['+44'] },
];

/** Names of the gateways of each prefix of the number, longest first. */
function namesOf(routes: PackedRoutes, number: string): string[] {
  const owners = new RouteOwners(routes);
  const valueOf = (owner: number): string => owners.at(owner).name;
  const table = new PrefixTable({ index: new PrefixIndex(routes.index), valueOf });
  return table.matches(number).map(({ prefix, values }) => `${prefix}: ${values.join(' ')}`);
}

test('ROUTE-04 gateways of a prefix are packed by priority, then name', () => {
  const { routes } = packLists({ routingGateways: gateways, rateGroups: [] });
  assert.deepEqual(namesOf(routes, '442079'), ['4420: b', '44: c a b', ': c']);
});

test('ROUTE-13 what is kept of another version stays as it is, and the rest is entered anew', () => {
  const { routes } = packLists({ routingGateways: gateways, rateGroups: [] });
  const changed = new RoutePacker(routes, (name) => name === 'a');
  changed.add({ name: 'b', priority: 1 }, ['44', '33']);
  changed.add({ name: 'd', priority: 0 }, ['442']);
  const after = changed.finish();
  assert.deepEqual(namesOf(after, '442079'), ['442: d', '44: b a']);
  assert.deepEqual(namesOf(after, '33'), ['33: b']);
  // Calls that still go by the one before find what they found.
  assert.deepEqual(namesOf(routes, '442079'), ['4420: b', '44: c a b', ': c']);
});

test('BILL-02 a packed rate is the rate that was entered, whatever fields it has', () => {
  const rates = [
    { prefix: '44', pricePerMinute: '0.0100', firstIncrement: 1, more: { of: ['it'] } },
    { prefix: '+4420', pricePerMinute: '0.0100', firstIncrement: 1, more: { of: ['it'] } },
    { prefix: '33', pricePerMinute: '7', text: 'Côte d’Ivoire' },
    { prefix: '', pricePerMinute: '0.5', firstIncrement: undefined },
  ] as unknown as Rate[];
  const packer = new RatePacker();
  for (const rate of rates) packer.add(rate);
  const reader = new RateReader(packer.finish());
  const table = new PrefixTable({
    index: reader.index,
    valueOf: (value, prefix) => reader.rate(value, prefix),
  });
  assert.deepEqual(table.longest('441')?.values, [rates[0]]);
  assert.deepEqual(table.longest('442079')?.values, [{ ...rates[1], prefix: '4420' }]);
  assert.deepEqual(table.longest('331')?.values, [rates[2]]);
  assert.equal(table.longest('9')?.values[0]?.pricePerMinute, '0.5');
});

test('ROUTE-14 each text is packed once, and none is lost', () => {
  const builder = new PackedTextsBuilder();
  const numbers = ['', 'a', 'ä€', 'a', ''].map((text) => builder.add(text));
  const texts = new PackedTexts(builder.finish().buffer);
  assert.equal(texts.size, 3);
  assert.deepEqual(
    numbers.map((number) => texts.text(number)),
    ['', 'a', 'ä€', 'a', ''],
  );
});

test('ROUTE-14 100,000 rates of a thousand prices take less than 30 bytes each', () => {
  const packer = new RatePacker();
  for (let rate = 0; rate < 100_000; rate++) {
    packer.add({
      prefix: String(10_000_000 + rate),
      pricePerMinute: `0.${String(1000 + (rate % 1000))}`,
      firstIncrement: 60,
      nextIncrement: 60,
      connectionFee: '0',
      freeSeconds: 0,
    });
  }
  const { index, terms } = packer.finish();
  const bytes = index.byteLength + terms.byteLength;
  assert.ok(bytes < 3_000_000, `${String(bytes)} bytes`);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PrefixTable, PrefixIndex } from '@tandem/domain';
import fc from 'fast-check';
import { snapshotAfter } from '../src/changed-snapshot.ts';
import { checkChange } from '../src/check-change.ts';
import { configurationShape } from '../src/complete-configuration.ts';
import { applyDelta, completeDelta, deltaBetween, type ConfigurationDelta } from '../src/delta.ts';
import { configurationSchema, type Configuration } from '../src/document.ts';
import { RateReader, RouteOwners, type PackedLists } from '../src/packed-lists.ts';
import { checkConfiguration } from '../src/parse-configuration.ts';
import { snapshotOf } from '../src/snapshots.ts';

const PREFIXES = ['', '1', '4', '44', '442', '49', '4420'];
const prefixes = fc.uniqueArray(fc.constantFrom(...PREFIXES), { minLength: 1, maxLength: 4 });
const price = fc.integer({ min: 0, max: 99 }).map((cents) => `0.${String(cents)}`);
const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');

const document = fc
  .record({
    gateways: fc.uniqueArray(
      fc.record({
        name,
        prefixes,
        priority: fc.integer({ min: 1, max: 3 }),
        lineLimit: fc.integer({ min: 0, max: 2 }),
      }),
      { selector: (each) => each.name },
    ),
    groups: fc.uniqueArray(
      fc.record({
        name,
        rates: fc.tuple(prefixes, price),
        currency: fc.constantFrom('USD', 'EUR'),
      }),
      { selector: (each) => each.name },
    ),
    phones: fc.uniqueArray(fc.integer({ min: 1000, max: 1006 })),
    realm: fc.constantFrom('x', 'y'),
    lists: fc.option(fc.constant([{ name: 'l' }]), { nil: undefined }),
    wait: fc.option(fc.integer({ min: 60, max: 62 }), { nil: undefined }),
  })
  .map(({ gateways, groups, lists, phones, realm, wait }): Configuration =>
    configurationSchema.parse({
      realm,
      parameters: wait === undefined ? {} : { SS_SIP_TIMEOUT_INVITE: wait },
      ...(lists && { numberLists: lists }),
      rateGroups: groups.map(({ rates: [of, pricePerMinute], ...group }) => ({
        ...group,
        rates: of.map((prefix) => ({ prefix, pricePerMinute })),
      })),
      accounts: [{ name: 'demo' }],
      phones: phones.map((each) => ({
        username: String(each),
        password: 'p',
        account: 'demo',
      })),
      routingGateways: gateways.map((gateway) => ({ ...gateway, addresses: ['192.0.2.1'] })),
    }),
  );

/** What the lists say, whatever numbers stand for it. */
function contentOf({ rates, routes }: PackedLists): unknown {
  const known = new RouteOwners(routes);
  const owners = new PrefixTable({
    index: new PrefixIndex(routes.index),
    valueOf: (value) => known.at(value),
  });
  return PREFIXES.map((number) => [
    owners.matches(number),
    [...rates]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([group, packed]) => {
        const reader = new RateReader(packed);
        const { index } = reader;
        const table = new PrefixTable({
          index,
          valueOf: (value, prefix) => reader.rate(value, prefix),
        });
        return [group, table.matches(number)];
      }),
  ]);
}

/** As it comes out of the database. */
function stored(delta: ConfigurationDelta, isOfThisRelease: boolean): ConfigurationDelta {
  const read = JSON.parse(JSON.stringify(delta)) as ConfigurationDelta;
  return completeDelta(read, isOfThisRelease ? configurationShape() : 'another');
}

test('ROUTE-13 any changes one after the other make the document, and the snapshot, that a load of the whole makes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(document, { minLength: 2, maxLength: 6 }),
      fc.boolean(),
      async (documents, isOfThisRelease) => {
        const [first] = documents;
        assert.ok(first);
        let snapshot = snapshotOf(1, first);
        let whole = first;
        const deltas: ConfigurationDelta[] = [];
        for (const [at, next] of documents.entries()) {
          const delta = stored(deltaBetween(whole, next), isOfThisRelease);
          deltas.push(delta);
          whole = applyDelta(whole, delta);
          assert.deepEqual(whole, next);
          snapshot = await snapshotAfter(snapshot, [delta], at + 2);
          const expected = snapshotOf(at + 2, next);
          assert.deepEqual(snapshot.configuration, expected.configuration);
          assert.deepEqual(contentOf(snapshot.lists), contentOf(expected.lists));
        }
        // Who has missed some takes all of them at once.
        const late = await snapshotAfter(snapshotOf(1, first), deltas, 99);
        assert.deepEqual(late.configuration, snapshot.configuration);
        assert.deepEqual(contentOf(late.lists), contentOf(snapshot.lists));
      },
    ),
    { numRuns: 300 },
  );
});

test('ROUTE-13 a change is found valid, or wrong with the same mistakes, as the whole document is', () => {
  fc.assert(
    fc.property(document, document, fc.boolean(), (one, other, isWrong) => {
      // What both have is the same object, as where an entry is changed.
      const before = checked(one);
      if (before === undefined) return;
      const after = applyDelta(before, deltaBetween(before, other));
      const wrong = { ...after, phones: [...after.phones, { username: '1', lineLimit: -1 }] };
      const written = isWrong ? wrong : after;
      const steps = checkChange(before, written);
      let result = steps.next();
      while (result.done !== true) result = steps.next();
      const sorted = ({ kind, ...rest }: ReturnType<typeof checkConfiguration>) =>
        kind === 'valid'
          ? rest
          : ('mistakes' in rest ? rest.mistakes : []).map((m) => JSON.stringify(m)).sort();
      assert.deepEqual(sorted(result.value), sorted(checkConfiguration(written)));
    }),
    { numRuns: 300 },
  );
});

function checked(made: Configuration): Configuration | undefined {
  // Without what the names of this test leave wrong.
  const result = checkConfiguration({ ...made, accounts: [], phones: [] });
  return result.kind === 'valid' ? result.configuration : undefined;
}

test('ROUTE-13 a gateway that keeps its prefixes, and a group that keeps its rates, are told without them', () => {
  const before = configurationSchema.parse({
    rateGroups: [{ name: 'a', currency: 'USD', rates: [{ prefix: '1', pricePerMinute: '1' }] }],
    routingGateways: [{ name: 'g', addresses: ['192.0.2.1'], prefixes: ['1', '2'] }],
  });
  const after = configurationSchema.parse({
    rateGroups: [{ name: 'a', currency: 'EUR', rates: [{ prefix: '1', pricePerMinute: '1' }] }],
    routingGateways: [
      { name: 'g', addresses: ['192.0.2.1'], prefixes: ['1', '2'], lock: 'bar-all' },
    ],
  });
  const { splices } = deltaBetween(before, after);
  assert.deepEqual(
    splices.map(({ list, added }) => [
      list,
      added.map((each) => Object.hasOwn(each, 'prefixes') || Object.hasOwn(each, 'rates')),
    ]),
    [
      ['rateGroups', [false]],
      ['routingGateways', [false]],
    ],
  );
});

test('ROUTE-13 a change of another document is refused, by the names of what it changes', () => {
  const of = (username: string) =>
    configurationSchema.parse({
      accounts: [{ name: 'demo' }],
      phones: [{ username, password: 'p', account: 'demo' }],
    });
  const delta = deltaBetween(of('1'), of('2'));
  assert.throws(() => applyDelta(of('3'), delta), RangeError);
});

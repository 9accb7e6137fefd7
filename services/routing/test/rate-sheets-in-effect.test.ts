import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RatePacker, snapshotOf } from '@tandem/config';
import type { ImportedSheet, Snapshot } from '@tandem/config';
import { RateSheetsInEffect } from '../src/rate-sheets-in-effect.ts';
import { findRate } from '../src/core/rates.ts';
import { RateSheets } from '../src/core/rate-sheets.ts';
import { configure } from './routing-fixture.ts';

const terms = { firstIncrement: 60, nextIncrement: 60, connectionFee: '0', freeSeconds: 0 };

function sheet(version: number, pricePerMinute: string): ImportedSheet {
  const packer = new RatePacker();
  packer.add({ prefix: '44', pricePerMinute, ...terms });
  return { version, rates: packer.finish() };
}

function opened() {
  const used: (readonly [version: number, price: string | undefined])[] = [];
  const versions: (number | undefined)[] = [];
  const followed: (readonly string[])[] = [];
  const errors: string[] = [];
  let tell: (group: string, sheet: ImportedSheet) => void = () => undefined;
  const sheets = new RateSheetsInEffect({
    open: (onSheet) => {
      tell = onSheet;
      const follow = (groups: readonly string[]) => {
        followed.push(groups);
        return Promise.resolve();
      };
      return { follow, close: () => Promise.resolve() };
    },
    use: ({ lists, version }) => {
      if (version === 99) throw new Error('not to be used');
      const rates = new RateSheets(lists.rates).of('standard');
      const match = findRate({ name: 'standard', currency: 'USD', rates, sheetVersion: 0 }, '4420', 0);
      used.push([version, match?.rate.pricePerMinute]);
      versions.push(lists.sheets?.get('standard'));
      return undefined;
    },
    logger: { error: (_: unknown, message?: string) => errors.push(message ?? '') },
  });
  const snapshot = (version: number, isSheet: boolean): Snapshot =>
    snapshotOf(
      version,
      configure({
        rateGroups: [
          isSheet
            ? { name: 'standard', currency: 'USD', sheet: true }
            : { name: 'standard', currency: 'USD', rates: [{ prefix: '44', pricePerMinute: '0.1' }] },
        ],
      }),
    );
  return {
    sheets,
    used,
    versions,
    followed,
    errors,
    snapshot,
    tell: (found: ImportedSheet) => {
      tell('standard', found);
    },
  };
} // prettier-ignore

test('ROUTE-13 a configuration with a sheet is used once the sheet is there, and again with each version of it', () => {
  const { sheets, snapshot, tell, used, versions, followed } = opened();
  void sheets.follow(snapshot(1, false));
  void sheets.follow(snapshot(2, true));
  assert.deepEqual([used, followed], [[[1, '0.1']], [['standard']]]);
  assert.deepEqual([...sheets.versions()], [['standard', 0]]);
  tell(sheet(1, '0.2'));
  tell(sheet(2, '0.3'));
  assert.deepEqual(used.slice(1), [[2, '0.2'], [2, '0.3']]); // prettier-ignore
  assert.deepEqual([...sheets.versions()], [['standard', 2]]);
  // BILL-03: the terms of a call name it.
  assert.deepEqual(versions, [undefined, 1, 2]);
  // What an earlier version of the document has in it is in effect again with that.
  void sheets.follow(snapshot(3, false));
  assert.deepEqual([used.at(-1), sheets.versions().size], [[3, '0.1'], 0]);
  tell(sheet(3, '0.4'));
  assert.deepEqual(used.at(-1), [3, '0.1']);
});

test('ROUTE-13 a version that cannot be used is told, and one that comes after the end is not looked at', async () => {
  const { sheets, snapshot, tell, used, errors } = opened();
  void sheets.follow(snapshot(99, true));
  tell(sheet(1, '0.2'));
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual([used, errors], [[], ['configuration not used']]);
  await sheets.close();
  tell(sheet(2, '0.2'));
  assert.equal(used.length, 0);
});

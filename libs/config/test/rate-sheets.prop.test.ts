import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mergeSheet, RatePacker, RateSheet, sheetChanges } from '../src/index.ts';
import { overlay, rateAt, timesOfRate } from '../src/index.ts';
import type { RateTerms, SheetRows, TimedRates } from '../src/index.ts';

const DAY = 24 * 3600 * 1000;
const BEGIN = Date.UTC(2026, 0, 1);
/** Every moment at which something can change, one before all of them, and one between each two. */
const MOMENTS = Array.from({ length: 26 }, (_, at) => BEGIN + (at - 2) * (DAY / 2));

function timeOf(day: number): string {
  return new Date(BEGIN + day * DAY).toISOString();
}

const rate = fc
  .record({
    price: fc.integer({ min: 0, max: 3 }),
    from: fc.option(fc.integer({ min: 0, max: 10 }), { nil: undefined }),
    until: fc.option(fc.integer({ min: 0, max: 10 }), { nil: undefined }),
  })
  .filter(({ from, until }) => from === undefined || until === undefined || from < until)
  .map(({ from, price, until }): RateTerms => ({
    pricePerMinute: `0.${String(price)}`,
    firstIncrement: 60,
    nextIncrement: 60,
    connectionFee: '0',
    freeSeconds: 0,
    ...(from === undefined ? {} : { effectiveFrom: timeOf(from) }),
    ...(until === undefined ? {} : { effectiveUntil: timeOf(until) }),
  })); // prettier-ignore

/** Rates that do not overlap: of those that do, the first stays. */
const timed = fc.array(rate, { maxLength: 4 }).map((rates): TimedRates => {
  const kept: RateTerms[] = [];
  for (const each of rates) {
    const { fromMs, untilMs } = timesOfRate(each);
    const isFree = kept.every((other) => {
      const times = timesOfRate(other);
      return untilMs <= times.fromMs || times.untilMs <= fromMs;
    });
    if (isFree) kept.push(each);
  }
  return kept;
});

const prefix = fc
  .array(fc.constantFrom('0', '1', '44', '*', '#'), { maxLength: 12 })
  .map((parts) => parts.join(''));
const rows = fc.dictionary(prefix, timed.filter((rates) => rates.length > 0), { maxKeys: 20 }); // prettier-ignore

function priceAt(rates: TimedRates, atMs: number): string | undefined {
  return rateAt(rates, atMs)?.pricePerMinute;
}

function sheetOf(entries: Readonly<Record<string, TimedRates>>): RateSheet {
  const packer = new RatePacker();
  for (const [key, rates] of Object.entries(entries)) {
    for (const each of rates) packer.add({ prefix: key, ...each });
  }
  return new RateSheet(packer.finish());
}

function rowsOf(entries: Readonly<Record<string, TimedRates>>): SheetRows {
  return new Map(Object.entries(entries));
}

test('BILL-02 at every moment a prefix costs what the sheet says that came last for it', () => {
  fc.assert(
    fc.property(timed, timed, (before, next) => {
      const after = overlay(before, next);
      for (const atMs of MOMENTS) {
        assert.equal(priceAt(after, atMs), priceAt(next, atMs) ?? priceAt(before, atMs));
      }
      const sorted = after.map(timesOfRate);
      for (const [at, { fromMs }] of sorted.entries()) {
        assert.ok(at === 0 || (sorted[at - 1]?.untilMs ?? 0) <= fromMs, 'rates overlap');
      }
    }),
  );
});

test('BILL-02 a merged sheet has, prefix by prefix, what a plain table would have', () => {
  const mode = fc.constantFrom('replace' as const, 'update' as const);
  fc.assert(
    fc.property(rows, rows, mode, fc.integer({ min: 0, max: 10 }), (old, next, how, goneDay) => {
      const goneFromMs = BEGIN + goneDay * DAY;
      const terms = { mode: how, goneFromMs, forgottenBeforeMs: -Infinity };
      const merged = mergeSheet(sheetOf(old), rowsOf(next), terms);
      const sheet = new RateSheet(merged.packed);
      const expected = (key: string, atMs: number): string | undefined => {
        const [was, is] = [old[key] ?? [], next[key]];
        if (is !== undefined) return priceAt(is, atMs) ?? priceAt(was, atMs);
        return how === 'replace' && atMs >= goneFromMs ? undefined : priceAt(was, atMs);
      };
      const keys = new Set([...Object.keys(old), ...Object.keys(next)]);
      let changed = 0;
      for (const key of keys) {
        const isChanged = MOMENTS.some((atMs) => expected(key, atMs) !== priceAt(old[key] ?? [], atMs)); // prettier-ignore
        if (isChanged) changed += 1;
        for (const atMs of MOMENTS) {
          assert.equal(priceAt(sheet.of(key), atMs), expected(key, atMs), key);
        }
      }
      assert.equal([...sheet.prefixes()].length, merged.prefixes);
      assert.equal(sheet.size, merged.rates);
      assert.equal([...sheetChanges(sheetOf(old), sheet)].length, changed);
      const counted = Object.entries(merged.counts).filter(([kind]) => kind !== 'same');
      assert.equal(counted.reduce((sum, [, count]) => sum + count, 0), changed); // prettier-ignore
    }),
  );
});

test('BILL-02 what was over long ago is forgotten, and what holds stays', () => {
  const before = overlay([], [{ ...plain('0.1'), effectiveUntil: timeOf(1) }, { ...plain('0.2'), effectiveFrom: timeOf(1) }]); // prettier-ignore
  const terms = { mode: 'update' as const, goneFromMs: 0, forgottenBeforeMs: BEGIN + 2 * DAY };
  const merged = mergeSheet(sheetOf({ 44: before }), rowsOf({ 49: [plain('0.3')] }), terms);
  assert.deepEqual(new RateSheet(merged.packed).of('44'), [{ ...plain('0.2'), effectiveFrom: timeOf(1) }]); // prettier-ignore
});

function plain(pricePerMinute: string): RateTerms {
  return { pricePerMinute, firstIncrement: 60, nextIncrement: 60, connectionFee: '0', freeSeconds: 0 }; // prettier-ignore
}

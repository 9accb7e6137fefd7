import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CallMatcher, comparableNumber } from '../../src/core/dispute-matching.ts';
import type { Pairing, SidedCall } from '../../src/core/dispute-matching.ts';
import { DisputeTally } from '../../src/core/dispute-sums.ts';

const TOLERANCE = { timeMs: 5000, durationMs: 1000, price: 10n };

/** Every one of ours against every one of theirs, the closest first. */
function plainMatches(ours: readonly SidedCall[], theirs: readonly SidedCall[]): Set<string> {
  const all = ours.flatMap((one) => theirs.map((other) => ({ one, other })));
  const near = all.filter(({ one, other }) => one.key === other.key && Math.abs(one.startMs - other.startMs) <= TOLERANCE.timeMs); // prettier-ignore
  near.sort((left, right) => {
    const apart = ({ one, other }: (typeof near)[number]) => [Math.abs(one.startMs - other.startMs), Math.abs(one.durationMs - other.durationMs), one.place, other.place]; // prettier-ignore
    const [a, b] = [apart(left), apart(right)];
    const index = a.findIndex((value, at) => value !== b[at]);
    return index === -1 ? 0 : (a[index] ?? 0) - (b[index] ?? 0);
  });
  const taken = new Set<SidedCall>();
  const pairs = new Set<string>();
  for (const { one, other } of near) {
    if (taken.has(one) || taken.has(other)) continue;
    taken.add(one).add(other);
    pairs.add(`${String(one.place)} ${String(other.place)}`);
  }
  return pairs;
}

function streamed(calls: readonly SidedCall[]): Pairing<SidedCall>[] {
  const sorted = [...calls].sort(
    (one, other) =>
      (one.key < other.key ? -1 : one.key > other.key ? 1 : 0) ||
      one.startMs - other.startMs ||
      Number(one.isOurs) - Number(other.isOurs) ||
      one.place - other.place,
  );
  const matcher = new CallMatcher<SidedCall>(TOLERANCE.timeMs);
  return [...sorted.flatMap((call) => [...matcher.add(call)]), ...matcher.end()];
}

/** A call of ours, and what becomes of it in their file. */
const pair = fc.record({
  key: fc.constantFrom('44 1', '44 2', '1 1'),
  startMs: fc.integer({ min: 0, max: 60_000 }),
  durationMs: fc.integer({ min: 0, max: 120_000 }),
  price: fc.bigInt({ min: 0n, max: 1000n }),
  fate: fc.constantFrom('same', 'lost', 'extra'),
  laterMs: fc.integer({ min: -7000, max: 7000 }),
  longerMs: fc.integer({ min: -2000, max: 2000 }),
  dearer: fc.bigInt({ min: -20n, max: 20n }),
});

const sides = fc.array(pair, { maxLength: 60 }).map((pairs) => {
  const ours: SidedCall[] = [];
  const theirs: SidedCall[] = [];
  for (const [place, { dearer, durationMs, fate, key, laterMs, longerMs, price, startMs }] of pairs.entries()) {
    if (fate !== 'extra') ours.push({ isOurs: true, key, startMs, durationMs, price, place });
    if (fate !== 'lost') theirs.push({ isOurs: false, key, startMs: startMs + laterMs, durationMs: Math.max(0, durationMs + longerMs), price: price + dearer, place });
  } // prettier-ignore
  return { ours, theirs };
});

test('BILL-06 calls of two sides are matched as by trying each with each, whatever was lost, added or distorted', () => {
  fc.assert(
    fc.property(sides, ({ ours, theirs }) => {
      const pairings = streamed([...ours, ...theirs]);
      const matched = pairings.flatMap(({ ours: one, theirs: other }) =>
        one === undefined || other === undefined ? [] : [`${String(one.place)} ${String(other.place)}`],
      ); // prettier-ignore
      assert.deepEqual(new Set(matched), plainMatches(ours, theirs));
      // Each call is told once.
      assert.equal(pairings.filter((each) => each.ours !== undefined).length, ours.length);
      assert.equal(pairings.filter((each) => each.theirs !== undefined).length, theirs.length);
    }),
    { numRuns: 300 },
  );
});

test('BILL-06 what two sides differ by adds up: theirs less ours is what each alone has, and what matched calls differ by', () => {
  fc.assert(
    fc.property(sides, ({ ours, theirs }) => {
      const tally = new DisputeTally({ fromMs: -1e6, untilMs: 1e6, ...TOLERANCE });
      let [durations, prices] = [0, 0];
      for (const pairing of streamed([...ours, ...theirs])) {
        const kind = tally.add(pairing);
        const { ours: one, theirs: other } = pairing;
        if (one === undefined || other === undefined) continue;
        const isLonger = Math.abs(other.durationMs - one.durationMs) > TOLERANCE.durationMs;
        const apart = (other.price ?? 0n) - (one.price ?? 0n);
        const isDearer = apart > TOLERANCE.price || apart < -TOLERANCE.price;
        assert.equal(kind, isLonger && isDearer ? 'both' : isLonger ? 'duration' : isDearer ? 'price' : undefined); // prettier-ignore
        durations += isLonger ? 1 : 0;
        prices += isDearer ? 1 : 0;
      }
      const { sums } = tally;
      assert.deepEqual([sums.durationDiffers, sums.priceDiffers], [durations, prices]);
      assert.equal(sums.ours.calls, sums.matched + sums.onlyOurs.calls);
      assert.equal(sums.theirs.calls, sums.matched + sums.onlyTheirs.calls);
      assert.equal(sums.theirs.price - sums.ours.price, sums.price + sums.onlyTheirs.price - sums.onlyOurs.price); // prettier-ignore
      assert.equal(sums.theirs.durationMs - sums.ours.durationMs, sums.durationMs + sums.onlyTheirs.durationMs - sums.onlyOurs.durationMs); // prettier-ignore
    }),
  );
});

test('BILL-06 numbers are compared however they are written', () => {
  const same = (text: string, prefix = '', digits = 0) => comparableNumber(text, { prefix, digits }); // prettier-ignore
  assert.equal(same('+44 20 7946 0000'), '442079460000');
  assert.equal(same('00442079460000'), '442079460000');
  assert.equal(same('9911442079460000', '9911'), '442079460000');
  assert.equal(same('02079460000', '', 9), same('+442079460000', '', 9));
});

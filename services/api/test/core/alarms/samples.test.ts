import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { counterKey, Samples } from '../../../src/core/alarms/samples.ts';

const MINUTE_MS = 60_000;

test('OPS-11 a window has what counters grew by within it, whatever hours they are kept by', () => {
  const rounds = fc.array(fc.array(fc.record({ hour: fc.constantFrom('10', '11'), of: fc.constantFrom('a', 'b') }), { maxLength: 5 }), { minLength: 2, maxLength: 30 }); // prettier-ignore
  fc.assert(
    fc.property(rounds, fc.integer({ min: 1, max: 30 }), (calls, minutes) => {
      const samples = new Samples(60 * MINUTE_MS);
      const sums: Record<string, number[]> = {};
      for (const [at, some] of calls.entries()) {
        for (const { hour, of } of some) {
          const key = counterKey(hour, of);
          sums[key] = [(sums[key]?.[0] ?? 0) + 1];
        }
        samples.count({ ...sums }, at * MINUTE_MS);
      }
      const last = calls.length - 1;
      // What was there before the first look is nobody's.
      const within = calls.slice(1).slice(-minutes).flat();
      const found = samples.sums(minutes * MINUTE_MS, last * MINUTE_MS);
      for (const name of ['a', 'b']) {
        assert.equal(found.get(name)?.[0] ?? 0, within.filter(({ of }) => of === name).length);
      }
    }),
  );
});

test('OPS-11 who takes over goes on counting; after a long silence it is not known when what has come came', () => {
  const first = new Samples(60 * MINUTE_MS);
  first.count({ [counterKey('10', 'a')]: [5] }, 0);
  first.count({ [counterKey('10', 'a')]: [7] }, MINUTE_MS);
  const kept = { raw: first.raw, samples: first.last === undefined ? [] : [first.last] };
  const second = new Samples(60 * MINUTE_MS, kept);
  second.count({ [counterKey('10', 'a')]: [10] }, 2 * MINUTE_MS);
  assert.deepEqual(second.sums(10 * MINUTE_MS, 2 * MINUTE_MS).get('a'), [5]);
  const late = new Samples(60 * MINUTE_MS, kept);
  late.count({ [counterKey('10', 'a')]: [1000] }, 30 * MINUTE_MS);
  assert.equal(late.sums(10 * MINUTE_MS, 30 * MINUTE_MS).get('a'), undefined);
});

test('OPS-11 a counter that begins anew, as one of a new process, is never less than nothing', () => {
  const samples = new Samples(60 * MINUTE_MS);
  samples.count({ [counterKey('edge-1 1', '')]: [100] }, 0);
  samples.count(
    { [counterKey('edge-1 1', '')]: [40], [counterKey('edge-1 2', '')]: [3] },
    MINUTE_MS,
  );
  assert.deepEqual(samples.sums(5 * MINUTE_MS, MINUTE_MS).get(''), [3]);
});

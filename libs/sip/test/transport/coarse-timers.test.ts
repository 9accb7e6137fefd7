import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { CoarseTimers } from '../../src/transport/coarse-timers.ts';
import { FakeTimers } from '../transaction/fake-timers.ts';

const GRAIN_MS = 250;

function setUp(): {
  exact: FakeTimers;
  coarse: CoarseTimers;
  fired: (readonly [string, number])[];
} {
  const exact = new FakeTimers();
  const coarse = new CoarseTimers({ exact, now: () => exact.nowMs, grainMs: GRAIN_MS });
  return { exact, coarse, fired: [] };
}

test('RFC 3261 §17: gathered timers fire once, never early and hardly a grain late', () => {
  const delay = fc.tuple(fc.nat({ max: 3000 }), fc.integer({ min: 1, max: 40_000 }));
  fc.assert(
    fc.property(fc.array(delay, { maxLength: 30 }), (delays) => {
      const { exact, coarse } = setUp();
      const late: number[] = [];
      for (const [pauseMs, ms] of delays) {
        exact.advance(pauseMs);
        const dueMs = exact.nowMs + ms;
        coarse.start(ms, () => late.push(exact.nowMs - dueMs));
      }
      exact.runAll();
      assert.equal(late.length, delays.length);
      assert.ok(late.every((ms) => ms >= 0 && ms <= GRAIN_MS + 2));
    }),
  );
});

test('RFC 3261 §17: hundreds of gathered timers are one timer of the system', () => {
  const { exact, coarse } = setUp();
  let fired = 0;
  for (let i = 0; i < 500; i++) coarse.start(5000 + (i % 3) * 27_000, () => fired++);
  assert.equal(exact.pending, 1);
  exact.advance(4999);
  assert.equal(fired, 0);
  exact.advance(GRAIN_MS + 2);
  assert.equal(fired, 167);
  exact.runAll();
  assert.equal(fired, 500);
  assert.equal(exact.pending, 0);
});

test('RFC 3261 §17: a gathered timer that was stopped does not fire, also by one of its own bucket', () => {
  const { exact, coarse, fired } = setUp();
  const note = (name: string) => (): void => {
    fired.push([name, exact.nowMs]);
  };
  coarse.stop(coarse.start(5000, note('stopped')));
  const second = { stop: (): void => undefined };
  coarse.start(5100, () => {
    note('first')();
    second.stop();
  });
  const handle = coarse.start(5101, note('second'));
  second.stop = () => {
    coarse.stop(handle);
  };
  const third = coarse.start(5102, note('third'));
  exact.runAll();
  coarse.stop(third);
  assert.deepEqual(
    fired.map(([name]) => name),
    ['first', 'third'],
  );
});

test('RFC 3261 §17: one started while others fire, or sooner than all others, is not forgotten', () => {
  const { exact, coarse, fired } = setUp();
  const note = (name: string) => (): void => {
    fired.push([name, exact.nowMs]);
  };
  coarse.start(32_000, note('last'));
  coarse.start(5000, () => {
    note('sooner')();
    coarse.start(5000, note('later'));
  });
  exact.runAll();
  assert.deepEqual(fired, [
    ['sooner', 5001],
    ['later', 10_251],
    ['last', 32_001],
  ]);
});

test('RFC 3261 §17: a gathered timer that throws takes none of the others with it', () => {
  const { exact, coarse, fired } = setUp();
  coarse.start(5000, () => {
    throw new Error('thrown');
  });
  coarse.start(5000, () => {
    fired.push(['other', exact.nowMs]);
  });
  assert.throws(() => {
    exact.runAll();
  }, /thrown/);
  exact.runAll();
  assert.equal(fired.length, 1);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Rounds } from '../src/rounds.ts';

test('OPS-05 what falls due while a round goes on is left out, and no round begins after the end', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const ends: (() => void)[] = [];
  const signals: AbortSignal[] = [];
  const rounds = new Rounds(1000, async (stopped) => {
    signals.push(stopped);
    await new Promise<void>((resolve) => ends.push(resolve));
  });
  rounds.start();
  assert.equal(ends.length, 0);
  t.mock.timers.tick(1000);
  t.mock.timers.tick(1000);
  assert.equal(ends.length, 1);
  ends[0]?.();
  await new Promise(setImmediate);
  t.mock.timers.tick(1000);
  assert.equal(ends.length, 2);

  let isStopped = false;
  const stopping = rounds.stop().then(() => {
    isStopped = true;
  });
  await new Promise(setImmediate);
  assert.deepEqual([isStopped, signals[1]?.aborted], [false, true]);
  ends[1]?.();
  await stopping;
  t.mock.timers.tick(5000);
  assert.equal(ends.length, 2);
});

test('OPS-05 the first round may be at once', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  let count = 0;
  const rounds = new Rounds(1000, () => {
    count += 1;
    return Promise.resolve();
  });
  rounds.startAtOnce();
  assert.equal(count, 1);
  await new Promise(setImmediate);
  t.mock.timers.tick(1000);
  assert.equal(count, 2);
  await rounds.stop();
});

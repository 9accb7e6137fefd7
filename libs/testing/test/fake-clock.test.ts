import assert from 'node:assert/strict';
import test from 'node:test';
import { FakeClock } from '../src/fake-clock.ts';

test('CALL-03 timers fire in the order of their time, then of their start', () => {
  const clock = new FakeClock(0);
  const fired: string[] = [];
  const note = (name: string) => (): void => {
    fired.push(`${name}@${String(clock.now())}`);
  };
  clock.start(20, note('late'));
  clock.start(10, note('first'));
  clock.start(10, note('second'));
  const stopped = clock.start(5, note('never'));
  clock.start(1, () => {
    clock.start(1, note('nested'));
  });
  clock.stop(stopped);
  clock.advance(15);
  assert.deepEqual(fired, ['nested@2', 'first@10', 'second@10']);
  assert.equal(clock.now(), 15);
  assert.equal(clock.pending, 1);
  clock.runAll();
  assert.deepEqual(fired.at(-1), 'late@20');
});

test('CALL-03 a sleep ends when the clock has moved', async () => {
  const clock = new FakeClock();
  let isAwake = false;
  const asleep = clock.sleep(100).then(() => {
    isAwake = true;
  });
  await clock.advanceSettled(99);
  assert.equal(isAwake, false);
  await clock.advanceSettled(1);
  assert.equal(isAwake, true);
  await asleep;
});

test('CALL-03 waiting for a promise moves from timer to timer', async () => {
  const clock = new FakeClock(0);
  const steps = async (): Promise<number> => {
    await clock.sleep(10);
    await clock.sleep(1000);
    return clock.now();
  };
  assert.equal(await clock.until(steps()), 1010);
  await assert.rejects(clock.until(Promise.reject(new Error('broken'))), /broken/);
});

test('CALL-03 waiting in vain is an error, not a hang', async () => {
  const clock = new FakeClock();
  const never = new Promise<never>(() => undefined);
  await assert.rejects(clock.until(never), /no timer is left/);
  clock.start(5000, () => undefined);
  await assert.rejects(clock.until(never, 4000), /not settled after 4000 ms/);
});

test('CALL-03 timers that start each other for ever are an error', () => {
  const clock = new FakeClock();
  const again = (): void => {
    clock.start(1, again);
  };
  again();
  assert.throws(() => {
    clock.runAll(100);
  }, /the timers never end/);
});

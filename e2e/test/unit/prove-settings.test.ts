import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readProveSettings } from '../../src/prove/prove-settings.ts';

test('edge.md §9: the proof is a minute of sixty calls a second with a kill every 3 s unless it is told otherwise', () => {
  assert.deepEqual(readProveSettings({}), {
    layout: 'split',
    pods: 3,
    mode: 'random',
    lossPercent: 0,
    seconds: 60,
    rate: 60,
    killEvery: 3,
    seed: 1,
    picture: 'docs/prove.svg',
  });
});

test('OPS-05 every mistake in what the proof is asked for is named with what is right', () => {
  assert.throws(
    () => readProveSettings({ PODS: '33', RATE: '1.5', SEED: '-1', KILL_EVERY: '0' }),
    (error) => {
      assert.ok(error instanceof Error);
      assert.match(error.message, /PODS: "33" is wrong: write a whole number from 1 to 32/);
      assert.match(error.message, /RATE: "1.5" is wrong: write a whole number from 1 to 1000/);
      assert.match(error.message, /SEED: "-1" is wrong: write a whole number from 1 to 999999999/);
      assert.match(error.message, /KILL_EVERY: "0" is wrong: write a whole number from 1 to 600/);
      return true;
    },
  );
});

test('OPS-05 the proof refuses loss where fronts own the address, as a cluster does', () => {
  assert.throws(() => readProveSettings({ MODE: 'front', LOSS: '2' }), /LOSS: "2" is wrong/);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConsumerProgress } from '../../src/kafka/consumer-progress.ts';

const SILENCE_MS = 6000;

test('BILL-09 a consumer is current from the first heartbeat on, as long as nothing waits', () => {
  const progress = new ConsumerProgress(SILENCE_MS);
  assert.equal(progress.currentSinceMs(1000), undefined);
  progress.heard(1000);
  progress.heard(3000);
  assert.equal(progress.currentSinceMs(4000), 1000);
  progress.received(0, 5);
  assert.equal(progress.lag(), 5);
  progress.handled(0, 0);
  progress.heard(5000);
  assert.equal(progress.currentSinceMs(5000), 1000);
});

test('BILL-09 a consumer that was behind is current from the moment at which it has caught up', () => {
  const progress = new ConsumerProgress(SILENCE_MS);
  progress.heard(1000);
  progress.received(3, 900);
  progress.handled(3, 400);
  progress.heard(2000);
  assert.equal(progress.currentSinceMs(2000), undefined);
  progress.received(3, 400);
  progress.handled(3, 0);
  progress.heard(3000);
  assert.equal(progress.currentSinceMs(3000), 3000);
});

test('BILL-09 a log that is away, a batch that fails and a new deal of partitions all begin anew', () => {
  const progress = new ConsumerProgress(SILENCE_MS);
  progress.heard(1000);
  assert.equal(progress.currentSinceMs(8000), undefined);
  progress.heard(20_000);
  assert.equal(progress.currentSinceMs(20_000), 20_000);
  progress.failed();
  progress.heard(21_000);
  assert.equal(progress.currentSinceMs(21_000), 21_000);
  progress.reset();
  assert.equal(progress.currentSinceMs(21_500), undefined);
});

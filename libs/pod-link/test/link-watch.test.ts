import assert from 'node:assert/strict';
import test from 'node:test';
import { LinkWatch, parseEndpoint } from '../src/index.ts';

const gate = { address: '10.0.0.1', port: 7001 };

test('edge.md §3: an end that used to answer and is silent for 350 ms is gone, and back when it answers', () => {
  const watch = new LinkWatch();
  watch.watch(['10.0.0.1:7001'], parseEndpoint);
  assert.equal(watch.isSilent('10.0.0.1:7001', 10_000), false);
  watch.heard(gate, 10_000);
  assert.equal(watch.isSilent('10.0.0.1:7001', 10_000), false);
  assert.equal(watch.isSilent('10.0.0.1:7001', 10_350), false);
  assert.equal(watch.isSilent('10.0.0.1:7001', 10_351), true);
  assert.equal(watch.isSilent('10.0.0.1:7001', 10_351, 1000), false);
  watch.heard(gate, 10_700);
  assert.equal(watch.isSilent('10.0.0.1:7001', 10_800), false);
});

test('edge.md §3: what is watched no longer is not asked, and what stays is not forgotten', () => {
  const watch = new LinkWatch();
  watch.watch(['10.0.0.1:7001', '10.0.0.2:7001', 'nowhere'], parseEndpoint);
  assert.equal(watch.toAsk(1000).length, 2);
  watch.heard(gate, 1000);
  watch.heard({ address: '10.0.0.9', port: 1 }, 1000);
  assert.equal(watch.isSilent('10.0.0.1:7001', 1000), false);
  watch.watch(['10.0.0.1:7001'], parseEndpoint);
  assert.deepEqual(watch.toAsk(1100), [gate]);
  assert.equal(watch.isSilent('10.0.0.1:7001', 5000), true);
  assert.equal(watch.isSilent('10.0.0.2:7001', 5000), false);
});

test('edge.md §8: an end that has answered once is asked only while somebody wants to know of it', () => {
  const watch = new LinkWatch();
  watch.watch(['10.0.0.1:7001'], parseEndpoint);
  assert.deepEqual(watch.toAsk(1000), [gate]);
  watch.heard(gate, 1000);
  assert.deepEqual(watch.toAsk(20_000), []);
  assert.equal(watch.isAsking(20_000), false);
  // It may have died meanwhile: that shows before the first repetition of a peer.
  assert.equal(watch.isSilent('10.0.0.1:7001', 20_000), false);
  assert.deepEqual(watch.toAsk(20_100), [gate]);
  assert.equal(watch.isSilent('10.0.0.1:7001', 20_350), false);
  assert.equal(watch.isSilent('10.0.0.1:7001', 20_500), true);
  assert.equal(watch.isAsking(25_500), true);
  assert.equal(watch.isAsking(25_501), false);
});

test('edge.md §3: of two ends that watch each other only one asks, and the other one once it misses that', () => {
  const watch = new LinkWatch();
  watch.watch(['10.0.0.1:7001'], parseEndpoint);
  watch.heard(gate, 1000);
  assert.equal(watch.isSilent('10.0.0.1:7001', 1000), false);
  assert.deepEqual(watch.toAsk(1050), []);
  assert.deepEqual(watch.toAsk(1074), []);
  assert.deepEqual(watch.toAsk(1150), [gate]);
});

test('edge.md §3: an end whose port no process has is silent until something comes from there, heard before or not', () => {
  const watch = new LinkWatch();
  watch.watch(['10.0.0.1:7001', '10.0.0.2:7001'], parseEndpoint);
  watch.heard(gate, 1000);
  for (const address of ['10.0.0.1:7001', '10.0.0.2:7001', 'nowhere']) watch.refused(address);
  assert.equal(watch.isSilent('10.0.0.1:7001', 1000, 60_000), true);
  assert.equal(watch.isSilent('10.0.0.2:7001', 1000, 60_000), true);
  assert.equal(watch.isSilent('nowhere', 1000), false);
  assert.deepEqual(watch.toAsk(1100).length, 2);
  watch.heard(gate, 1200);
  assert.equal(watch.isSilent('10.0.0.1:7001', 1200), false);
  assert.equal(watch.isSilent('10.0.0.2:7001', 1200), true);
});

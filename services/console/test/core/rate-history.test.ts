import assert from 'node:assert/strict';
import { test } from 'node:test';
import { qualityOfAll, rateBetween, tally, type PodCounters } from '../../src/core/rate-history.ts';

function pod(name: string, calls: number, startedAt = 'then'): PodCounters {
  return { name, startedAt, calls, answers: calls / 2, refused: 0 };
}

test('OPS-02 rates are what the pods have counted since, all together', () => {
  const earlier = { atMs: 1000, callsUp: 1, pods: [pod('a', 10), pod('b', 20)] };
  const later = { atMs: 3000, callsUp: 7, pods: [pod('a', 14), pod('b', 26)] };
  assert.deepEqual(rateBetween(earlier, later), {
    atMs: 3000,
    callsPerSecond: 5,
    answersPerSecond: 2.5,
    refusedPerSecond: 0,
    callsUp: 7,
  });
});

test('OPS-02 a pod that began again counts from nought, and one that is gone takes nothing away', () => {
  const earlier = { atMs: 0, callsUp: 0, pods: [pod('a', 1000), pod('gone', 500)] };
  const later = { atMs: 1000, callsUp: 0, pods: [pod('a', 4, 'now'), pod('new', 2)] };
  assert.equal(rateBetween(earlier, later).callsPerSecond, 6);
});

test('OPS-02 the quality of all gateways is that of each by its share', () => {
  const quality = (attempts: number, answered: number, seconds: number) => ({
    windowSeconds: 3600,
    attempts,
    answered,
    averageCallSeconds: seconds,
    postDialSeconds: 2,
  });
  assert.deepEqual(qualityOfAll([quality(10, 5, 60), null, quality(30, 15, 20)]), {
    windowSeconds: 3600,
    attempts: 40,
    answered: 20,
    answerSeizureRatio: 0.5,
    averageCallSeconds: 30,
    postDialSeconds: 2,
  });
  assert.equal(qualityOfAll([quality(3, 0, 0)])?.averageCallSeconds, 0);
  assert.equal(qualityOfAll([null]), undefined);
});

test('OPS-02 the most frequent comes first', () => {
  assert.deepEqual(tally(['a', 'b', 'c', 'b']), [
    { value: 'b', count: 2 },
    { value: 'a', count: 1 },
    { value: 'c', count: 1 },
  ]);
});

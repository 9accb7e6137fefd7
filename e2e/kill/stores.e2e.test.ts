import assert from 'node:assert/strict';
import { test } from 'node:test';
import { falseDeaths, kafkaAway, redisEmptied, serviceAway } from '../src/kill/store-trials.ts';
import { allAtOnce, type TrialResult } from '../src/kill/trials.ts';
import { verdictText } from '../src/verdict/judge-switch.ts';

const seed = Date.now() % 1_000_000;
const MOST_GROWN_MEGABYTES = 150;

function assertClean({ verdict, evidence }: TrialResult): void {
  assert.equal(verdictText(verdict), '', evidence);
  assert.equal(verdict.cdrs, verdict.calls);
}

test('edge.md §5: all pods are killed at once with 500 calls up: all are hung up from either side and billed', async () => {
  assertClean(await allAtOnce({ calls: 500, seed, awayMs: 10_000 }));
});

test('edge.md §5: Redis comes back empty with 500 calls up: new calls 503 meanwhile, all are hung up and billed', async () => {
  assertClean(await redisEmptied({ calls: 500, seed, awayMs: 2000 }));
});

test('edge.md §5: Kafka is away under load: no CDR is missing or double, and memory is bounded', async () => {
  const result = await kafkaAway({ awayMs: 20_000, perSecond: 30, seed });
  assertClean(result);
  assert.ok(
    result.grownMegabytes < MOST_GROWN_MEGABYTES,
    `grown by ${result.grownMegabytes.toFixed(0)} MB`,
  );
});

for (const service of ['auth', 'routing'] as const) {
  test(`edge.md §5: ${service} is away: new calls 503, calls in progress do not notice`, async () => {
    assertClean(await serviceAway(service));
  });
}

test('edge.md §5: a pod is only paused: it sees that it lost its calls and stops what it did for them', async () => {
  assertClean(await falseDeaths());
});

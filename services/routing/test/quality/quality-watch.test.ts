import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryLimits } from '@tandem/limits';
import type { QualityNote } from '@tandem/limits';
import { silentLogger } from '@tandem/service';
import { watchQuality } from '../../src/quality/quality-watch.ts';
import { configure, NOON, request, routedOf, openRouter, tablesOf } from '../routing-fixture.ts';

function note(gateway: string, prefix: string | undefined, answered: number): QualityNote {
  const figures = {
    attempts: 4,
    answered,
    failed: 0,
    talkMs: answered * 30_000,
    postDials: 2,
    postDialMs: 5000,
  };
  return { gateway, prefix, ...figures };
}

test('ROUTE-04 routing knows of each gateway and prefix what its last calls came to, within the window', async () => {
  let nowMs = NOON;
  const { qualities } = memoryLimits({ now: () => nowMs });
  const tables = tablesOf(configure({ parameters: { SS_GATEWAY_QUALITY_WINDOW: 600 } }));
  const asked: number[] = [];
  const watch = watchQuality({
    qualities: {
      read: (from) => {
        asked.push(from);
        return qualities.read(from);
      },
    },
    tables: () => tables,
    logger: silentLogger(),
  });
  await qualities.add([note('a', undefined, 1), note('a', '44', 1)]);
  await watch.read();
  assert.deepEqual(watch.current.of('a', '44'), {
    attempts: 4,
    answered: 1,
    failed: 0,
    answerSeizureRatio: 0.25,
    averageCallSeconds: 30,
    postDialSeconds: 2.5,
  });
  assert.equal(watch.current.of('a', '441'), undefined);
  assert.equal(watch.current.gateways.get('a')?.attempts, 4);

  // What has come since is added, once, however often it is read.
  nowMs += 300_000;
  await qualities.add([note('a', undefined, 4), note('a', '44', 4)]);
  await watch.read();
  await watch.read();
  assert.deepEqual(
    [watch.current.of('a', '44')?.attempts, watch.current.of('a', '44')?.answerSeizureRatio],
    [8, 0.625],
  );
  const bucket = Math.floor(NOON / 300_000);
  assert.deepEqual(asked, [0, bucket, bucket + 1]);

  // What is behind the window does not count.
  nowMs += 600_000;
  await watch.read();
  assert.equal(watch.current.of('a', '44')?.answered, 4);
  // It is still known: who asks over a longer window is told.
  assert.equal(watch.current.over(3600).of('a', '44')?.answered, 5);
  nowMs += 300_000;
  await watch.read();
  assert.equal(watch.current.of('a', '44'), undefined);
});

test('ROUTE-04 while the store is away what is known stays', async () => {
  const { qualities } = memoryLimits({ now: () => NOON });
  await qualities.add([note('a', undefined, 1)]);
  let isAway = false;
  const watch = watchQuality({
    qualities: {
      read: (from) => (isAway ? Promise.reject(new Error('away')) : qualities.read(from)),
    },
    tables: () => tablesOf(configure()),
    logger: silentLogger(),
  });
  await watch.read();
  isAway = true;
  await watch.read();
  assert.equal(watch.current.gateways.get('a')?.attempts, 4);
});

test('ROUTE-04 a candidate says by which prefix it was found, for its figures', async () => {
  const { router } = await openRouter();
  const { candidates } = routedOf(await router.route(request('c1')));
  assert.deepEqual(candidates.map(({ prefix }) => prefix), ['44', '44']); // prettier-ignore
});

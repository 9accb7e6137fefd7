import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '@tandem/service';
import type { QualityNote } from '@tandem/limits';
import { qualityNotes } from '../../src/core/quality-notes.ts';
import { LiveQualityFeed } from '../../src/live-quality-feed.ts';

const answered = { gateway: 'a', prefix: '44', outcome: 'answered', talkSeconds: 60, postDialSeconds: 2 } as const; // prettier-ignore
const failed = { gateway: 'a', prefix: '441', outcome: 'failed', talkSeconds: 0 } as const;
/** Of an edge of the version before: nobody says by which prefix. */
const older = { gateway: 'a', outcome: 'cancelled', talkSeconds: 0, postDialSeconds: 4 } as const;

test('ROUTE-04 attempts add up for the gateway, and for the prefixes that they were routed by', () => {
  assert.deepEqual(qualityNotes([answered, failed, older, { ...answered, gateway: 'b' }]), [
    { gateway: 'a', prefix: undefined, attempts: 3, answered: 1, failed: 1, talkMs: 60_000, postDials: 2, postDialMs: 6000 },
    { gateway: 'a', prefix: '44', attempts: 1, answered: 1, failed: 0, talkMs: 60_000, postDials: 1, postDialMs: 2000 },
    { gateway: 'a', prefix: '441', attempts: 1, answered: 0, failed: 1, talkMs: 0, postDials: 0, postDialMs: 0 },
    { gateway: 'b', prefix: undefined, attempts: 1, answered: 1, failed: 0, talkMs: 60_000, postDials: 1, postDialMs: 2000 },
    { gateway: 'b', prefix: '44', attempts: 1, answered: 1, failed: 0, talkMs: 60_000, postDials: 1, postDialMs: 2000 },
  ]); // prettier-ignore
});

test('ROUTE-04 the books wait for no live figures, and a store that is away loses them alone', async () => {
  const told: QualityNote[][] = [];
  let isAway = true;
  const feed = new LiveQualityFeed(
    {
      add: (notes) => {
        if (isAway) return Promise.reject(new Error('away'));
        told.push([...notes]);
        return Promise.resolve();
      },
    },
    silentLogger(),
  );
  await feed.tell([answered]);
  isAway = false;
  await feed.tell([failed]);
  assert.deepEqual(told.map((notes) => notes.length), [2]); // prettier-ignore
  const stuck = new LiveQualityFeed({ add: () => new Promise(() => undefined) }, silentLogger());
  for (let at = 0; at < 100; at++) await stuck.tell([answered]);
});

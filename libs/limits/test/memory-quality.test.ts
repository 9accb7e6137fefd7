import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryLimits } from '../src/index.ts';
import { noteOf, qualityContract } from './quality-contract.ts';

qualityContract('memory', () => memoryLimits().qualities);

test('ROUTE-04 what is older than is kept is forgotten', async () => {
  let nowMs = 0;
  const { qualities } = memoryLimits({ now: () => nowMs });
  await qualities.add([noteOf('a')]);
  nowMs = 26 * 300_000;
  await qualities.add([noteOf('b')]);
  const notes = (await qualities.read(0)).flatMap((each) => each.notes);
  assert.deepEqual(notes.map(({ gateway }) => gateway), ['b']); // prettier-ignore
});

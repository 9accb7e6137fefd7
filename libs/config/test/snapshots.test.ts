import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configurationSchema } from '../src/document.ts';
import { memorySnapshots, type Snapshot } from '../src/snapshots.ts';

const empty = configurationSchema.parse({});

test('ROUTE-13 a listener is told the version in effect and each one after it', async () => {
  const source = memorySnapshots();
  assert.equal(source.current(), undefined);
  const before: number[] = [];
  source.onChange((snapshot: Snapshot) => before.push(snapshot.version));
  source.set(empty);
  await source.ready();
  const after: number[] = [];
  const stop = source.onChange((snapshot: Snapshot) => after.push(snapshot.version));
  source.set({ ...empty, realm: 'other' });
  stop();
  source.set(empty);
  assert.deepEqual(before, [1, 2, 3]);
  assert.deepEqual(after, [1, 2]);
  assert.equal(source.current()?.version, 3);
  await source.close();
});

test('ROUTE-13 waiting for a first version ends when the source is closed', async () => {
  const source = memorySnapshots();
  const waiting = assert.rejects(source.ready(), /was closed/);
  await source.close();
  await waiting;
  assert.equal(memorySnapshots(empty).current()?.version, 1);
});

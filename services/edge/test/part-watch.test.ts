import assert from 'node:assert/strict';
import test from 'node:test';
import type { JournalNote } from '@tandem/domain';
import { PartWatch } from '../src/part-watch.ts';

test('DENY-19 a part that is away is written into the journal once it is missed twice, and again once it is back', async () => {
  const notes: JournalNote[] = [];
  let nowMs = Date.UTC(2026, 10, 21, 10);
  let isThere: () => boolean | Promise<boolean> = () => true;
  const watch = new PartWatch({
    needed: [{ name: 'auth', isThere: () => isThere() }],
    journal: { note: (note) => notes.push(note) },
    clock: { now: () => nowMs },
  });
  const look = async (): Promise<void> => {
    await watch.look();
    nowMs += 500;
  };
  await look();
  isThere = () => false;
  await look();
  isThere = () => true;
  await look();
  assert.deepEqual(notes, [], 'a stream that is opened anew is no absence');
  isThere = () => Promise.reject(new Error('away'));
  for (let looks = 0; looks < 4; looks += 1) await look();
  isThere = () => true;
  await look();
  assert.deepEqual(
    notes.map(({ cause, facts, terminal }) => ({ cause, facts, terminal })),
    [
      { cause: 'part-away', facts: { part: 'auth' }, terminal: 'auth' },
      {
        cause: 'part-back',
        facts: { part: 'auth', since: '2026-11-21T10:00:01.500Z', seconds: 2 },
        terminal: 'auth',
      },
    ],
  );
});

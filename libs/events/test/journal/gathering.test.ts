import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JournalEntry } from '@tandem/proto/journal';
import {
  DEFAULT_ENTRIES,
  Gathering,
  MOST_CALL_IDS,
  mostGathered,
} from '../../src/journal/gathering.ts';
import { lastWords, refusedNote, strangerNote } from './notes.ts';

const START = 1_000_000;

function gathering(windowMs = 60_000): Gathering {
  let ids = 0;
  return new Gathering({ windowMs, nextId: () => `id-${String((ids += 1))}`, writer: 'pod-1' });
}

test('OPS-10 what happens for the first time is told at once, with its facts', () => {
  assert.deepEqual(gathering().take(refusedNote(), START), {
    id: 'id-1',
    firstMs: START,
    lastMs: START,
    count: 1,
    cause: 'expiry-too-short',
    terminal: '1001',
    account: 'demo',
    source: '192.0.2.7:5060',
    userAgent: 'baresip v1.0.0 (x86_64/linux)',
    facts: [
      { name: 'asked', value: '10' },
      { name: 'SS_ENDPOINT_EXPIRE_MIN', value: '60' },
    ],
    writer: 'pod-1',
    callIds: [],
    caller: '',
    callee: '',
  });
});

test('OPS-10 the same again is one entry with first, last and count, told when it has grown', () => {
  const gathered = gathering();
  gathered.take(refusedNote(), START);
  assert.deepEqual(gathered.grown(START + 1), []);
  for (const ms of [10, 20]) {
    const facts = { asked: ms, SS_ENDPOINT_EXPIRE_MIN: 60 };
    const note = refusedNote({ source: `192.0.2.7:${String(ms)}`, facts });
    assert.equal(gathered.take(note, START + ms), undefined);
  }
  const [grown, ...others] = gathered.grown(START + 30);
  assert.deepEqual(others, []);
  assert.deepEqual(
    [grown?.id, grown?.firstMs, grown?.lastMs, grown?.count, grown?.source, grown?.facts[0]?.value],
    ['id-1', START, START + 20, 3, '192.0.2.7:20', '20'],
  );
  assert.deepEqual(gathered.grown(START + 40), []);
});

test('OPS-10 after its window the same is another entry', () => {
  const gathered = gathering(1000);
  gathered.take(refusedNote(), START);
  gathered.grown(START + 1000);
  assert.equal(gathered.take(refusedNote(), START + 1001)?.id, 'id-2');
});

test('REG-11 another cause, phone, address or contact is another entry', () => {
  const gathered = gathering();
  const removed = (contact: string) => ({
    ...refusedNote(),
    cause: 'unregistered' as const,
    facts: { contact },
  });
  const entries = [
    refusedNote(),
    refusedNote({ terminal: '1002' }),
    refusedNote({ source: '192.0.2.8:5060' }),
    removed('sip:a@192.0.2.7'),
    removed('sip:b@192.0.2.7'),
  ].map((note) => gathered.take(note, START));
  assert.deepEqual(entries.map((entry) => entry?.id), ['id-1', 'id-2', 'id-3', 'id-4', 'id-5']); // prettier-ignore
});

test('OPS-10 a flood of strangers makes no more entries than its bound, and each of them is counted', () => {
  const gathered = gathering();
  const told: JournalEntry[] = [];
  const attempts = 3000;
  for (let at = 0; at < attempts; at += 1) {
    const address = `10.${String(at % 200)}.${String(at >> 8)}.${String(at % 7)}`;
    const entry = gathered.take(strangerNote(`${address}:5060`, `user-${String(at)}`), START);
    if (entry !== undefined) told.push(entry);
  }
  const most = mostGathered(DEFAULT_ENTRIES);
  assert.ok(told.length <= most.unknown + most.place + 1, String(told.length));
  const entries = lastWords([...told, ...gathered.grown(START + 1)]);
  assert.equal(entries.reduce((sum, { count }) => sum + count, 0), attempts); // prettier-ignore
  // The last one stands for whoever had no room.
  const others = entries.find(({ source }) => source === '');
  assert.deepEqual([others?.terminal, others?.cause], ['', 'unknown-user']);
});

test('OPS-10 of one address only so many names stand by themselves, and the flood hides no proved phone', () => {
  const gathered = gathering();
  const most = mostGathered(DEFAULT_ENTRIES).names;
  const names = most + 30;
  const entries = Array.from({ length: names }, (_, at) =>
    gathered.take(strangerNote('192.0.2.66:5060', `user-${String(at)}`), START),
  ).filter((entry) => entry !== undefined);
  assert.equal(entries.length, most + 1);
  assert.equal(entries.at(-1)?.terminal, '');
  assert.equal(entries.at(-1)?.source, '192.0.2.66:5060');
  assert.equal(gathered.take(refusedNote({ source: '192.0.2.66:5062' }), START)?.terminal, '1001');
});

test('OPS-10 the bound of strangers follows SS_JOURNAL_STRANGER_ENTRIES from the next one on', () => {
  const gathered = gathering();
  const namesTold = (address: string): number =>
    Array.from({ length: 100 }, (_, at) =>
      gathered.take(strangerNote(`${address}:5060`, `user-${String(at)}`), START),
    ).filter((entry) => entry !== undefined && entry.terminal !== '').length;
  gathered.limit(20);
  assert.equal(namesTold('192.0.2.67'), 5);
  gathered.limit(400);
  assert.equal(namesTold('192.0.2.68'), 100);
});

test('OPS-10 addresses of one IPv6 host are one place', () => {
  const gathered = gathering();
  gathered.take(strangerNote('[2001:db8:1:2::1]:5060'), START);
  assert.equal(gathered.take(strangerNote('[2001:db8:1:2:ffff::2]:5060'), START), undefined);
  assert.notEqual(gathered.take(strangerNote('[2001:db8:1:3::1]:5060'), START), undefined);
});

test('OPS-10 what strangers write is cut', () => {
  const long = 'x'.repeat(5000);
  const note = { ...strangerNote('192.0.2.1:1', long), userAgent: long };
  const entry = gathering().take(note, START);
  assert.ok(JSON.stringify(entry).length < 600);
});

test('OPS-09 an entry keeps the Call-IDs by which it may be asked for: the first ones, and the last', () => {
  const gathered = gathering();
  const at = (number: number) =>
    gathered.take({ ...refusedNote(), callId: `call-${String(number)}`, caller: '1001' }, START);
  assert.deepEqual(at(1)?.callIds, ['call-1']);
  for (let number = 2; number <= 100; number += 1) at(number);
  const [entry] = gathered.grown(START);
  assert.equal(entry?.count, 100);
  assert.equal(entry.callIds.length, MOST_CALL_IDS);
  assert.deepEqual([entry.callIds[0], entry.callIds.at(-1)], ['call-1', 'call-100']);
  assert.equal(entry.caller, '1001');
});

test('OPS-10 what was counted before it is told counts as often as it happened', () => {
  const gathered = gathering();
  assert.equal(gathered.take({ ...refusedNote(), count: 40 }, START)?.count, 40);
  gathered.take({ ...refusedNote(), count: 2 }, START);
  assert.equal(gathered.grown(START)[0]?.count, 42);
});

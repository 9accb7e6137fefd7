import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configurationSchema } from '@tandem/config';
import { changeEntry, entryTag, type EntryChange } from '../../src/core/change-entry.ts';
import { placedLists } from '../../src/core/entries.ts';

const configuration = configurationSchema.parse({
  accounts: [{ name: 'demo' }],
  phones: [
    { username: '1001', password: 'a', account: 'demo', registration: { maxBindings: 2 } },
    { username: '1002', password: 'b', account: 'demo' },
  ],
});
const [phones] = placedLists.filter(({ place }) => place === 'phones');
assert.ok(phones);

function phonesAfter(change: EntryChange): unknown {
  assert.ok(phones);
  const made = changeEntry(configuration, phones, change);
  assert.equal(made.kind, 'changed');
  return made.document['phones'];
}

const [first, second] = configuration.phones;

test('OPS-01 a new entry comes last, another takes its place in the list, one that is removed leaves none', () => {
  const entry = { username: '1003' };
  assert.deepEqual(phonesAfter({ kind: 'create', entry }), [first, second, entry]);
  assert.deepEqual(phonesAfter({ kind: 'replace', name: '1001', entry }), [entry, second]);
  assert.deepEqual(phonesAfter({ kind: 'remove', name: '1001' }), [second]);
});

test('OPS-01 RFC 7396 a patch changes what it names, takes away what is null, and leaves the rest', () => {
  const patch = {
    lineLimit: 3,
    registration: { maxBindings: null, maxExpires: 600 },
    password: null,
  };
  const others: Record<string, unknown> = { ...first };
  delete others['password'];
  assert.deepEqual(phonesAfter({ kind: 'merge', name: '1001', patch }), [
    { ...others, lineLimit: 3, registration: { maxExpires: 600 } },
    second,
  ]);
  assert.deepEqual(phonesAfter({ kind: 'merge', name: '1002', patch: [] }), [first, []]);
});

test('OPS-01 an entry that is there is not created, one that is not is not changed', () => {
  assert.ok(phones);
  const create = { kind: 'create', entry: { username: '1001' } } as const;
  assert.deepEqual(changeEntry(configuration, phones, create), {
    kind: 'entry-exists',
    name: '1001',
  });
  for (const kind of ['replace', 'merge', 'remove'] as const) {
    const change = { kind, name: '10o1', entry: {}, patch: {} };
    const refused = changeEntry(configuration, phones, change);
    assert.deepEqual(refused, { kind: 'no-such-entry', hint: '; did you mean "1001"?' });
  }
});

test('OPS-01 the tag of an entry is that of its values, in whatever order they stand', () => {
  assert.equal(
    entryTag({ a: 1, b: { c: [1, 2], d: 2 } }),
    entryTag({ b: { d: 2, c: [1, 2] }, a: 1 }),
  );
  assert.notEqual(entryTag({ a: 1, b: [1, 2] }), entryTag({ a: 1, b: [2, 1] }));
});

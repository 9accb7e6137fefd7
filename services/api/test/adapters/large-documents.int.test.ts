import assert from 'node:assert/strict';
import { createSecretKey, randomBytes } from 'node:crypto';
import { test, type TestContext } from 'node:test';
import { openSecret } from '@tandem/config';
import { openLargeDocuments } from '../../src/adapters/large-documents.ts';
import { openConfigurationStore } from '../../src/adapters/pg-configuration-store.ts';
import { applyDocument, rollBack, type DocumentStore } from '../../src/apply-document.ts';
import { applyEntry } from '../../src/apply-change.ts';
import { placedLists } from '../../src/core/entries.ts';
import { openConfigurationDatabase } from '../postgres.ts';

const terms = {
  context: { appliedBy: 'test', note: '', isDryRun: false },
  expectedVersion: undefined,
  allowRemoval: undefined,
};

/** All is large here. */
async function documentsOf(context: TestContext): Promise<DocumentStore> {
  const { pool, url } = await openConfigurationDatabase(context);
  const store = openConfigurationStore(pool, { url, largeBytes: 0 });
  const secretKey = createSecretKey(randomBytes(32));
  return { store, secretKey, large: openLargeDocuments({ url, secretKey, store }) };
}

function textOf(changes: Record<string, unknown> = {}): string {
  return JSON.stringify({
    rateGroups: [{ name: 'standard', currency: 'USD' }],
    accounts: [{ name: 'demo', rateGroup: 'standard' }],
    phones: [{ username: '1001', password: 'one', account: 'demo' }],
    ...changes,
  });
}

test('OPS-01 AUTH-12 a document is applied, changed and brought back in a thread, with its passwords sealed by the same key', async (context) => {
  const documents = await documentsOf(context);
  const { large, store, secretKey } = documents;
  assert.ok(large);
  const first = await large.apply({ ...terms, text: textOf(), format: 'json' });
  assert.deepEqual([first.kind, first.kind === 'new' && first.version], ['new', 1]);
  // From now on there is a large document.
  const second = await applyDocument(
    { ...terms, text: textOf({ realm: 'r' }), format: 'json' },
    documents,
  );
  assert.equal(second.kind, 'new');
  const current = (await store.current())?.configuration;
  assert.equal(current?.realm, 'r');
  assert.equal(openSecret(secretKey, current.phones[0]?.password ?? ''), 'one');
  const changed = await large.changeEntry({
    ...terms,
    expectedTag: undefined,
    place: 'phones',
    change: { kind: 'merge', name: '1001' },
    text: '{"lineLimit":3}',
  });
  assert.ok('tag' in changed && changed.kind === 'new', JSON.stringify(changed));
  assert.deepEqual(changed.changes, [
    { subject: 'phone 1001', kind: 'changed', fields: ['lineLimit: 0 → 3'] },
  ]);
  const [phones] = placedLists.filter(({ place }) => place === 'phones');
  assert.ok(phones);
  const again = await applyEntry(
    {
      list: phones,
      change: { kind: 'merge', name: '1001', patch: { lineLimit: 4 } },
      expectedTag: changed.tag,
      context: terms.context,
    },
    documents,
  );
  assert.equal(again.kind, 'new');
  const phone = (await store.current())?.configuration.phones[0];
  assert.equal(phone?.lineLimit, 4);
  assert.equal(openSecret(secretKey, phone.password ?? ''), 'one');
  const back = await rollBack({ ...terms, version: 1 }, documents);
  assert.equal(back?.kind, 'new');
  assert.equal((await store.current())?.configuration.realm, 'tandem');
  assert.equal(await rollBack({ ...terms, version: 99 }, documents), undefined);
});

test('OPS-01 what is wrong is told by a thread as it is told here, and nothing is applied', async (context) => {
  const { large, store } = await documentsOf(context);
  assert.ok(large);
  const wrong = textOf({ phones: [{ username: '1', password: 'p', account: 'demi' }] });
  const told = await large.apply({ ...terms, text: wrong, format: 'json' });
  assert.equal(told.kind, 'invalid');
  assert.deepEqual(
    told.mistakes.map(({ path }) => path),
    ['phones[0].account'],
  );
  const entry = {
    ...terms,
    expectedTag: undefined,
    place: 'phones',
    change: { kind: 'create' },
  } as const;
  const noJson = await large.changeEntry({ ...entry, text: '{' });
  assert.equal(noJson.kind, 'no-json');
  assert.equal(await store.current(), undefined);
});

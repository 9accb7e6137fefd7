import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configurationSchema } from '../src/document.ts';
import { assertSame, documentOf, storeOf, untilVersion } from './large-store.ts';

test('ROUTE-13 a large version is read piece by piece in a thread, and is the document', async (context) => {
  const store = await storeOf(context);
  const document = documentOf({});
  await store.put(1, document);
  const source = store.open();
  await source.ready();
  assertSame(await untilVersion(source, 1), document);
  assert.equal(store.said.find(({ read }) => read !== undefined)?.['read'], 'all');
});

test('ROUTE-13 of a version after another only what is new is read, and it is the document all the same', async (context) => {
  const store = await storeOf(context);
  await store.put(1, documentOf({}));
  const source = store.open();
  const first = await untilVersion(source, 1);
  const documents = [
    documentOf({ moved: 'g7' }),
    documentOf({ moved: 'g7', without: 'g9', price: '0.02' }),
    documentOf({ without: 'g8' }),
    configurationSchema.parse({ ...documentOf({}), realm: 'other' }),
  ];
  for (const [at, document] of documents.entries()) {
    await store.put(at + 2, document);
    assertSame(await untilVersion(source, at + 2), document);
  }
  const reads = store.said.flatMap(({ read }) => (read === undefined ? [] : [read]));
  assert.deepEqual(reads, ['all', 'changes', 'changes', 'changes', 'changes']);
  const last = await untilVersion(source, 5);
  assertSame(first, documentOf({}));
  // What does not change is in one place for all versions.
  const [before, after] = [first, last].map(({ lists }) => lists.rates.get('vendor')?.index);
  assert.ok(before !== undefined && after !== undefined);
  new Uint8Array(after)[0] = 99;
  assert.equal(new Uint8Array(before)[0], 99);
});

test('ROUTE-13 a version of another release is read as a whole, with the defaults of this one', async (context) => {
  const store = await storeOf(context);
  await store.put(1, documentOf({}));
  const source = store.open();
  await untilVersion(source, 1);
  const document = {
    rateGroups: [
      { name: 'standard', currency: 'USD', rates: [{ prefix: '44', pricePerMinute: '1' }] },
    ],
    accounts: [{ name: 'demo', rateGroup: 'standard' }],
    routingGateways: [{ name: 'a', addresses: ['192.0.2.1'], prefixes: ['44'] }],
  };
  await store.put(2, document, 'another');
  assertSame(await untilVersion(source, 2), configurationSchema.parse(document));
  assert.deepEqual(
    store.said.flatMap(({ read }) => (read === undefined ? [] : [read])),
    ['all', 'all'],
  );
});

test('ROUTE-13 a version that fits no more leaves the one before in effect', async (context) => {
  const store = await storeOf(context);
  await store.put(1, documentOf({}));
  const source = store.open();
  await untilVersion(source, 1);
  await store.put(2, { routingGateways: [{ name: 'a', prefixes: ['4x'] }] }, 'another');
  const toldBy = Date.now() + 20_000;
  while (!store.said.some(({ reason }) => String(reason).includes('prefixes'))) {
    assert.ok(Date.now() < toldBy, JSON.stringify(store.said));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.equal(source.current()?.version, 1);
  await store.put(3, documentOf({ without: 'g1' }));
  assertSame(await untilVersion(source, 3), documentOf({ without: 'g1' }));
});

test('ROUTE-13 a source can be closed while a thread reads', async (context) => {
  const store = await storeOf(context);
  await store.put(1, documentOf({}));
  const source = store.open();
  const ready = assert.rejects(source.ready());
  await new Promise((resolve) => setTimeout(resolve, 30));
  await source.close();
  await ready;
  assert.equal(source.current(), undefined);
});

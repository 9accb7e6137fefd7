import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { Readable } from 'node:stream';
import { test, type TestContext } from 'node:test';
import { openRateSheets, RateReader, type ImportedSheet } from '@tandem/config';
import { silentLogger } from '@tandem/service';
import { openConfigurationStore } from '../../src/adapters/pg-configuration-store.ts';
import { openRateSheetStore } from '../../src/adapters/pg-rate-sheets.ts';
import { applyDocument } from '../../src/apply-document.ts';
import type { ImportRequest, ImportTerms, RateImport, RateSheets } from '../../src/rate-ports.ts';
import { openConfigurationDatabase } from '../postgres.ts';

const DOCUMENT = `
rateGroups:
  - { name: standard, currency: USD, rates: [{ prefix: "44", pricePerMinute: "0.02" }, { prefix: "49", pricePerMinute: "0.03" }] }
accounts: [{ name: demo, rateGroup: standard }]
`;

async function opened(testing: TestContext) {
  const { pool, url } = await openConfigurationDatabase(testing);
  const store = openConfigurationStore(pool);
  const documents = { store, secretKey: createSecretKey(Buffer.alloc(32, 7)) };
  const context = { appliedBy: 'test', note: '', isDryRun: false };
  const terms = { context, expectedVersion: undefined, allowRemoval: undefined };
  await applyDocument({ ...terms, text: DOCUMENT, format: 'yaml' }, documents);
  const rates = openRateSheetStore({ pool, url, documents, logger: silentLogger() });
  return { documents, pool, rates, store, url };
}

function requestOf(terms: Partial<ImportTerms> = {}): ImportRequest {
  const effectiveFrom = terms.effectiveFrom ?? new Date().toISOString();
  return {
    group: 'standard',
    note: 'August',
    begunBy: 'ann',
    terms: { mode: 'replace', file: 'a.csv', effectiveFrom, isAtOnce: terms.effectiveFrom === undefined, effectiveUntil: undefined, ...terms },
    read: { firstIncrement: 60, nextIncrement: 60, effectiveFrom, effectiveUntil: undefined, encoding: undefined, form: {} },
  };
} // prettier-ignore

async function read(rates: RateSheets, csv: string, terms?: Partial<ImportTerms>): Promise<RateImport> {
  const found = await rates.read(requestOf(terms), Readable.from([Buffer.from(csv)]));
  assert.ok(!('kind' in found), JSON.stringify(found));
  return found;
} // prettier-ignore

async function textOf(pieces: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}

const SHEET = 'code;rate\n44;0,025\n4420;0,01\n1;0,005\n';

test('BILL-02 a file is held against what is in effect, and applied as one version', async (testing) => {
  const { rates, store } = await opened(testing);
  const found = await read(rates, SHEET);
  assert.equal(found.state, 'ready');
  const report = found.report as { form: { delimiter: string; decimal: string }; counts: object };
  assert.deepEqual([report.form.delimiter, report.form.decimal], [';', 'comma']);
  assert.deepEqual(report.counts, { new: 2, dearer: 1, cheaper: 0, other: 0, gone: 1, same: 0 });
  const changes = await textOf((await rates.changes('standard', found.id)) ?? Readable.from([]));
  assert.match(changes, /^dearer,44,[^,]*,0\.02,0\.025,60\/60,60\/60,0,0,0,0$/m);
  // Nothing is in effect yet.
  assert.match(await textOf(rates.csv('standard')), /^49,0\.03/m);
  const applied = await rates.apply('standard', found.id, 'bob');
  assert.deepEqual(applied, { kind: 'applied', version: 1 });
  assert.deepEqual(await rates.apply('standard', found.id, 'bob'), applied);
  const [group] = (await store.current())?.configuration.rateGroups ?? [];
  assert.deepEqual([group?.sheet, group?.rates], [true, []]);
  const csv = await textOf(rates.csv('standard'));
  assert.match(csv, /^44,0\.02,60,60,0,0,,\d{4}-.*Z\n44,0\.025,60,60,0,0,\d{4}-.*Z,$/m);
  assert.match(csv, /^49,0\.03,60,60,0,0,,\d{4}-.*Z$/m);
});

test('BILL-02 what was exported is what an import makes nothing of', async (testing) => {
  const { rates } = await opened(testing);
  await rates.apply('standard', (await read(rates, SHEET)).id, 'bob');
  const csv = await textOf(rates.csv('standard'));
  const again = await read(rates, csv, { mode: 'update' });
  const { counts } = again.report as { counts: object };
  assert.deepEqual(counts, { new: 0, dearer: 0, cheaper: 0, other: 0, gone: 0, same: 4 });
});

test('BILL-02 an import with ten mistakes names ten and changes nothing', async (testing) => {
  const { rates } = await opened(testing);
  const before = await textOf(rates.csv('standard'));
  const bad = Array.from({ length: 10 }, (_, at) => `44${String(at)};free\n`);
  const found = await read(rates, `${SHEET}${bad.join('')}`);
  assert.equal(found.state, 'refused');
  const mistakes = (await rates.mistakes('standard', found.id)) ?? [];
  assert.deepEqual(mistakes.map(({ line }) => line), Array.from({ length: 10 }, (_, at) => at + 5)); // prettier-ignore
  assert.equal((await rates.apply('standard', found.id, 'bob')).kind, 'import-not-ready');
  assert.equal(await textOf(rates.csv('standard')), before);
});

test('BILL-02 of two imports at once the second is refused, and one that broke off stands in nobody\'s way', async (testing) => {
  const { rates } = await opened(testing);
  const file = new Readable({ read: () => undefined });
  file.push(SHEET);
  const first = rates.read(requestOf(), file);
  const isReading = async (): Promise<boolean> => (await rates.imports('standard')).some(({ state }) => state === 'reading');
  while (!(await isReading()));
  const second = await rates.read(requestOf(), Readable.from([Buffer.from(SHEET)]));
  assert.ok('kind' in second && second.kind === 'import-running');
  file.destroy(new Error('the connection broke'));
  await assert.rejects(first, /the connection broke/);
  assert.deepEqual((await rates.imports('standard')).map(({ state }) => state), ['broken']);
  assert.equal((await read(rates, SHEET)).state, 'ready');
}); // prettier-ignore

test('BILL-02 an import whose pod died is broken after a while, and the next one may begin', async (testing) => {
  const { pool, rates } = await opened(testing);
  const died = await read(rates, SHEET);
  const dead = `UPDATE tandem_config.rate_import SET state = 'reading', touched_at = now() - interval '1 minute'`;
  await pool.query(dead);
  assert.equal((await rates.import('standard', died.id))?.state, 'broken');
  assert.equal((await read(rates, SHEET)).state, 'ready');
  assert.equal((await rates.apply('standard', died.id, 'bob')).kind, 'import-not-ready');
});

test('BILL-02 whoever applies an import again after a pod has died in it applies it once', async (testing) => {
  const { pool, rates, store } = await opened(testing);
  const { id } = await read(rates, SHEET);
  const applied = await rates.apply('standard', id, 'bob');
  const before = (await store.current())?.version;
  // As it is where the pod died before it had said that all is done.
  await pool.query(`UPDATE tandem_config.rate_import SET state = 'ready'`);
  assert.deepEqual(await rates.apply('standard', id, 'bob'), applied);
  assert.deepEqual(
    [(await rates.versions('standard')).length, (await store.current())?.version],
    [1, before],
  );
});

test('BILL-02 a pod that dies between the sheet and the document has changed nothing, and it is applied again', async (testing) => {
  const { documents, pool, rates, store, url } = await opened(testing);
  const { id } = await read(rates, SHEET);
  const dying = { ...store, current: () => store.current(), apply: () => Promise.reject(new Error('killed')) };
  const parts = { pool, url, documents: { ...documents, store: dying }, logger: silentLogger() };
  await assert.rejects(openRateSheetStore(parts).apply('standard', id, 'bob'), /killed/);
  assert.match(await textOf(rates.csv('standard')), /^49,0\.03,60,60,0,0,,$/m);
  assert.equal((await rates.import('standard', id))?.state, 'ready');
  assert.equal((await rates.apply('standard', id, 'bob')).kind, 'applied');
  assert.equal((await store.current())?.configuration.rateGroups[0]?.sheet, true);
  assert.match(await textOf(rates.csv('standard')), /^4420,0\.01,/m);
}); // prettier-ignore

test('BILL-02 what was held against rates that have changed since is not applied', async (testing) => {
  const { rates } = await opened(testing);
  const [one, other] = [await read(rates, SHEET), await read(rates, SHEET, { mode: 'update' })];
  await rates.apply('standard', one.id, 'bob');
  assert.deepEqual(await rates.apply('standard', other.id, 'bob'), { kind: 'rates-changed' });
  const rolled = await rates.rollBack('standard', 1, { appliedBy: 'bob', note: '' });
  assert.deepEqual(rolled, { kind: 'applied', version: 2 });
});

test('ROUTE-13 who looks at a sheet has each version of it, whole', async (testing) => {
  const { pool, rates } = await opened(testing);
  let wanted = Promise.withResolvers<ImportedSheet>();
  const source = openRateSheets({
    pool,
    logger: silentLogger(),
    pollMs: 20,
    onImport: (_, sheet) => {
      if (sheet.version > 0) wanted.resolve(sheet);
    },
  });
  testing.after(() => source.close());
  await source.follow(['standard']);
  await rates.apply('standard', (await read(rates, SHEET)).id, 'bob');
  assert.equal(new RateReader((await wanted.promise).rates).index.size, 5);
  wanted = Promise.withResolvers();
  await rates.apply('standard', (await read(rates, 'code;rate\n7;1\n', { mode: 'update' })).id, 'bob');
  const next = await wanted.promise;
  assert.deepEqual([next.version, new RateReader(next.rates).index.size], [2, 6]);
}); // prettier-ignore

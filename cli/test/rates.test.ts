import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from './command-line.ts';

const found = {
  id: '7f0c',
  group: 'standard',
  state: 'ready',
  isAtOnce: true,
  lines: 3,
  fileRates: 2,
  form: { delimiter: '\t', decimal: 'comma', encoding: 'utf-8', headingLine: 1, columns: { prefix: ['Code'] }, ignored: ['City'] },
  counts: { new: 1, dearer: 1, cheaper: 0, other: 0, gone: 0, same: 0 },
  examples: [
    { kind: 'dearer', prefix: '44', from: '2027-01-01T00:00:00.000Z', before: terms('0.01'), after: terms('0.02') },
    { kind: 'new', prefix: '', from: null, after: terms('0.3') },
  ],
}; // prettier-ignore

function terms(pricePerMinute: string): object {
  return { pricePerMinute, firstIncrement: 60, nextIncrement: 60, connectionFee: '0', freeSeconds: 0 }; // prettier-ignore
}

test('BILL-02 a file is sent as it is, and told how it was understood and what it would change', async (testing) => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-rates-'));
  testing.after(() => {
    rmSync(folder, { recursive: true });
  });
  const [file, mapping] = [join(folder, 'january.csv'), join(folder, 'columns.yaml')];
  writeFileSync(file, 'Code\tPreis\n44\t0,02\n');
  writeFileSync(mapping, '# of this carrier\nprefix: Code\npricePerMinute: "Preis"\n');
  const ran = await run(
    ['rates', 'import', 'standard', file, '-m', mapping, '--from', '2027-01-01', '--note', 'x'],
    { answer: () => found, isWatched: true },
  );
  assert.equal(ran.code, 0, ran.stderr);
  const [sent] = ran.received;
  const query = new URLSearchParams(sent?.path.split('?')[1]);
  assert.equal(sent?.path.split('?')[0], '/rate-groups/standard/imports');
  assert.deepEqual(query.getAll('column'), ['prefix=Code', 'pricePerMinute=Preis']);
  assert.deepEqual([query.get('from'), query.get('mode'), query.get('file')], ['2027-01-01', 'replace', 'january.csv']); // prettier-ignore
  assert.equal(sent.body, 'Code\tPreis\n44\t0,02\n');
  assert.match(ran.stderr, /100 %/);
  assert.match(ran.stdout, /Delimiter tab, decimal comma, encoding utf-8, heading in line 1\./);
  assert.match(ran.stdout, /3 lines, 2 prefixes: 1 new, 1 dearer, /);
  assert.match(ran.stdout, /dearer +44 +2027-01-01 00:00:00 +0\.01 60\/60 +0\.02 60\/60/);
  assert.match(ran.stdout, /new +any +since ever +0\.3 60\/60/);
  assert.match(ran.stdout, /Nothing is in effect yet: tandem rates apply standard 7f0c/);
  assert.equal(ran.received.length, 1);
});

test('BILL-02 --apply puts a file without a bad line into effect, and one with bad lines never', async () => {
  const applied = await run(['rates', 'import', 'standard', '-', '--apply'], {
    stdin: 'code,rate\n44,1\n',
    answer: ({ path }) =>
      path.endsWith('/apply') ? { group: 'standard', version: 4 } : { ...found, examples: [] },
  });
  assert.equal(applied.received[1]?.path, '/rate-groups/standard/imports/7f0c/apply');
  assert.match(applied.stdout, /Version 4 of the rates of standard is in effect\./);
  const problem = { detail: '1 mistake is in the file; nothing was changed', mistakes: [{ path: 'rate', line: 2, message: 'is "free"' }] }; // prettier-ignore
  const bad = await run(['rates', 'import', 'standard', '-', '--apply'], {
    stdin: 'code,rate\n44,free\n',
    answer: () => ({ status: 422, problem }),
  });
  assert.deepEqual([bad.code, bad.received.length], [1, 1]);
  assert.match(bad.stderr, /rate \(line 2\): is "free"/);
});

test('BILL-02 versions, imports, rollback, export and lists of an import are asked for by the group', async () => {
  const asked: string[] = [];
  for (const line of ['', 'imports', 'apply 1', 'discard 1', 'rollback 2', 'export', 'changes 1', 'bad-lines 1']) {
    const [verb, ...rest] = line.split(' ').filter((each) => each !== '');
    const args = verb === undefined ? ['eu/1'] : [verb, 'eu/1', ...rest];
    const ran = await run(['rates', ...args], { answer: () => ({ versions: [], imports: [] }) });
    assert.equal(ran.code, 0, ran.stderr);
    asked.push(`${ran.received[0]?.method ?? ''} ${ran.received[0]?.path ?? ''}`);
  }
  assert.deepEqual(asked, [
    'GET /rate-groups/eu%2F1/versions',
    'GET /rate-groups/eu%2F1/imports',
    'POST /rate-groups/eu%2F1/imports/1/apply',
    'POST /rate-groups/eu%2F1/imports/1/discard',
    'POST /rate-groups/eu%2F1/versions/2/rollback',
    'GET /rate-groups/eu%2F1/rates',
    'GET /rate-groups/eu%2F1/imports/1/changes',
    'GET /rate-groups/eu%2F1/imports/1/bad-lines',
  ]);
}); // prettier-ignore

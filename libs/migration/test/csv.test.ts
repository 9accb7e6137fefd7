import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, matchesGlob } from 'node:path';
import { test } from 'node:test';
import { checkConfiguration } from '@tandem/config';
import {
  applyMapping,
  checkDraft,
  draftOf,
  MappingMistakes,
  placeMistakes,
  readCsv,
  readMapping,
  UnreadableFile,
  type Block,
  type Unfit,
} from '../src/index.ts';

const EXAMPLES = join(import.meta.dirname, '../../../examples/migration');

const PHONES = `
tables:
  - file: phones.csv
    into: phones
    columns: { username: Number, password: Password, account: Customer, lineLimit: Lines, status: { column: State, values: { a: active } } }
`;

const base = {
  rateGroups: [{ name: 'r', currency: 'USD', rates: [{ prefix: '44', pricePerMinute: '1' }] }],
  accounts: [{ name: 'demo', rateGroup: 'r' }],
  phones: [{ username: '1001', password: '********', account: 'demo', lineLimit: 7, callerId: '44' }], // prettier-ignore
  routingGateways: [{ name: 'g', addresses: ['192.0.2.1:5060'], prefixes: ['44'] }],
};

/** A file through a mapping into a draft: the document, and the lines that do not fit. */
function imported(
  mapping: string,
  text: string | Buffer,
  file = 'phones.csv',
): { document: Block; unfit: Unfit[] } {
  // prettier-ignore
  const [table] = readMapping('mapping.yaml', mapping);
  assert.ok(table);
  const read = readCsv(file, Buffer.from(text), table);
  const mapped = applyMapping(read.table, table);
  const draft = draftOf(base, mapped.entries);
  const { unfit } = checkDraft(draft);
  return { document: draft.document, unfit: [...read.unfit, ...mapped.unfit, ...draft.unfit, ...unfit] }; // prettier-ignore
}

const places = (unfit: readonly Unfit[]): unknown[] =>
  unfit.map(({ column, found, line }) => [line, column, found]);

test('BILL-02 ROUTE-02 the examples become a valid configuration, with every kind of entry', () => {
  const mappings = readMapping('switch.yaml', readFileSync(join(EXAMPLES, 'switch.yaml'), 'utf8'));
  const entries = [];
  const forms: string[] = [];
  for (const name of readdirSync(EXAMPLES).filter(
    (each) => each.endsWith('.csv') && each !== 'cdrs.csv',
  )) {
    // prettier-ignore
    const own = mappings.filter(({ file }) => matchesGlob(basename(name), file));
    assert.ok(own.length > 0, name);
    for (const mapping of own) {
      const { table, unfit } = readCsv(name, readFileSync(join(EXAMPLES, name)), mapping);
      const mapped = applyMapping(table, mapping);
      assert.deepEqual([...unfit, ...mapped.unfit], []);
      entries.push(...mapped.entries);
      forms.push(`${name} ${table.form}`);
    }
  }
  const draft = draftOf({}, entries);
  assert.deepEqual(checkDraft(draft), { unfit: [], others: [] });
  assert.deepEqual(draft.counts, { accounts: 4, mappingGateways: 1, routingGateways: 2, phones: 2, prefixes: 2, rates: 3 }); // prettier-ignore
  assert.ok(forms.includes('customers.csv CSV, delimiter ";", encoding windows-1252'));
  assert.ok(forms.includes('gateways.csv CSV, delimiter tab, encoding utf-8'));
  assert.ok(forms.includes('prefixes.csv CSV, delimiter "|", encoding utf-8'));
  const checked = checkConfiguration(draft.document);
  assert.ok(checked.kind === 'valid');
  const { accounts, rateGroups, routingGateways } = checked.configuration;
  assert.deepEqual([accounts[0]?.name, accounts[0]?.openingBalance], ['Muller-Sohne', '1250.50']);
  assert.deepEqual(rateGroups[0]?.rates[1]?.effectiveFrom, '2026-01-01T12:00:00Z');
  assert.deepEqual(routingGateways[0]?.prefixes, ['44', '49', '33']);
});

test('OPS-01 each line that does not fit is named with its column, and what was found; no password is shown', () => {
  const { unfit } = imported(
    PHONES,
    'Number,Password,Customer,Lines,State\n' +
      '1 002,pass-word,demo,1,a\n' + // A blank in the number.
      '1003,pass-word,nobody,1,a\n' +
      '1004,pass-word,demo,many,a\n' +
      '1005,pass-word,demo,1,x\n' +
      '1006,pass\u0007word,demo,1,a\n' +
      '1007,pass-word,demo\n' +
      '1008,pass-word,demo,2000000,a\n' +
      '1009,pass-word,demo,1,a\n1009,pass-word,demo,1,a\n',
  );
  assert.deepEqual(places(unfit.toSorted((a, b) => a.line - b.line)), [
    [2, 'Number', '1 002'],
    [3, 'Customer', 'nobody'],
    [4, 'Lines', 'many'],
    [5, 'State', 'x'],
    [6, 'Password', '********'],
    [7, '', '3 columns'],
    [8, 'Lines', '2000000'],
    [10, 'Number', '1009'],
  ]);
  assert.match(unfit.find(({ line }) => line === 10)?.message ?? '', /line 9 of phones\.csv/);
  assert.match(unfit.find(({ line }) => line === 8)?.message ?? '', /must be from 0 to 1000000/);
  assert.doesNotMatch(JSON.stringify(unfit), /pass.*word/);
});

test('OPS-01 lines are counted where fields have several, and where lines are empty', () => {
  const { unfit } = imported(PHONES, 'Number;Password;Customer;Lines;State\r\n1002;"pass\r\nword x";demo;1;a\r\n\r\n1003;secret-1;demo;x;a\r\n'); // prettier-ignore
  assert.ok(unfit.some(({ column, line }) => line === 2 && column === 'Password'));
  assert.ok(unfit.some(({ column, line }) => line === 5 && column === 'Lines'));
});

test('OPS-01 an entry of a name that is there gets the fields that were imported, and keeps the others', () => {
  const { document, unfit } = imported(PHONES, 'Number,Password,Customer,Lines,State\n1001,new-secret,demo,,a\n'); // prettier-ignore
  assert.deepEqual(unfit, []);
  assert.deepEqual(document['phones'], [
    { username: '1001', password: 'new-secret', account: 'demo', lineLimit: 7, callerId: '44', status: 'active' }, // prettier-ignore
  ]);
  assert.equal(base.phones[0]?.password, '********');
});

test('BILL-02 rates and prefixes are put beside those that are there; a wrong one is named by its line', () => {
  const rates =
    'tables: [{ file: r.csv, into: rates, columns: { group: G, prefix: P, pricePerMinute: M } }]';
  const { document, unfit } = imported(rates, 'G,P,M\nr,44,2\nr,45,3\nnew,46,0.5\n', 'r.csv');
  assert.deepEqual(unfit, []);
  assert.deepEqual(document['rateGroups'], [
    { name: 'r', currency: 'USD', rates: [{ prefix: '44', pricePerMinute: '2' }, { prefix: '45', pricePerMinute: '3' }] }, // prettier-ignore
    { name: 'new', currency: 'USD', rates: [{ prefix: '46', pricePerMinute: '0.5' }] },
  ]);
  assert.equal(base.rateGroups[0]?.rates.length, 1);
  const wrong = imported(rates, 'G,P,M\nr,44,2\nr,4x,3\nr,45,free\nr,44,9\n', 'r.csv').unfit;
  assert.deepEqual(places(wrong), [[5, 'P', '44'], [3, 'P', '4x'], [4, 'M', 'free']]); // prettier-ignore
  const prefixes = 'tables: [{ file: p.csv, into: prefixes, columns: { gateway: G, prefix: P } }]';
  const more = imported(prefixes, 'G,P\ng,49\ng,x\nh,1\n', 'p.csv');
  assert.deepEqual((more.document['routingGateways'] as Block[])[0]?.['prefixes'], [
    '44',
    '49',
    'x',
  ]);
  assert.deepEqual(places(more.unfit), [[4, 'G', 'h'], [3, 'P', 'x']]); // prettier-ignore
});

test('ROUTE-02 lines of one name fill a list together where the mapping says so', () => {
  const mapping = 'tables: [{ file: g.csv, into: routingGateways, collect: [prefixes], columns: { name: N, addresses: A, prefixes: P } }]'; // prettier-ignore
  const { document, unfit } = imported(mapping, 'N,A,P\nn,192.0.2.9,1\nn,192.0.2.9,2x\nn,192.0.2.9,3\n', 'g.csv'); // prettier-ignore
  assert.deepEqual((document['routingGateways'] as Block[])[1]?.['prefixes'], ['1', '2x', '3']);
  assert.deepEqual(places(unfit), [[3, 'P', '2x']]);
});

test('OPS-01 encodings are found out: by mark, UTF-8, and by their letters', () => {
  const chinese = '网关名称,线路数\n北京电信,30\n上海联通网关,20\n广州移动语音网关,10\n';
  // GB 18030 of the text above, as exports of some switches are written.
  const gb = Buffer.from('cdf8b9d8c3fbb3c62ccfdfc2b7cafd0ab1b1bea9b5e7d0c52c33300ac9cfbaa3c1aacda8cdf8b9d82c32300ab9e3d6ddd2c6b6afd3efd2f4cdf8b9d82c31300a', 'hex'); // prettier-ignore
  const sixteen = Buffer.concat([
    Buffer.from([0xff, 0xfe]),
    Buffer.from('a\tb\n1\t2\n', 'utf16le'),
  ]);
  const read = (bytes: Buffer): unknown[] => {
    const { table } = readCsv('x.csv', bytes);
    return [table.columns, table.form];
  };
  const { table } = readCsv('x.csv', gb);
  assert.equal([table.columns, ...table.rows.map(({ values }) => values)].map((each) => `${each.join(',')}\n`).join(''), chinese); // prettier-ignore
  assert.match(table.form, /encoding gb/);
  assert.deepEqual(read(sixteen), [['a', 'b'], 'CSV, delimiter tab, encoding utf-16le']);
  assert.throws(() => readCsv('x.csv', gb, { encoding: 'utf-8' }), /encoding utf-8 is not how it is written/); // prettier-ignore
  assert.throws(() => readCsv('x.csv', gb, { encoding: 'klingon' }), UnreadableFile);
  assert.throws(() => readCsv('x.csv', Buffer.from('a,a\n1,2\n')), /has two columns "a"/);
  assert.throws(() => readCsv('x.csv', Buffer.from('')), /is empty/);
});

test('OPS-01 mistakes of a mapping are told with their lines, and what would be right', () => {
  const mistakes = (text: string): unknown => {
    try {
      return readMapping('m.yaml', text);
    } catch (error) {
      assert.ok(error instanceof MappingMistakes);
      return error.mistakes.map(({ line, message, path }) => `${String(line)} ${path} ${message}`);
    }
  };
  assert.deepEqual(
    mistakes('tables:\n  - file: x\n    into: phones\n    columns:\n      usernme: A\n'),
    [
      '5 tables.0.columns.usernme is no field of phones; did you mean "username"?',
      '5 tables.0.columns has no username: say in which column it stands',
    ],
  );
  assert.match(String(mistakes('tables:\n  - file: x\n    into: phone\n    columns: {}\n')), /3 tables\.0\.into must be accounts, .*phones/); // prettier-ignore
  assert.match(String(mistakes('tables: [{ file: x, into: phones, colums: {}, columns: { username: A } }]')), /colums is not known; did you mean "columns"/); // prettier-ignore
  assert.match(String(mistakes('tables: [{ file: x, into: phones, columns: { username: { as: name } } }]')), /must have one of column, columns and value/); // prettier-ignore
  assert.throws(() => readMapping('m.yaml', 'tables: ['), /is no YAML/);
  const [mapping] = readMapping('m.yaml', 'tables: [{ file: x, into: phones, columns: { username: Numbr } }]'); // prettier-ignore
  assert.ok(mapping);
  const { table } = readCsv('x', Buffer.from('Number,B\n1,2\n'));
  assert.throws(() => applyMapping(table, mapping), /has no column "Numbr"; did you mean "Number"\?; its columns are Number, B/); // prettier-ignore
});

test('OPS-01 mistakes that the switch finds are told by their lines, too', () => {
  const [mapping] = readMapping('m.yaml', PHONES);
  assert.ok(mapping);
  const { table } = readCsv('phones.csv', Buffer.from('Number,Password,Customer,Lines,State\n1002,secret-1,demo,1,a\n')); // prettier-ignore
  const draft = draftOf(base, applyMapping(table, mapping).entries);
  const { others, unfit } = placeMistakes(
    [
      { path: 'phones[1].account', message: 'is wrong' },
      { path: 'phones[0].account', message: 'is another' },
    ],
    draft,
  );
  assert.deepEqual(places(unfit), [[2, 'Customer', 'demo']]);
  assert.deepEqual(others.map(({ path }) => path), ['phones[0].account']); // prettier-ignore
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CsvLines } from '../../../src/core/rate-file/csv-lines.ts';
import { movedStart } from '../../../src/core/rate-file/moved-start.ts';
import type { WantedForm } from '../../../src/core/rate-file/rate-form.ts';
import { RateReaderOfFile, type ReadRates } from '../../../src/core/rate-file/rate-reader.ts';
import { readTime } from '../../../src/core/rate-file/read-time.ts';

const NOW = '2026-12-01T00:00:00.000Z';

function read(csv: string | Uint8Array, form: WantedForm = {}, encoding?: string): ReadRates {
  const reader = new RateReaderOfFile({
    firstIncrement: 60,
    nextIncrement: 60,
    effectiveFrom: NOW,
    effectiveUntil: undefined,
    encoding,
    form,
  });
  reader.push(typeof csv === 'string' ? Buffer.from(csv) : csv);
  return reader.end();
}

function messages(csv: string, form?: WantedForm): string[] {
  return read(csv, form).mistakes.map(({ line, message, path }) => `${String(line)} ${path} ${message}`); // prettier-ignore
}

test('BILL-02 lines of CSV are the same wherever the file is cut', () => {
  const csv = 'a;"b;""c""";d\r\n\r\ne;5" pipe;f\n"two\nlines";g;h\n"never closed;i;j\nk;l;m';
  const linesOf = (pieces: readonly string[]): unknown[] => {
    const lines: unknown[] = [];
    const reader = new CsvLines(';', (fields, line) => lines.push([line, ...fields]));
    for (const piece of pieces) reader.push(piece);
    reader.end();
    return lines;
  };
  const whole = linesOf([csv]);
  assert.deepEqual(whole, [
    [1, 'a', 'b;"c"', 'd'],
    [3, 'e', '5" pipe', 'f'],
    [4, 'two\nlines', 'g', 'h'],
    [6, '"never closed', 'i', 'j'],
    [7, 'k', 'l', 'm'],
  ]);
  for (let at = 0; at <= csv.length; at++) {
    assert.deepEqual(linesOf([csv.slice(0, at), csv.slice(at)]), whole, `cut at ${String(at)}`);
  }
});

test('BILL-02 a carrier\'s sheet is read by what its columns are called, with what stands before them', () => {
  const csv = 'Carrier Ltd\n\nDestination;Dial Code;Rate;Increments;Effective Date\nUK;+44;0,0123;1/1;01.02.2027\nUK mobile;447;,05;;\n';
  const { form, lines, mistakes } = read(csv);
  assert.deepEqual(mistakes, []);
  assert.deepEqual([form?.delimiter, form?.decimal, form?.headingLine], [';', 'comma', 3]);
  assert.deepEqual(lines?.get('44'), [{ pricePerMinute: '0.0123', firstIncrement: 1, nextIncrement: 1, connectionFee: '0', freeSeconds: 0, effectiveFrom: '2027-02-01T00:00:00.000Z' }]);
  assert.deepEqual(lines.get('447'), [{ pricePerMinute: '0.05', firstIncrement: 60, nextIncrement: 60, connectionFee: '0', freeSeconds: 0, effectiveFrom: NOW }]);
}); // prettier-ignore

test('BILL-02 columns are named by their heading or number; a prefix may stand in two', () => {
  const columns = [['prefix', 'Land'], ['prefix', 'Ort'], ['pricePerMinute', 'Preis']] as const;
  const named = read('Land,Ort,Preis\n49,30,0.01\n', { columns });
  assert.equal(named.lines?.get('4930')?.[0]?.pricePerMinute, '0.01');
  const numbers = [['prefix', '2'], ['pricePerMinute', '1']] as const;
  const bare = read('0.02|44\n0.03|49\n', { columns: numbers });
  assert.deepEqual([bare.form?.delimiter, bare.form?.headingLine, bare.lines?.size], ['|', 0, 2]);
  assert.match(messages('Land,Preis\n49,0.01\n', { columns: [['prefix', 'Lant'], ['pricePerMinute', 'Preis']] })[0] ?? '', /no column "Lant" for prefix, did you mean|no column "Lant" for prefix/);
  assert.match(messages('one,two\n1,2\n')[0] ?? '', /no heading with a column for the prefix/);
}); // prettier-ignore

test('BILL-02 every bad line is named with its column, what was found and what would be right', () => {
  const csv = [
    'prefix,price,min,fee,from,until',
    '44,0.0123,60,,,',
    '4x,0.01,60,,,',
    '45,1.0000000001,0,,,',
    '46,,60,,,',
    '47,0.1,60,-1,,',
    '48,0.1,60,,31/12/2027,',
    '49,0.1,60,,2027-02-30,',
    '50,0.1,60,,2027-02-01,2027-01-01',
    '51,0.1',
    '44,0.02,60,,,',
    '44,0.0123,60,,,',
    ',0.1,60,,,',
    ',,,,,',
  ].join('\n');
  const columns = [['prefix', 'prefix'], ['pricePerMinute', 'price'], ['firstIncrement', 'min'], ['connectionFee', 'fee'], ['effectiveFrom', 'from'], ['effectiveUntil', 'until']] as const;
  const lines = read(csv, { columns }).lines;
  assert.deepEqual([lines?.duplicates, lines?.size], [1, 1]);
  assert.deepEqual(messages(csv, { columns }), [
    '3 prefix is "4x", must be the leading digits of a number, such as 44, or any',
    '4 price is "1.0000000001", must be an amount with at most 9 digits after the point, such as 0.0123',
    '4 min is "0", must be whole seconds from 1 to 3600',
    '5 price is "", must be an amount with at most 9 digits after the point, such as 0.0123',
    '6 fee is "-1", must be an amount with at most 9 digits after the point, such as 0.0123',
    '7 from is "31/12/2027", must be a date or time in UTC, such as 2027-01-01 or 2027-01-01T00:00:00Z',
    '8 from is "2027-02-30", must be a date or time in UTC, such as 2027-01-01 or 2027-01-01T00:00:00Z',
    '9 until in effect until 2027-01-01T00:00:00.000Z, must be later than 2027-02-01T00:00:00.000Z, from when it is in effect',
    '10  has 2 columns, must have 6, as the heading: is a delimiter within a field that has no quotes?',
    '11 prefix is 44, which has another rate at the same time in line 2',
    '13 prefix is "", must be the leading digits of a number, such as 44, or any',
  ]);
}); // prettier-ignore

test('BILL-02 a decimal sign that is not the file\'s is a mistake, and never another amount', () => {
  assert.match(messages('code;rate\n44;1,234\n45;1.5\n')[0] ?? '', /^2 rate is "1,234", must be an amount/);
  assert.match(messages('code;rate\n44;1.234,5\n', { decimal: 'comma' })[0] ?? '', /such as 0,0123$/);
}); // prettier-ignore

test('BILL-02 a file in UTF-16, as spreadsheets write it, and one in another encoding are read', () => {
  const utf16 = Buffer.from('\ufeffPrefix\tPrice\n44\t0.01\n', 'utf16le');
  assert.equal(read(utf16).lines?.get('44')?.[0]?.pricePerMinute, '0.01');
  const latin = Buffer.from('Préfix;Price\n44;0.01\n', 'latin1');
  const columns = [['prefix', 'Préfix'], ['pricePerMinute', 'Price']] as const; // prettier-ignore
  assert.equal(read(latin, { columns }, 'windows-1252').lines?.size, 1);
  assert.match(read(latin, {}, 'nonsense').mistakes[0]?.message ?? '', /encoding nonsense, which is none/); // prettier-ignore
});

test('BILL-02 a file without a rate is a mistake, also an empty one', () => {
  assert.match(messages('code,rate\n')[0] ?? '', /has no rate/);
  assert.match(messages('')[0] ?? '', /no heading/);
});

test('BILL-02 times are read in UTC; what could be two days is none', () => {
  const times = ['2027-01-31', '2027-01-31 10:00', '2027-01-31T10:00:00+02:00', '31.1.2027', '2027-01-32', '01/02/2027'].map((text) => readTime(text, undefined));
  assert.deepEqual(times, ['2027-01-31T00:00:00.000Z', '2027-01-31T10:00:00.000Z', '2027-01-31T08:00:00.000Z', '2027-01-31T00:00:00.000Z', undefined, undefined]);
  assert.deepEqual([readTime('01/02/2027', 'dmy'), readTime('01/02/2027', 'mdy')], ['2027-02-01T00:00:00.000Z', '2027-01-02T00:00:00.000Z']);
}); // prettier-ignore

test('BILL-02 rates that are to hold at once begin when they are applied, unless one begins or ends before', () => {
  const terms = (until: string): Buffer => Buffer.from(`\u0001["0.1","${NOW}"]["0.2","${until}"]`);
  const to = '2026-12-01T00:10:00.000Z';
  assert.equal(movedStart(terms('2027-01-01T00:00:00.000Z'), NOW, to)?.toString(), `\u0001["0.1","${to}"]["0.2","2027-01-01T00:00:00.000Z"]`);
  assert.equal(movedStart(terms('2026-12-01T00:05:00.000Z'), NOW, to), undefined);
}); // prettier-ignore

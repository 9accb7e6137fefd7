import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csvText, numbersIn } from '../../src/core/csv.ts';
import { money } from '../../src/core/money.ts';

test('OPS-01 a table is saved as RFC 4180, without formulas of strangers', () => {
  const rows = [['=1+1', 'a "b", c', 3], ['-0.008 USD', '-1 +x', -4]] as const; // prettier-ignore
  assert.equal(
    csvText(['one', 'two', 'three'], rows),
    'one,two,three\r\n\'=1+1,"a ""b"", c",3\r\n-0.008 USD,\'-1 +x,-4',
  );
});

test('ROUTE-12 numbers are read of a file as tandem route --file reads them', () => {
  assert.deepEqual(numbersIn('\uFEFFnumber,caller\r\n442079,1001\r\n"33";"1002"\r\n\r\n441'), [
    { callee: '442079', caller: '1001' },
    { callee: '33', caller: '1002' },
    { callee: '441', caller: '' },
  ]);
});

test('OPS-08 sums stand by currency', () => {
  assert.equal(money([]), '0');
  const sums = [{ amount: '0.03', currency: 'USD' }, { amount: '-1', currency: 'EUR' }]; // prettier-ignore
  assert.equal(money(sums), '0.03 USD, -1 EUR');
});

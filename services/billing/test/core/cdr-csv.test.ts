import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csvHead, csvLines } from '../../src/core/cdr-csv.ts';

test('BILL-06 a line of an export is RFC 4180, and nothing that a stranger wrote is a formula', () => {
  const row = [
    'a,b',
    '2026-11-21T12:00:00.000Z',
    null,
    'say "yes"',
    '=1+1',
    '+4420',
    '-x',
    '@sum',
    'two\r\nlines',
  ];
  assert.equal(
    csvLines([row]),
    `"a,b",2026-11-21T12:00:00.000Z,,"say ""yes""",'=1+1,+4420,'-x,'@sum,"two\r\nlines"\r\n`,
  );
});

test('BILL-06 a first column that is empty keeps its place', () => {
  assert.equal(
    csvLines([
      [null, 'x'],
      ['', null],
    ]),
    ',x\r\n,\r\n',
  );
});

test('BILL-06 the names of the columns stand before all lines', () => {
  assert.match(
    csvHead(['event']),
    /^call_id,started_at,.*,number,rate_group,.*,level_3_rate,event\r\n$/,
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planSearch } from '../../src/core/search-query.ts';

test('OPS-01 one box: what a text may be decides where it is looked for', () => {
  assert.equal(planSearch(' a '), undefined);
  assert.deepEqual(planSearch('+44 20 7946-0000'), {
    text: '+44 20 7946-0000',
    isCallId: false,
    number: '+442079460000',
    address: undefined,
    name: undefined,
  });
  assert.equal(planSearch('1001')?.number, '1001');
  assert.equal(planSearch('1001')?.name, '1001');
  assert.deepEqual(planSearch('192.0.2.7'), {
    text: '192.0.2.7',
    isCallId: false,
    number: undefined,
    address: '192.0.2.7',
    name: undefined,
  });
  assert.equal(planSearch('2001:db8::7')?.address, '2001:db8::7');
  assert.equal(planSearch('carrier-a')?.name, 'carrier-a');
  assert.equal(planSearch('7IhyJVrZuHljnHIF')?.isCallId, true);
  assert.equal(planSearch('3-22968@127.0.0.1')?.isCallId, true);
});

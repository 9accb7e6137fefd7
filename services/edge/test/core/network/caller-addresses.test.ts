import assert from 'node:assert/strict';
import test from 'node:test';
import { isAmong, nearestFirst } from '../../../src/core/network/caller-addresses.ts';

test('AUTH-01 an address is in a list by itself or in a block, however it is written', () => {
  const list = ['127.0.0.2', '127.0.0.4/31', '2001:DB8:0:0::/64', '192.0.2.0/24'];
  for (const address of ['127.0.0.2', '127.0.0.4', '127.0.0.5', '2001:db8::9', '192.0.2.77']) {
    assert.ok(isAmong(list, address), address);
  }
  for (const address of [
    '127.0.0.3',
    '127.0.0.6',
    '2001:db8:0:1::9',
    '192.0.3.1',
    'nonsense',
    '',
  ]) {
    assert.ok(!isAmong(list, address), address);
  }
  assert.ok(!isAmong([], '127.0.0.1'));
  assert.ok(!isAmong(['no/block'], '127.0.0.1'));
  assert.ok(isAmong(['0.0.0.0/0'], '203.0.113.9') && !isAmong(['0.0.0.0/0'], '2001:db8::1'));
});

test('AUTH-01 what holds the source comes first; a list that does not hold it counts for nothing', () => {
  const list = ['127.0.0.2', '10.0.0.0/8', '127.0.0.4/31'];
  assert.deepEqual(nearestFirst(list, '127.0.0.5'), ['127.0.0.4/31', '127.0.0.2', '10.0.0.0/8']);
  assert.deepEqual(nearestFirst(list, '127.0.0.6'), []);
});

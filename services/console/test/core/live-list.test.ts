import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEvents, withEvent, type LiveEvent } from '../../src/core/live-list.ts';

const event = (of: Partial<LiveEvent>): LiveEvent => ({
  isWhole: false,
  key: 'phone,contact',
  rows: [],
  removed: [],
  total: 0,
  ...of,
});
const [a, b] = [
  { phone: '1', contact: 'a' },
  { phone: '1', contact: 'b' },
];

test('OPS-02 rows that are new or other take their place, and those that went are gone', () => {
  const whole = withEvent(undefined, event({ isWhole: true, rows: [a, b], total: 2 }));
  const other = { ...b, status: 'expiring' };
  const next = withEvent(whole, event({ rows: [other], removed: ['1\na'], total: 1 }));
  assert.deepEqual([...(next?.rows.values() ?? [])], [other]);
  assert.equal(next?.total, 1);
  const again = withEvent(next, event({ isWhole: true, rows: [a], total: 1 }));
  assert.deepEqual([...(again?.rows.values() ?? [])], [a]);
});

test('OPS-02 what has changed of a list that was not told yet is no list', () => {
  assert.equal(withEvent(undefined, event({ rows: [a], total: 1 })), undefined);
});

test('OPS-02 events are read wherever the network cuts them; signs of life are none', () => {
  const text = 'retry: 2000\n\n:\n\nevent: calls\ndata: {"a":1}\n\nevent: end\r\ndata: {}\r\n\r\n';
  const names: string[] = [];
  let rest = '';
  for (const sign of text) {
    const read = readEvents(rest + sign);
    rest = read.rest;
    names.push(...read.events.map(({ name, data }) => `${name} ${data}`));
  }
  assert.deepEqual(names, ['calls {"a":1}', 'end {}']);
  assert.equal(rest, '');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPastCalls } from '../../../src/core/replay/read-past-calls.ts';

const read = (...lines: readonly string[]) => readPastCalls(Buffer.from(lines.join('\n')), 5000);

test('OPS-08 a file of calls is read by its heading, and put into the order of time', () => {
  const { calls, mistakes } = read(
    'callee,from,at,seconds,gateway,code,price',
    '442079460001,1001,2026-11-21T12:00:10Z,61,carrier-a,200,0.02',
    '442079460002,trunk,2026-11-21T12:00:00Z,,carrier-b,486,',
    '442079460003,trunk,2026-11-21T12:00:05Z,,,403,',
  );
  assert.deepEqual(mistakes, []);
  assert.deepEqual(
    calls.map(({ attempts, callee, durationMs, reason }) => [callee, durationMs, reason, attempts.map(({ gateway }) => gateway)]),
    [
      ['442079460002', 0, 'SIP 486', ['carrier-b']],
      ['442079460003', 0, 'SIP 403', []],
      ['442079460001', 61_000, '', ['carrier-a']],
    ],
  ); // prettier-ignore
  assert.equal(calls[2]?.endMs, Date.UTC(2026, 10, 21, 12, 1, 11));
});

test('OPS-08 what needs nothing but numbers is read; each line that does not fit is named', () => {
  assert.equal(read('from;callee', '1001;44').calls[0]?.startMs, 5000);
  const { mistakes } = read('from,callee,at', '1001,44,noon', '1001,,', '1,2');
  assert.deepEqual(mistakes.map(({ line, path }) => [line, path]).toSorted(), [
    [2, 'line 2, at'],
    [3, 'line 3, callee'],
    [4, 'line 4'],
  ]);
  assert.throws(() => read('caller,number', '1,2'), /has no column from and callee/);
});

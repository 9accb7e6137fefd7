import assert from 'node:assert/strict';
import test from 'node:test';
import { decodeBencode, encodeBencode } from '../src/index.ts';

test('CALL-08 numbers, strings, lists and dictionaries are bencoded as the format says', () => {
  const value = { command: 'offer', replace: ['origin'], port: -7, none: undefined };
  assert.equal(encodeBencode(value).toString(), 'd7:command5:offer7:replacel6:origine4:porti-7ee');
});

test('CALL-08 a value behind a cookie is read from its place on', () => {
  const reply = decodeBencode(Buffer.from('5e_1 d6:result4:ponge'), 5);
  assert.equal(JSON.stringify(reply), '{"result":"pong"}');
});

test('CALL-08 a key that JavaScript knows otherwise is plain data', () => {
  const reply = decodeBencode(Buffer.from('d9:__proto__1:xe'));
  assert.deepEqual(Object.keys(reply), ['__proto__']);
  assert.equal(({} as Record<string, unknown>)['x'], undefined);
});

test('CALL-08 a value that is nested too deeply, or a number that is too large, is refused', () => {
  const deep = Buffer.from(`${'l'.repeat(5000)}${'e'.repeat(5000)}`);
  assert.throws(() => decodeBencode(deep), /nested too deeply/);
  assert.throws(() => decodeBencode(Buffer.from('i90071992547409920e')), /too large/);
  assert.throws(() => encodeBencode(1.5), RangeError);
  assert.throws(() => encodeBencode('€'), RangeError);
});

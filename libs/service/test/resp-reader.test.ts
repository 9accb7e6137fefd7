import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RespReader } from '../src/resp-reader.ts';
import type { RedisReply } from '../src/resp-reader.ts';

const wire =
  '+OK\r\n:42\r\n$5\r\nhe\r\no\r\n$-1\r\n*-1\r\n*0\r\n*3\r\n*1\r\n:1\r\n$0\r\n\r\n-ERR inner\r\n-ERR outer\r\n';
const expected = [
  'OK',
  42,
  Buffer.from('he\r\no'),
  null,
  null,
  [],
  [[1], Buffer.alloc(0), new Error('ERR inner')],
  new Error('ERR outer'),
];

function readAll(chunks: readonly Buffer[]): RedisReply[] {
  const replies: RedisReply[] = [];
  const reader = new RespReader((reply) => replies.push(reply));
  for (const chunk of chunks) reader.feed(chunk);
  return replies;
}

test('ROUTE-05 every kind of reply is read', () => {
  assert.deepEqual(readAll([Buffer.from(wire)]), expected);
});

test('ROUTE-05 replies cut at every byte, and byte by byte, are the same', () => {
  const bytes = Buffer.from(wire);
  for (let cut = 0; cut <= bytes.length; cut++) {
    assert.deepEqual(readAll([bytes.subarray(0, cut), bytes.subarray(cut)]), expected);
  }
  assert.deepEqual(readAll([...bytes].map((byte) => Buffer.from([byte]))), expected);
});

test('ROUTE-05 what is no reply is refused', () => {
  assert.throws(() => readAll([Buffer.from('HTTP/1.1 400\r\n')]), TypeError);
});

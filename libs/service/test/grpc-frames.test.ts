import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageReader, framed } from '../src/grpc-frames.ts';

const texts = (messages: readonly Buffer[]) => messages.map(String);

test('CALL-06 messages are read out of a stream wherever it is cut', () => {
  const bytes = Buffer.concat(
    ['', 'a', 'second', 'b'.repeat(300)].map((text) => framed(Buffer.from(text))),
  );
  for (let size = 1; size <= bytes.length; size++) {
    const reader = new MessageReader();
    const read: string[] = [];
    for (let at = 0; at < bytes.length; at += size) {
      read.push(...texts(reader.read(bytes.subarray(at, at + size))));
    }
    assert.deepEqual(read, ['', 'a', 'second', 'b'.repeat(300)]);
  }
});

test('DENY-19 bytes that are no message, a compressed one and one that is too long are refused', () => {
  for (const head of [
    [1, 0, 0, 0, 1],
    [0x48, 0x54, 0x54, 0x50, 0x2f],
    [0, 2, 0, 0, 0],
  ]) {
    assert.throws(() => new MessageReader().read(Buffer.from(head)), TypeError);
  }
});

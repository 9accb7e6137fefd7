import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { ByteReader, ByteWriter } from '../../../src/core/network/byte-codec.ts';

test('CALL-06 numbers, bytes and strings come back as they were written', () => {
  const bytes = new ByteWriter()
    .u8(200)
    .u16(60_000)
    .u32(4_000_000_000)
    .bytes(Uint8Array.of(1, 2, 3))
    .string('sip')
    .finish();
  const reader = new ByteReader(bytes);
  assert.equal(reader.u8(), 200);
  assert.equal(reader.u16(), 60_000);
  assert.equal(reader.u32(), 4_000_000_000);
  assert.deepEqual([...reader.bytes(3)], [1, 2, 3]);
  assert.equal(reader.string(), 'sip');
});

test('CALL-06 strings around the border of the short form and beyond the first buffer keep their length', () => {
  for (const length of [0, 1, 254, 255, 256, 511, 512, 513, 5000]) {
    const text = 'x'.repeat(length);
    const bytes = new ByteWriter().string(text).u8(7).finish();
    const reader = new ByteReader(bytes);
    assert.equal(reader.string(), text);
    assert.equal(reader.u8(), 7);
  }
});

test('CALL-06 what was finished does not change when the writer goes on', () => {
  const writer = new ByteWriter().u8(1);
  const first = writer.finish();
  writer.u8(2);
  assert.deepEqual([...first], [1]);
});

test('CALL-10 reading past the end throws RangeError, whatever is read', () => {
  for (const read of [
    (reader: ByteReader) => reader.u8(),
    (reader: ByteReader) => reader.u16(),
    (reader: ByteReader) => reader.u32(),
    (reader: ByteReader) => reader.bytes(1),
    (reader: ByteReader) => reader.string(),
  ]) {
    assert.throws(() => read(new ByteReader(Buffer.alloc(0))), RangeError);
  }
  assert.throws(() => new ByteReader(Buffer.of(5, 65)).string(), RangeError);
});

test('CALL-06 any sequence of latin1 strings and numbers round trips', () => {
  const latin1 = fc
    .uint8Array({ maxLength: 700 })
    .map((bytes) => Buffer.from(bytes).toString('latin1'));
  fc.assert(
    fc.property(fc.array(latin1, { maxLength: 6 }), fc.nat(0xffff_ffff), (texts, number) => {
      const writer = new ByteWriter().u32(number);
      for (const text of texts) writer.string(text);
      const reader = new ByteReader(writer.finish());
      assert.equal(reader.u32(), number);
      for (const text of texts) assert.equal(reader.string(), text);
    }),
  );
});

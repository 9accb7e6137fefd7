import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { Sealer } from '../../../src/core/marks/seal.ts';
import { sealer } from '../../support/messages.ts';

/** The same keys, and no memory of what was sealed. */
const otherPod = (): Sealer => new Sealer([Buffer.alloc(32, 7)]);

const content = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));

test('CALL-06 what was sealed opens, and the same content gives the same text', () => {
  fc.assert(
    fc.property(content, (plain) => {
      const text = sealer.seal('branch', plain);
      assert.match(text, /^[\w-]+$/);
      assert.deepEqual(sealer.open('branch', text), plain);
      assert.deepEqual(otherPod().open('branch', text), plain);
      assert.equal(sealer.seal('branch', plain), text);
    }),
  );
});

test('CALL-06 one kind cannot be passed off as another', () => {
  fc.assert(
    fc.property(content, (plain) => {
      assert.equal(sealer.open('token', sealer.seal('branch', plain)), undefined);
      assert.equal(sealer.open('secret', sealer.seal('token', plain)), undefined);
    }),
  );
});

test('CALL-06 the IV differs where key, kind or content differ: no key stream serves twice', () => {
  const ivOf = (text: string): string =>
    Buffer.from(text, 'base64url').subarray(1, 17).toString('hex');
  const plain = Buffer.from('the same');
  const ivs = [
    ivOf(sealer.seal('token', plain)),
    ivOf(sealer.seal('branch', plain)),
    ivOf(sealer.seal('secret', plain)),
    ivOf(sealer.seal('token', Buffer.from('another'))),
    ivOf(new Sealer([Buffer.alloc(32, 8)]).seal('token', plain)),
  ];
  assert.equal(new Set(ivs).size, ivs.length);
});

test('CALL-06 a changed byte anywhere makes it unreadable', () => {
  fc.assert(
    fc.property(content, fc.nat(), fc.integer({ min: 1, max: 255 }), (plain, place, change) => {
      const bytes = Buffer.from(sealer.seal('token', plain), 'base64url');
      const at = place % bytes.length;
      bytes[at] = (bytes[at] ?? 0) ^ change;
      assert.equal(sealer.open('token', bytes.toString('base64url')), undefined);
    }),
  );
});

test('CALL-10 any text that was never sealed is refused without a throw', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => {
      assert.equal(sealer.open('token', text), undefined);
    }),
  );
});

test('CALL-06 keys rotate: the first seals, all open', () => {
  const [old, young] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  const before = new Sealer([old]);
  const after = new Sealer([young, old]);
  const plain = Buffer.from('call');
  assert.deepEqual(after.open('token', before.seal('token', plain)), plain);
  assert.equal(before.open('token', after.seal('token', plain)), undefined);
  assert.ok(after.isMac(plain, before.mac(plain, 4)));
  assert.ok(!before.isMac(plain, after.mac(plain, 4)));
});

test('CALL-06 a sealer without a secret is refused', () => {
  assert.throws(() => new Sealer([]), RangeError);
});

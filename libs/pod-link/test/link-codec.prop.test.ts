import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { LinkCodec, linkOverheadBytes } from '../src/index.ts';
import type { LinkDatagram } from '../src/index.ts';

const codec = new LinkCodec([Buffer.alloc(32, 1)]);
const plain = { noNullPrototype: true };
const endpoint = fc.record(
  {
    address: fc.oneof(fc.ipV4(), fc.constantFrom('2001:db8::1', '::', '::1', 'fe80::1:0:0:2')),
    port: fc.integer({ min: 0, max: 65_535 }),
  },
  plain,
);
const datagrams: fc.Arbitrary<LinkDatagram> = fc.record(
  {
    kind: fc.constantFrom('received', 'handed', 'send', 'offer', 'undelivered', 'ping', 'pong'),
    peer: endpoint,
    gate: endpoint,
    transport: fc.integer({ min: 0, max: 63 }),
    connection: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
    payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  },
  plain,
);

test('edge.md §3: what is written into a datagram between pods is what is read', () => {
  fc.assert(
    fc.property(datagrams, (datagram) => {
      const bytes = codec.encode(datagram);
      assert.equal(bytes.length, datagram.payload.length + linkOverheadBytes);
      assert.deepEqual(codec.decode(bytes), datagram);
    }),
  );
});

test('edge.md §3: a listener is read as it was written, in four bytes more', () => {
  const listener = fc.integer({ min: 1, max: 2 ** 32 - 1 });
  fc.assert(
    fc.property(datagrams, listener, (datagram, heardBy) => {
      const bytes = codec.encode({ ...datagram, listener: heardBy });
      assert.equal(bytes.length, datagram.payload.length + linkOverheadBytes + 4);
      assert.deepEqual(codec.decode(bytes), { ...datagram, listener: heardBy });
    }),
  );
});

test('edge.md §3: a datagram with one changed bit, cut short or made longer is refused', () => {
  fc.assert(
    fc.property(datagrams, fc.nat(), fc.nat(7), (datagram, place, bit) => {
      const bytes = Buffer.from(codec.encode(datagram));
      const at = place % bytes.length;
      assert.equal(codec.decode(bytes.subarray(0, at)), undefined);
      assert.equal(codec.decode(Buffer.concat([bytes, Buffer.of(bit)])), undefined);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
      assert.equal(codec.decode(bytes), undefined);
    }),
  );
});

test('edge.md §3: random bytes are no datagram of ours', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      assert.equal(codec.decode(Buffer.from(bytes)), undefined);
    }),
  );
});

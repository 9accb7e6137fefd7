import assert from 'node:assert/strict';
import test from 'node:test';
import { LinkCodec, formatEndpoint, mostPayloadBytes, parseEndpoint } from '../src/index.ts';
import type { LinkDatagram } from '../src/index.ts';

const [first, second] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];

function datagram(changes: Partial<LinkDatagram> = {}): LinkDatagram {
  return {
    kind: 'received',
    peer: { address: '192.0.2.7', port: 5062 },
    gate: { address: '10.0.0.1', port: 7001 },
    transport: 0,
    connection: 0,
    payload: Buffer.from('OPTIONS'),
    ...changes,
  };
}

test('edge.md §3: the header is that of the Simple Proxy Protocol, IPv4 mapped into IPv6', () => {
  const bytes = new LinkCodec([first]).encode(datagram());
  const mapped = '00000000000000000000ffff';
  assert.equal(
    bytes.toString('hex', 0, 38),
    `56ec${mapped}c0000207${mapped}0a000001${(5062).toString(16)}${(7001).toString(16)}`,
  );
  assert.equal(bytes.toString('latin1', 38, 45), 'OPTIONS');
});

test('edge.md §3: IPv6 addresses come out in their shortest form', () => {
  const codec = new LinkCodec([first]);
  const cases = [
    ['2001:0db8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8:0:1:0:0:0:1', '2001:db8:0:1::1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::', '::'],
    ['1::', '1::'],
  ] as const;
  for (const [address, expected] of cases) {
    const read = codec.decode(codec.encode(datagram({ peer: { address, port: 1 } })));
    assert.equal(read?.peer.address, expected);
  }
});

test('edge.md §3: while the key is changed pods with the old and the new one understand each other', () => {
  const old = new LinkCodec([first]);
  const between = new LinkCodec([first, second]);
  const fresh = new LinkCodec([second, first]);
  assert.notEqual(between.decode(old.encode(datagram())), undefined);
  assert.notEqual(between.decode(fresh.encode(datagram())), undefined);
  assert.notEqual(fresh.decode(between.encode(datagram())), undefined);
  assert.equal(old.decode(fresh.encode(datagram())), undefined);
});

test('edge.md §3: what no datagram can carry is refused when it is written', () => {
  const codec = new LinkCodec([first]);
  const tooLong = datagram({ payload: Buffer.alloc(mostPayloadBytes + 1) });
  assert.throws(() => codec.encode(tooLong), RangeError);
  assert.throws(() => codec.encode(datagram({ connection: 2 ** 48 })), RangeError);
  for (const address of ['gate.example', '1.2.3', '1.2.3.400', '::g', '']) {
    const peer = { address, port: 5060 };
    assert.throws(() => codec.encode(datagram({ peer })), RangeError, address);
  }
  assert.throws(() => new LinkCodec([]), RangeError);
});

test('edge.md §3: an address with its port reads as it is written', () => {
  for (const text of ['192.0.2.1:7001', '[2001:db8::1]:0', '[::1]:65535']) {
    const endpoint = parseEndpoint(text);
    assert.ok(endpoint !== undefined, text);
    assert.equal(formatEndpoint(endpoint), text);
  }
  for (const text of [
    '',
    '192.0.2.1',
    '::1:7001',
    '[192.0.2.1]:1',
    'a:1',
    '1.2.3.4:65536',
    '1.2.3.4:x',
  ]) {
    assert.equal(parseEndpoint(text), undefined, text);
  }
});

test('edge.md §3: a listener costs four bytes, and nothing where there is none', () => {
  const codec = new LinkCodec([first]);
  const plain = codec.encode(datagram());
  assert.equal(codec.decode(plain)?.listener, undefined);
  assert.deepEqual(codec.encode(datagram({ listener: 0 })), plain);
  const heard = codec.encode(datagram({ listener: 4_000_000_000, transport: 1, connection: 17 }));
  assert.equal(heard.length, plain.length + 4);
  const read = codec.decode(heard);
  assert.equal(read?.listener, 4_000_000_000);
  assert.deepEqual([read.transport, read.connection], [1, 17]);
  assert.equal(read.payload.toString(), 'OPTIONS');
  const longest = Buffer.alloc(mostPayloadBytes, 1);
  const whole = codec.decode(codec.encode(datagram({ listener: 7, payload: longest })));
  assert.deepEqual(whole?.payload, longest);
});

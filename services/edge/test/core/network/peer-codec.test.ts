import assert from 'node:assert/strict';
import test from 'node:test';
import { ByteReader, ByteWriter } from '../../../src/core/network/byte-codec.ts';
import { isFlowOnly } from '../../../src/core/network/peer-address.ts';
import type { PeerAddress } from '../../../src/core/network/peer-address.ts';
import { packingVersion, readPeer, writePeer } from '../../../src/core/network/peer-codec.ts';

const flow = { gate: '10.0.0.3:7000', connection: 17 };
const secure: PeerAddress = { address: '192.0.2.1', port: 5061, transport: 'tls', flow };

function packed(peer: PeerAddress): Buffer {
  const writer = new ByteWriter();
  writePeer(writer, peer, packingVersion(peer, { callerAddresses: [] }));
  return Buffer.from(writer.finish());
}

test('CALL-02 a peer over TLS or WebSocket is packed with its flow and what its certificate has to prove', () => {
  const peers: readonly PeerAddress[] = [
    secure,
    { ...secure, certificate: '' },
    { ...secure, certificate: 'carrier.example', listener: 4_000_000_000 },
    { ...secure, transport: 'ws' },
    { ...secure, address: '2001:db8::1', transport: 'wss', certificate: 'x'.repeat(255) },
  ];
  for (const peer of peers) assert.deepEqual(readPeer(new ByteReader(packed(peer)), 1), peer);
});

test('ADR 22: what pods of the version before cannot know of a peer, they take for a later transport', () => {
  // Bit 6 of the byte of the transport: whoever does not know it knows no such id.
  assert.equal(packed({ ...secure, certificate: 'a' })[0], 2 | 0x40);
  assert.equal(packed(secure)[0], 2);
});

test('RFC 5626: a flow is all there is of a browser, and of whoever has proved no name over TLS', () => {
  const called: PeerAddress = { address: '192.0.2.1', port: 5061, transport: 'tls' };
  assert.equal(isFlowOnly(secure), true);
  assert.equal(isFlowOnly(called), false);
  assert.equal(isFlowOnly({ ...secure, certificate: 'pbx.example' }), false);
  assert.equal(isFlowOnly({ ...secure, transport: 'tcp' }), false);
  assert.equal(isFlowOnly({ ...called, transport: 'ws' }), true);
});

import type { ByteReader, ByteWriter } from './byte-codec.ts';
import { isIPv4 } from './ip-literal.ts';
import { formatPeerAddress, parsePeerAddress } from './peer-address.ts';
import type { PeerAddress } from './peer-address.ts';

const IS_TEXT = 1;
const IS_TCP = 2;
const HAS_FLOW = 4;
const IS_GATE_TEXT = 8;
const CONNECTION_HIGH = 2 ** 32;

/**
 * Packs a peer: seven bytes for IPv4 over UDP. The flow is kept of a TCP peer alone: any gate reaches a UDP one, and what
 * repeats itself through another gate must still be packed the same way (edge.md §3).
 */
export function writePeer(writer: ByteWriter, peer: PeerAddress): void {
  const flow = peer.transport === 'tcp' ? peer.flow : undefined;
  const gate = flow === undefined ? undefined : ipv4Of(flow.gate);
  const isText = !isIPv4(peer.address);
  writer.u8(
    (isText ? IS_TEXT : 0) |
      (peer.transport === 'tcp' ? IS_TCP : 0) |
      (flow === undefined ? 0 : HAS_FLOW) |
      (flow !== undefined && gate === undefined ? IS_GATE_TEXT : 0),
  );
  if (isText) writer.string(peer.address);
  else writer.ipv4(peer.address);
  writer.u16(peer.port);
  if (flow === undefined) return;
  if (gate === undefined) writer.string(flow.gate);
  else writer.ipv4(gate.address).u16(gate.port);
  writer.u16(Math.floor(flow.connection / CONNECTION_HIGH)).u32(flow.connection % CONNECTION_HIGH);
}

/** Reads what `writePeer` wrote. @throws RangeError past the end */
export function readPeer(reader: ByteReader): PeerAddress {
  const kind = reader.u8();
  const address = (kind & IS_TEXT) === 0 ? reader.ipv4() : reader.string();
  const port = reader.u16();
  if ((kind & IS_TCP) === 0) return { address, port };
  if ((kind & HAS_FLOW) === 0) return { address, port, transport: 'tcp' };
  const gate =
    (kind & IS_GATE_TEXT) === 0 ? `${reader.ipv4()}:${String(reader.u16())}` : reader.string();
  const connection = reader.u16() * CONNECTION_HIGH + reader.u32();
  return { address, port, transport: 'tcp', flow: { gate, connection } };
}

function ipv4Of(gate: string): PeerAddress | undefined {
  const parsed = parsePeerAddress(gate);
  return parsed !== undefined && isIPv4(parsed.address) && formatPeerAddress(parsed) === gate
    ? parsed
    : undefined;
}

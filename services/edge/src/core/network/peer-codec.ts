import { transportById, transportOf } from '@tandem/sip';
import type { ByteReader, ByteWriter } from './byte-codec.ts';
import type { Flow } from './flow.ts';
import { isIPv4 } from './ip-literal.ts';
import { formatPeerAddress, parsePeerAddress } from './peer-address.ts';
import type { PeerAddress } from './peer-address.ts';

/**
 * How a token or branch packs peers. 0: a peer's first byte says whether it is reached by TCP, else it is by UDP; seven flags,
 * no CIDR blocks, short lists. 1: a byte with the transport's id stands before each peer, and says whether its listener does; eight flags, any list of addresses.
 */
export type PackingVersion = 0 | 1;

/** Set in the first byte of what is packed by a version above 0, whose number is in the other bits. */
export const VERSIONED = 0x80;

const IS_TEXT = 1;
const IS_TCP = 2;
const HAS_FLOW = 4;
const IS_GATE_TEXT = 8;
/** In the byte of the transport, in version 1: the listener stands behind the port. Who does not know it reads nothing of ours. */
const HAS_LISTENER = 0x80;
/** Beside it: names of a certificate stand behind the port, and behind the listener. As it, for who does not know it. */
const HAS_CERTIFICATE = 0x40;
const CONNECTION_HIGH = 2 ** 32;

/** The ids of the transports that version 0 knows. */
const UDP = 0;
const TCP = 1;

/** The count of a longer list follows in two bytes more: in version 1, as the blocks. */
const MANY = 255;
const IS_PLAIN_IPV4 = 0;
const IS_TEXT_ADDRESS = 1;
const IS_IPV4_BLOCK = 2;

/** The lists that are packed beside a peer. */
export interface PackedLists {
  /** @default none */
  readonly holderAddresses?: readonly string[];
  readonly callerAddresses: readonly string[];
}

/**
 * The version that a peer and lists are packed by: the lowest that can say them, so that pods of the version before read it
 * too, and a retransmission that another pod relays gets the same branch.
 */
export function packingVersion(
  peer: PeerAddress,
  { callerAddresses, holderAddresses = [] }: PackedLists,
): PackingVersion {
  const isPlain =
    transportOf(peer).id <= TCP &&
    peer.listener === undefined &&
    callerAddresses.length === 0 &&
    holderAddresses.length < MANY &&
    !holderAddresses.some((address) => address.includes('/'));
  return isPlain ? 0 : 1;
}

/** Begins what is packed by this version; `flags` is below 128 in version 0, below 256 in version 1. */
export function writeVersion(writer: ByteWriter, version: PackingVersion, flags: number): void {
  if (version > 0) writer.u8(VERSIONED | version);
  writer.u8(flags);
}

/** Reads what `writeVersion` wrote. @throws RangeError where a later version has packed it */
export function readVersion(reader: ByteReader): {
  readonly version: PackingVersion;
  readonly flags: number;
} {
  const first = reader.u8();
  if ((first & VERSIONED) === 0) return { version: 0, flags: first };
  if (first !== (VERSIONED | 1)) throw new RangeError('packed by a later version');
  return { version: 1, flags: reader.u8() };
}

/**
 * Packs a peer: seven bytes for IPv4 over UDP. The flow is kept of a connection alone: any gate reaches a UDP peer, and what
 * repeats itself through another gate must still be packed the same way (edge.md §3).
 */
export function writePeer(writer: ByteWriter, peer: PeerAddress, version: PackingVersion): void {
  const { id, isConnectionBound } = transportOf(peer);
  const flow = isConnectionBound ? peer.flow : undefined;
  const gate = flow === undefined ? undefined : ipv4Of(flow.gate);
  const isText = !isIPv4(peer.address);
  if (version > 0) writer.u8(id | extrasOf(peer));
  writer.u8(
    (isText ? IS_TEXT : 0) |
      (version === 0 && id === TCP ? IS_TCP : 0) |
      (flow === undefined ? 0 : HAS_FLOW) |
      (flow !== undefined && gate === undefined ? IS_GATE_TEXT : 0),
  );
  if (isText) writer.string(peer.address);
  else writer.ipv4(peer.address);
  writer.u16(peer.port);
  if (version > 0) writeExtras(writer, peer);
  if (flow !== undefined) writeFlow(writer, flow, gate);
}

/** What stands behind the port, in version 1. */
function extrasOf({ certificate, listener }: PeerAddress): number {
  return (
    (listener === undefined ? 0 : HAS_LISTENER) | (certificate === undefined ? 0 : HAS_CERTIFICATE)
  );
}

function writeExtras(writer: ByteWriter, { certificate, listener }: PeerAddress): void {
  if (listener !== undefined) writer.u32(listener);
  if (certificate !== undefined) writer.string(certificate);
}

function writeFlow(
  writer: ByteWriter,
  { gate: text, connection }: Flow,
  gate: PeerAddress | undefined,
): void {
  if (gate === undefined) writer.string(text);
  else writer.ipv4(gate.address).u16(gate.port);
  writer.u16(Math.floor(connection / CONNECTION_HIGH)).u32(connection % CONNECTION_HIGH);
}

/** Reads what `writePeer` wrote. @throws RangeError past the end, or for a transport that is not known here */
export function readPeer(reader: ByteReader, version: PackingVersion): PeerAddress {
  const said = version > 0 ? reader.u8() : undefined;
  const kind = reader.u8();
  const id = said ?? ((kind & IS_TCP) === 0 ? UDP : TCP);
  const transport = transportById(id & ~(HAS_LISTENER | HAS_CERTIFICATE))?.name;
  if (transport === undefined) throw new RangeError('a transport of a later version');
  const address = (kind & IS_TEXT) === 0 ? reader.ipv4() : reader.string();
  const port = reader.u16();
  const heard = {
    ...((id & HAS_LISTENER) === 0 ? undefined : { listener: reader.u32() }),
    ...((id & HAS_CERTIFICATE) === 0 ? undefined : { certificate: reader.string() }),
  };
  if (transportOf({ transport }).id === UDP) return { address, port, ...heard };
  if ((kind & HAS_FLOW) === 0) return { address, port, transport, ...heard };
  const gate =
    (kind & IS_GATE_TEXT) === 0 ? `${reader.ipv4()}:${String(reader.u16())}` : reader.string();
  const connection = reader.u16() * CONNECTION_HIGH + reader.u32();
  return { address, port, transport, flow: { gate, connection }, ...heard };
}

/** Packs at most 65,535 addresses and CIDR blocks: five bytes for an IPv4 address, six for a block of them. */
export function writeAddresses(writer: ByteWriter, addresses: readonly string[]): void {
  if (addresses.length < MANY) writer.u8(addresses.length);
  else writer.u8(MANY).u16(addresses.length);
  for (const address of addresses) {
    const [first = '', bits] = address.split('/');
    if (!isIPv4(first)) writer.u8(IS_TEXT_ADDRESS).string(address);
    else if (bits === undefined) writer.u8(IS_PLAIN_IPV4).ipv4(first);
    else writer.u8(IS_IPV4_BLOCK).ipv4(first).u8(Number(bits));
  }
}

/** Reads what `writeAddresses` wrote. @throws RangeError past the end */
export function readAddresses(reader: ByteReader): string[] {
  const addresses: string[] = [];
  const count = reader.u8();
  for (let left = count < MANY ? count : reader.u16(); left > 0; left--) {
    const kind = reader.u8();
    if (kind === IS_TEXT_ADDRESS) addresses.push(reader.string());
    else if (kind === IS_PLAIN_IPV4) addresses.push(reader.ipv4());
    else addresses.push(`${reader.ipv4()}/${String(reader.u8())}`);
  }
  return addresses;
}

function ipv4Of(gate: string): PeerAddress | undefined {
  const parsed = parsePeerAddress(gate);
  return parsed !== undefined && isIPv4(parsed.address) && formatPeerAddress(parsed) === gate
    ? parsed
    : undefined;
}

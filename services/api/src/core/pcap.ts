import { parseAddress, parseHostPort } from '@tandem/config';
import type { KeptMessage } from '@tandem/proto/messages';
import { transportNamed } from '@tandem/sip';

/** LINKTYPE_RAW: packets begin with the header of IP. */
const RAW = 101;
const MOST_PACKET = 65_535;
/** A message of a stream that is longer goes into several segments. */
const MOST_SEGMENT = 60_000;
const TCP = 6;
const UDP = 17;
const PUSH_ACK = 0x18;

interface Packet {
  readonly source: Place;
  readonly destination: Place;
  readonly protocol: typeof TCP | typeof UDP;
  /** From the first byte behind the header of IP. */
  readonly segment: Buffer;
}

interface Place {
  readonly address: string;
  readonly port: number;
}

/** Where a stream is, in bytes: of this side, and of the peer. */
interface StreamPlace {
  sent: number;
  received: number;
}

/**
 * A capture file (pcap, microseconds) of SIP messages, for Wireshark and sngrep: UDP as datagrams; TCP, TLS and WebSocket as segments
 * of a TCP connection that is under way, in plain text on the ports that they really had. Masked secrets stay masked.
 */
export function pcapOf(messages: readonly KeptMessage[]): Buffer {
  const streams = new Map<string, StreamPlace>();
  const locals = localsOf(messages);
  const blocks = [fileHeader()];
  for (const message of messages) {
    for (const packet of packetsOf(message, locals, streams)) {
      const bytes = ipPacket(packet);
      blocks.push(recordHeader(message.atMs, bytes.length), bytes);
    }
  }
  return Buffer.concat(blocks);
}

/** The first message of a connection that was opened here is recorded before the connection has its port. */
function localsOf(messages: readonly KeptMessage[]): ReadonlyMap<string, string> {
  const locals = new Map<string, string>();
  for (const message of messages) {
    if (message.connection !== 0) locals.set(connectionOf(message), message.local);
  }
  return locals;
}

function connectionOf({ connection, pod }: KeptMessage): string {
  return `${pod} ${String(connection)}`;
}

function packetsOf(
  message: KeptMessage,
  locals: ReadonlyMap<string, string>,
  streams: Map<string, StreamPlace>,
): readonly Packet[] {
  const { isSent, remote } = message;
  const bytes = Buffer.from(message.bytes);
  const own = placeOf(locals.get(connectionOf(message)) ?? message.local);
  const peer = placeOf(remote);
  const ends = isSent ? { source: own, destination: peer } : { source: peer, destination: own };
  if (transportNamed(message.transport)?.unit === 'datagram') {
    return [{ ...ends, protocol: UDP, segment: udpDatagram(ends, bytes) }];
  }
  const key = `${connectionOf(message)} ${own.address}:${String(own.port)} ${remote}`;
  const stream = streams.get(key) ?? { sent: 1, received: 1 };
  streams.set(key, stream);
  const packets: Packet[] = [];
  for (let at = 0; at < bytes.length; at += MOST_SEGMENT) {
    const part = bytes.subarray(at, at + MOST_SEGMENT);
    const [sequence, acknowledged] = isSent
      ? [stream.sent, stream.received]
      : [stream.received, stream.sent];
    packets.push({
      ...ends,
      protocol: TCP,
      segment: tcpSegment(ends, { sequence, acknowledged, part }),
    });
    if (isSent) stream.sent = (stream.sent + part.length) >>> 0;
    else stream.received = (stream.received + part.length) >>> 0;
  }
  return packets;
}

/** A name, which an operator may have set as the own address, is no address of a packet. */
function placeOf(text: string): Place {
  const place = parseHostPort(text);
  if (typeof place === 'string') return { address: '0.0.0.0', port: 0 };
  const isAddress = parseAddress(place.host) !== undefined;
  return { address: isAddress ? place.host : '0.0.0.0', port: place.port };
}

function fileHeader(): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(MOST_PACKET, 16);
  header.writeUInt32LE(RAW, 20);
  return header;
}

function recordHeader(atMs: number, length: number): Buffer {
  const microseconds = Math.round(atMs * 1000);
  const header = Buffer.alloc(16);
  header.writeUInt32LE(Math.floor(microseconds / 1e6), 0);
  header.writeUInt32LE(microseconds % 1e6, 4);
  header.writeUInt32LE(length, 8);
  header.writeUInt32LE(length, 12);
  return header;
}

type Ends = Pick<Packet, 'source' | 'destination'>;

function udpDatagram({ destination, source }: Ends, bytes: Buffer): Buffer {
  // The most that a datagram holds: a longer one came by no UDP.
  const payload = bytes.subarray(0, MOST_PACKET - 60);
  const datagram = Buffer.alloc(8 + payload.length);
  datagram.writeUInt16BE(source.port, 0);
  datagram.writeUInt16BE(destination.port, 2);
  datagram.writeUInt16BE(datagram.length, 4);
  payload.copy(datagram, 8);
  return datagram;
}

function tcpSegment(
  { destination, source }: Ends,
  stream: { readonly sequence: number; readonly acknowledged: number; readonly part: Buffer },
): Buffer {
  const segment = Buffer.alloc(20 + stream.part.length);
  segment.writeUInt16BE(source.port, 0);
  segment.writeUInt16BE(destination.port, 2);
  segment.writeUInt32BE(stream.sequence, 4);
  segment.writeUInt32BE(stream.acknowledged, 8);
  segment[12] = 5 << 4;
  segment[13] = PUSH_ACK;
  segment.writeUInt16BE(65_535, 14);
  stream.part.copy(segment, 20);
  return segment;
}

/** Fills in the checksum of what it carries, too. */
function ipPacket({ destination, protocol, segment, source }: Packet): Buffer {
  const isV6 = source.address.includes(':') || destination.address.includes(':');
  const [from, to] = [source, destination].map(({ address }) => addressBytes(address, isV6));
  const addresses = Buffer.concat([from, to].flatMap((part) => part ?? []));
  const pseudo = Buffer.alloc(8);
  pseudo.writeUInt32BE(segment.length, 0);
  pseudo.writeUInt32BE(protocol, 4);
  const sum = checksum(Buffer.concat([addresses, pseudo, segment]));
  segment.writeUInt16BE(sum === 0 ? 0xffff : sum, protocol === UDP ? 6 : 16);
  const header = Buffer.alloc(isV6 ? 8 : 12);
  if (isV6) {
    header[0] = 6 << 4;
    header.writeUInt16BE(segment.length, 4);
    header[6] = protocol;
    header[7] = 64;
    return Buffer.concat([header, addresses, segment]);
  }
  header[0] = (4 << 4) | 5;
  header.writeUInt16BE(20 + segment.length, 2);
  header[8] = 64;
  header[9] = protocol;
  header.writeUInt16BE(checksum(Buffer.concat([header, addresses])), 10);
  return Buffer.concat([header, addresses, segment]);
}

function addressBytes(text: string, isV6: boolean): Buffer {
  const value = parseAddress(text)?.value ?? 0n;
  const bytes = Buffer.alloc(isV6 ? 16 : 4);
  for (let at = bytes.length - 1, rest = value; at >= 0; at -= 1, rest >>= 8n) {
    bytes[at] = Number(rest & 0xffn);
  }
  return bytes;
}

/** RFC 1071. */
function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) {
    sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

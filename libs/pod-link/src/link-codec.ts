import { hash, hkdfSync } from 'node:crypto';
import { ADDRESS_BYTES, readAddress, writeAddress } from './endpoint.ts';
import type { LinkEndpoint } from './endpoint.ts';

/**
 * What a datagram between pods is: `received`: a gate got it from a peer, for any worker; `handed`: a worker gives it to
 * the pod that has the call; `send`: a gate is to send it to a peer; `offer`: asks the pod to adopt the call whose id it
 * holds; `undelivered`: a gate could not send this request; `closed`: a connection of a gate is gone, over which a phone registered;
 * `hang-up`: asks the pod to end a call that it sets up, by call id and who wants it, a line each;
 * `ping`, `pong`: whether the other end lives.
 */
export type LinkKind = (typeof kinds)[number];
const kinds = [
  'received',
  'handed',
  'send',
  'offer',
  'undelivered',
  'ping',
  'pong',
  'closed',
  'hang-up',
] as const;

/** One datagram between pods. */
export interface LinkDatagram {
  readonly kind: LinkKind;
  /** The SIP peer that the message is from, or for. */
  readonly peer: LinkEndpoint;
  /** Link address of the pod or front that owns the peer's socket. */
  readonly gate: LinkEndpoint;
  /** How the peer speaks to the gate: a number below 64, which both ends know. */
  readonly transport: number;
  /** The peer's connection at the gate, below 2^48; 0 for UDP. */
  readonly connection: number;
  /** Which of several sockets of the gate: below 2^32, which both ends know. @default 0, the one for this peer */
  readonly listener?: number | undefined;
  /** What is known of the peer's certificate, or asked of it: at most 255 characters of Latin-1. @default nothing */
  readonly certificate?: string | undefined;
  /** The SIP message; for `offer` and `hang-up` what they say. Shares its memory with the datagram when it was received. */
  readonly payload: Buffer;
}

const MAGIC = 0x56ec;
const HEADER_BYTES = 2 + 2 * ADDRESS_BYTES + 2 + 2;
const MAC_BYTES = 8;
const TRAILER_BYTES = 1 + 1 + 6 + MAC_BYTES;
const KEY_BYTES = 32;
const LISTENER_BYTES = 4;
/** In the byte of the transport: a listener stands before the trailer. Who does not know it knows no such transport. */
const HAS_LISTENER = 0x80;
/** The same of a certificate's names, before the listener: their length in bytes stands behind them. */
const HAS_CERTIFICATE = 0x40;
const MOST_CERTIFICATE_BYTES = 255;

/** What a datagram has on top of its payload. */
export const linkOverheadBytes = HEADER_BYTES + TRAILER_BYTES;
/** The longest payload: what one UDP datagram can carry, over IPv6 too. */
export const mostPayloadBytes =
  65_487 - linkOverheadBytes - LISTENER_BYTES - MOST_CERTIFICATE_BYTES - 1;

/**
 * Writes and reads datagrams between pods: the header of the Simple Proxy Protocol (magic, client address, proxy address,
 * both ports), the payload, where need be a certificate's names and a listener, then a trailer with kind, transport, connection and a MAC over everything
 * before it.
 *
 * The MAC is SHA-256 over key and datagram, of which 64 of 256 bits are sent: a hash that is cut like this cannot be
 * extended (Coron et al., "Merkle–Damgård Revisited", §3.4), so that HMAC's second pass is not needed. It costs 0.7–1.4 µs;
 * `createHmac` 5–6, GMAC and Poly1305 as much, for each makes an object per message.
 */
export class LinkCodec {
  readonly #keys: readonly Buffer[];
  /** A key and, behind it, the datagram that is checked: the hash takes one piece of memory. */
  #scratch = Buffer.alloc(KEY_BYTES + 4096);

  /** @param secrets the cluster's secrets: the first one writes, all read, so that keys can be changed one pod at a time. */
  constructor(secrets: readonly Buffer[]) {
    this.#keys = secrets.map((secret) =>
      Buffer.from(hkdfSync('sha256', secret, '', 'tandem pod link', KEY_BYTES)),
    );
    if (this.#keys.length === 0) throw new RangeError('a link needs at least one secret');
  }

  /** @throws RangeError where the payload is longer than {@link mostPayloadBytes}, or a number or address is out of range. */
  encode(datagram: LinkDatagram): Buffer {
    const { peer, gate, payload, certificate, listener = 0 } = datagram;
    if (payload.length > mostPayloadBytes) throw new RangeError('the payload is too long');
    const names = certificate === undefined ? 0 : certificate.length + 1;
    if (names > MOST_CERTIFICATE_BYTES + 1) throw new RangeError('the names are too long');
    const extra = names + (listener === 0 ? 0 : LISTENER_BYTES);
    const end = KEY_BYTES + HEADER_BYTES + payload.length + extra + TRAILER_BYTES;
    const bytes = Buffer.allocUnsafe(end);
    this.#keys[0]?.copy(bytes);
    bytes.writeUInt16BE(MAGIC, KEY_BYTES);
    writeAddress(bytes, KEY_BYTES + 2, peer.address);
    writeAddress(bytes, KEY_BYTES + 18, gate.address);
    bytes.writeUInt16BE(peer.port, KEY_BYTES + 34);
    bytes.writeUInt16BE(gate.port, KEY_BYTES + 36);
    payload.copy(bytes, KEY_BYTES + HEADER_BYTES);
    const trailer = end - TRAILER_BYTES;
    bytes[trailer] = kinds.indexOf(datagram.kind);
    bytes[trailer + 1] = datagram.transport;
    if (extra > 0) writeExtra(bytes, trailer, { certificate, listener });
    bytes.writeUIntBE(datagram.connection, trailer + 2, 6);
    bytes.write(mac(bytes.subarray(0, end - MAC_BYTES)), end - MAC_BYTES, 'latin1');
    return bytes.subarray(KEY_BYTES);
  }

  /** Reads a datagram; undefined where it was not written with one of our keys. Never throws. */
  decode(bytes: Buffer): LinkDatagram | undefined {
    if (bytes.length < linkOverheadBytes || bytes.readUInt16BE(0) !== MAGIC) return undefined;
    if (!this.#isOurs(bytes)) return undefined;
    const trailer = bytes.length - TRAILER_BYTES;
    const kind = kinds[bytes[trailer] ?? 0xff];
    const spoken = bytes[trailer + 1];
    // A pod of a later version may know more kinds: what is not known is not acted on.
    if (kind === undefined || spoken === undefined) return undefined;
    const named = trailer - ((spoken & HAS_LISTENER) === 0 ? 0 : LISTENER_BYTES);
    const end = (spoken & HAS_CERTIFICATE) === 0 ? named : named - 1 - (bytes[named - 1] ?? 0);
    if (end < HEADER_BYTES) return undefined;
    return {
      kind,
      transport: spoken & ~(HAS_LISTENER | HAS_CERTIFICATE),
      peer: { address: readAddress(bytes, 2), port: bytes.readUInt16BE(34) },
      gate: { address: readAddress(bytes, 18), port: bytes.readUInt16BE(36) },
      connection: bytes.readUIntBE(trailer + 2, 6),
      ...(named === trailer ? {} : { listener: bytes.readUInt32BE(named) }),
      ...(end === named ? {} : { certificate: bytes.toString('latin1', end, named - 1) }),
      payload: bytes.subarray(HEADER_BYTES, end),
    };
  }

  #isOurs(bytes: Buffer): boolean {
    const end = KEY_BYTES + bytes.length - MAC_BYTES;
    if (this.#scratch.length < end) this.#scratch = Buffer.alloc(2 * end);
    bytes.copy(this.#scratch, KEY_BYTES, 0, bytes.length - MAC_BYTES);
    for (const key of this.#keys) {
      key.copy(this.#scratch);
      if (isSame(mac(this.#scratch.subarray(0, end)), bytes)) return true;
    }
    return false;
  }
}

/** What few datagrams have, right before the trailer. */
function writeExtra(
  bytes: Buffer,
  trailer: number,
  { certificate, listener = 0 }: Pick<LinkDatagram, 'certificate' | 'listener'>,
): void {
  let at = trailer;
  let spoken = bytes[trailer + 1] ?? 0;
  if (listener !== 0) {
    spoken |= HAS_LISTENER;
    at -= LISTENER_BYTES;
    bytes.writeUInt32BE(listener, at);
  }
  if (certificate !== undefined) {
    spoken |= HAS_CERTIFICATE;
    bytes[at - 1] = certificate.length;
    bytes.write(certificate, at - 1 - certificate.length, 'latin1');
  }
  bytes[trailer + 1] = spoken;
}

/** As text: a Buffer for the result would cost more than the hash. */
function mac(keyed: Buffer): string {
  return hash('sha256', keyed, 'binary').slice(0, MAC_BYTES);
}

/** Whether the bytes end with this MAC, in a time that does not tell how much of it is right. */
function isSame(expected: string, bytes: Buffer): boolean {
  const start = bytes.length - MAC_BYTES;
  let difference = 0;
  for (let at = 0; at < MAC_BYTES; at++) {
    difference |= expected.charCodeAt(at) ^ (bytes[start + at] ?? 0);
  }
  return difference === 0;
}

import { timingSafeEqual } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { inflateSync } from 'node:zlib';

/** A packet of another switch, as HEP version 3 brings a copy of it. */
export interface HepPacket {
  /** Address and port: `192.0.2.1:5060`, `[2001:db8::1]:5060`. */
  readonly source: string;
  readonly destination: string;
  /** When it was seen there. */
  readonly atMs: number;
  /** Of several calls that are one, where who sends the copy knows it; else empty. */
  readonly correlationId: string;
  readonly payload: Buffer;
}

/** Chunks of vendor 0 (HEP3 network protocol specification, rev. 12). */
const CHUNKS = {
  source4: 3,
  destination4: 4,
  source6: 5,
  destination6: 6,
  sourcePort: 7,
  destinationPort: 8,
  seconds: 9,
  microseconds: 10,
  protocol: 11,
  key: 14,
  payload: 15,
  compressed: 16,
  correlationId: 17,
} as const;

const SIP = 1;
const HEAD_BYTES = 6;
const MOST_BYTES = 65_535;

/**
 * Reads a datagram of HEP 3.
 * @param key what the sender must have as its authentication key; undefined: anybody may send
 * @returns undefined where it is none, brings no SIP, or has another key
 */
export function readHep(datagram: Buffer, key: string | undefined): HepPacket | undefined {
  const chunks = chunksOf(datagram);
  if (chunks === undefined || !hasKey(chunks.get(CHUNKS.key), key)) return undefined;
  if (chunks.get(CHUNKS.protocol)?.at(0) !== SIP) return undefined;
  const source = placeOf(chunks.get(CHUNKS.source4), chunks.get(CHUNKS.source6), chunks.get(CHUNKS.sourcePort)); // prettier-ignore
  const destination = placeOf(chunks.get(CHUNKS.destination4), chunks.get(CHUNKS.destination6), chunks.get(CHUNKS.destinationPort)); // prettier-ignore
  const payload = chunks.get(CHUNKS.payload) ?? inflated(chunks.get(CHUNKS.compressed));
  if (source === undefined || destination === undefined || payload === undefined) return undefined;
  const atMs = whole(chunks.get(CHUNKS.seconds)) * 1000 + Math.floor(whole(chunks.get(CHUNKS.microseconds)) / 1000); // prettier-ignore
  const correlationId = chunks.get(CHUNKS.correlationId)?.toString('latin1') ?? '';
  return { source, destination, atMs, correlationId, payload };
}

/** By their types; undefined where a length is wrong. */
function chunksOf(datagram: Buffer): Map<number, Buffer> | undefined {
  if (datagram.length < HEAD_BYTES || datagram.toString('latin1', 0, 4) !== 'HEP3') return undefined; // prettier-ignore
  if (datagram.readUInt16BE(4) !== datagram.length) return undefined;
  const chunks = new Map<number, Buffer>();
  let at = HEAD_BYTES;
  while (at < datagram.length) {
    if (at + HEAD_BYTES > datagram.length) return undefined;
    const length = datagram.readUInt16BE(at + 4);
    if (length < HEAD_BYTES || at + length > datagram.length) return undefined;
    if (datagram.readUInt16BE(at) === 0) {
      chunks.set(datagram.readUInt16BE(at + 2), datagram.subarray(at + HEAD_BYTES, at + length));
    }
    at += length;
  }
  return chunks;
}

function hasKey(sent: Buffer | undefined, key: string | undefined): boolean {
  if (key === undefined) return true;
  const wanted = Buffer.from(key);
  return sent?.length === wanted.length && timingSafeEqual(sent, wanted);
}

function placeOf(
  four: Buffer | undefined,
  six: Buffer | undefined,
  port: Buffer | undefined,
): string | undefined {
  // prettier-ignore
  if (port?.length !== 2) return undefined;
  const host = four?.length === 4 ? four.join('.') : six?.length === 16 ? sixOf(six) : undefined;
  if (host === undefined) return undefined;
  return isIPv4(host) ? `${host}:${String(port.readUInt16BE())}` : `[${host}]:${String(port.readUInt16BE())}`; // prettier-ignore
}

function sixOf(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(at * 2).toString(16));
  // The shortest form, as addresses of the configuration are compared.
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1);
}

function whole(bytes: Buffer | undefined): number {
  return bytes?.length === 4 ? bytes.readUInt32BE() : 0;
}

function inflated(bytes: Buffer | undefined): Buffer | undefined {
  if (bytes === undefined) return undefined;
  try {
    return inflateSync(bytes, { maxOutputLength: MOST_BYTES });
  } catch {
    return undefined;
  }
}

import { isIPv4, isIPv6 } from 'node:net';

/** Address and port of one end. */
export interface LinkEndpoint {
  /** IPv4 or IPv6 literal, without brackets. */
  readonly address: string;
  readonly port: number;
}

/** Bytes of an address in a datagram: IPv4 stands there as IPv4-mapped IPv6. */
export const ADDRESS_BYTES = 16;
const MAPPED_PREFIX_BYTES = 12;
const DIGIT_ZERO = 0x30;

/** Writes `192.0.2.1:5060` or `[2001:db8::1]:5060`. */
export function formatEndpoint({ address, port }: LinkEndpoint): string {
  return address.includes(':') ? `[${address}]:${String(port)}` : `${address}:${String(port)}`;
}

/** Reads what {@link formatEndpoint} writes; undefined for anything else. */
export function parseEndpoint(text: string): LinkEndpoint | undefined {
  const colon = text.lastIndexOf(':');
  const isBracketed = text.startsWith('[') && text.charAt(colon - 1) === ']';
  const address = isBracketed ? text.slice(1, colon - 1) : text.slice(0, Math.max(colon, 0));
  const digits = text.slice(colon + 1);
  const port = Number(digits);
  if (!/^\d{1,5}$/.test(digits) || port > 65_535) return undefined;
  return (isBracketed ? isIPv6(address) : isIPv4(address)) ? { address, port } : undefined;
}

/** Puts an address into 16 bytes. @throws RangeError where it is no IP literal. */
export function writeAddress(bytes: Buffer, at: number, address: string): void {
  if (address.includes(':')) {
    writeIpv6(bytes, at, address);
    return;
  }
  bytes.fill(0, at, at + 10);
  bytes.writeUInt16BE(0xffff, at + 10);
  writeIpv4(bytes, at + MAPPED_PREFIX_BYTES, address);
}

/** The address in 16 bytes, in the form that Node gives addresses in. */
export function readAddress(bytes: Buffer, at: number): string {
  return isMapped(bytes, at) ? readIpv4(bytes, at + MAPPED_PREFIX_BYTES) : formatIpv6(bytes, at);
}

function isMapped(bytes: Buffer, at: number): boolean {
  return (
    bytes.readUInt32BE(at) === 0 &&
    bytes.readUInt32BE(at + 4) === 0 &&
    bytes.readUInt32BE(at + 8) === 0xffff
  );
}

function readIpv4(bytes: Buffer, at: number): string {
  const part = (index: number): string => String(bytes[at + index]);
  return `${part(0)}.${part(1)}.${part(2)}.${part(3)}`;
}

/** Digit by digit: both addresses of every datagram pass here. */
function writeIpv4(bytes: Buffer, at: number, address: string): void {
  let value = 0;
  let digits = 0;
  let parts = 0;
  for (let index = 0; index <= address.length; index++) {
    const digit = address.charCodeAt(index) - DIGIT_ZERO;
    if (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      digits++;
      continue;
    }
    const isPartEnd = index === address.length || address.charAt(index) === '.';
    if (!isPartEnd || digits === 0 || digits > 3 || value > 255 || parts === 4) {
      throw new RangeError(`${address} is no IP address`);
    }
    bytes[at + parts] = value;
    parts++;
    value = 0;
    digits = 0;
  }
  if (parts !== 4) throw new RangeError(`${address} is no IP address`);
}

function writeIpv6(bytes: Buffer, at: number, text: string): void {
  // A zone names an interface of this machine: nothing that another pod could use.
  const zone = text.indexOf('%');
  const address = zone < 0 ? text : text.slice(0, zone);
  if (!isIPv6(address)) throw new RangeError(`${text} is no IP address`);
  bytes.fill(0, at, at + ADDRESS_BYTES);
  const lastColon = address.lastIndexOf(':');
  const hasIpv4 = address.includes('.');
  if (hasIpv4) writeIpv4(bytes, at + MAPPED_PREFIX_BYTES, address.slice(lastColon + 1));
  const groups = hasIpv4 ? `${address.slice(0, lastColon + 1)}0:0` : address;
  const [head = '', tail] = groups.split('::');
  writeGroups(bytes, at, head === '' ? [] : head.split(':'));
  if (tail === undefined || tail === '') return;
  const last = tail.split(':');
  // The end of an address with an IPv4 part holds that part already.
  const kept = hasIpv4 ? last.slice(0, -2) : last;
  writeGroups(bytes, at + ADDRESS_BYTES - 2 * last.length, kept);
}

function writeGroups(bytes: Buffer, at: number, groups: readonly string[]): void {
  for (const [index, group] of groups.entries()) {
    bytes.writeUInt16BE(Number.parseInt(group, 16), at + 2 * index);
  }
}

/** RFC 5952 §4: no leading zeroes, the longest run of two groups or more left out. */
function formatIpv6(bytes: Buffer, at: number): string {
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(at + 2 * index));
  const gap = longestZeroes(groups);
  const text = (part: readonly number[]): string =>
    part.map((group) => group.toString(16)).join(':');
  if (gap.length < 2) return text(groups);
  return `${text(groups.slice(0, gap.start))}::${text(groups.slice(gap.start + gap.length))}`;
}

function longestZeroes(groups: readonly number[]): { start: number; length: number } {
  let longest = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > longest.length) longest = { start, length };
  }
  return longest;
}

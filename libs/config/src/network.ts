/** A block of addresses, for comparison as numbers. IPv4-mapped IPv6 addresses count as IPv4. */
export interface Network {
  readonly version: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
}

/** A host, literal or name, and its port. An IPv6 literal stands without brackets. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

const MAPPED = 0xffffn;
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;

/** An IPv4 or IPv6 literal as a number, or undefined where the text is neither. */
export function parseAddress(text: string): { version: 4 | 6; value: bigint } | undefined {
  const v4 = parseV4(text);
  if (v4 !== undefined) return { version: 4, value: v4 };
  const v6 = parseV6(text);
  if (v6 === undefined) return undefined;
  return v6 >> 32n === MAPPED ? { version: 4, value: v6 & 0xffffffffn } : { version: 6, value: v6 };
}

/**
 * Reads `192.0.2.0/24`, `2001:db8::/32` or a single address.
 * @returns the block, or in words why it is none
 */
export function parseNetwork(text: string): Network | string {
  const slash = text.indexOf('/');
  const address = parseAddress(slash === -1 ? text : text.slice(0, slash));
  if (address === undefined) {
    return `"${text}" is no address block: write one such as 192.0.2.0/24 or 2001:db8::/32`;
  }
  const width = address.version === 4 ? 32 : 128;
  const lengthText = slash === -1 ? String(width) : text.slice(slash + 1);
  const length = Number(lengthText);
  if (!/^\d{1,3}$/.test(lengthText) || length > width) {
    return `"${text}" has a prefix length that is not from 0 to ${String(width)}`;
  }
  const hostBits = (1n << BigInt(width - length)) - 1n;
  if ((address.value & hostBits) !== 0n) {
    const single = text.slice(0, slash);
    return `"${text}" has bits set behind its prefix length: write ${single}/${String(width)} for this one address, or the first address of the block`;
  }
  return { version: address.version, first: address.value, last: address.value | hostBits };
}

/** Reads `host:port` or `[v6]:port`; without a port `defaultPort` is taken, where there is one. */
export function parseHostPort(text: string, defaultPort?: number): HostPort | string {
  const { host, portText, isBracketed } = splitHostPort(text);
  const address = parseAddress(host);
  if (isBracketed ? address === undefined || !host.includes(':') : !isHost(host)) {
    return `"${text}" is no address: write host:port, such as 192.0.2.1:5060 or [2001:db8::1]:5060`;
  }
  if (portText === undefined) {
    return defaultPort === undefined
      ? `"${text}" has no port: write ${host}:5060`
      : { host, port: defaultPort };
  }
  const port = Number(portText);
  return /^\d{1,5}$/.test(portText) && port <= 65535
    ? { host, port }
    : `"${text}" has a port that is not from 0 to 65535`;
}

/** Writes `host:port`, an IPv6 literal in brackets. */
export function formatHostPort({ host, port }: HostPort): string {
  return host.includes(':') ? `[${host}]:${String(port)}` : `${host}:${String(port)}`;
}

function splitHostPort(text: string): { host: string; portText?: string; isBracketed: boolean } {
  if (text.startsWith('[')) {
    const end = text.indexOf(']');
    const rest = text.slice(end + 1);
    const host = end === -1 ? '' : text.slice(1, end);
    return rest.startsWith(':')
      ? { host, portText: rest.slice(1), isBracketed: true }
      : { host: rest === '' ? host : '', isBracketed: true };
  }
  const colon = text.indexOf(':');
  if (colon === -1) return { host: text, isBracketed: false };
  return { host: text.slice(0, colon), portText: text.slice(colon + 1), isBracketed: false };
}

function isHost(host: string): boolean {
  // All digits and dots must be an address: 300.1.1.1 is a mistake, not a name.
  if (/^[\d.]+$/.test(host)) return parseV4(host) !== undefined;
  return host.length <= 253 && host.split('.').every((label) => LABEL.test(label));
}

function parseV4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0n;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = (value << 8n) | BigInt(part);
  }
  return value;
}

function parseV6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2 || !text.includes(':')) return undefined;
  const head = groupsOf(halves[0] ?? '');
  const tail = groupsOf(halves[1] ?? '');
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => 0n), ...tail];
  return groups.reduce((value, group) => (value << 16n) | group, 0n);
}

function groupsOf(half: string): bigint[] | undefined {
  if (half === '') return [];
  const groups: bigint[] = [];
  const parts = half.split(':');
  for (const [index, part] of parts.entries()) {
    if (index === parts.length - 1 && part.includes('.')) {
      const v4 = parseV4(part);
      if (v4 === undefined) return undefined;
      groups.push(v4 >> 16n, v4 & 0xffffn);
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(BigInt(`0x${part}`));
    else return undefined;
  }
  return groups;
}

/** An address as numbers: IPv4 as one, IPv6 as its two halves. IPv4-mapped IPv6 (RFC 4291 §2.5.5.2) is IPv4. */
export type IpAddress =
  | { readonly version: 4; readonly bits: number }
  | { readonly version: 6; readonly high: bigint; readonly low: bigint };

/** Reads an IPv4 or IPv6 literal; undefined where the text is neither. A zone (`%eth0`) is left out. */
export function parseIpAddress(text: string): IpAddress | undefined {
  if (!text.includes(':')) {
    const bits = parseIpv4(text);
    return bits === undefined ? undefined : { version: 4, bits };
  }
  const zone = text.indexOf('%');
  const groups = parseIpv6(zone === -1 ? text : text.slice(0, zone));
  if (groups === undefined) return undefined;
  const high = joinGroups(groups, 0);
  const low = joinGroups(groups, 4);
  return high === 0n && low >> 32n === 0xffffn
    ? { version: 4, bits: Number(low & 0xffffffffn) }
    : { version: 6, high, low };
}

/** One text for each address, whatever way it was written: the key of an exact match. */
export function addressKey(address: IpAddress): string {
  return address.version === 4
    ? `4 ${String(address.bits)}`
    : `6 ${address.high.toString(16)} ${address.low.toString(16)}`;
}

/** The half of an address whose first group is at `start`. */
function joinGroups(groups: readonly number[], start: number): bigint {
  let half = 0n;
  for (const group of groups.slice(start, start + 4)) half = (half << 16n) | BigInt(group);
  return half;
}

/** Character codes instead of a split: this runs once per request. */
function parseIpv4(text: string): number | undefined {
  let bits = 0;
  let octet = -1;
  let dots = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 46 && octet !== -1 && dots < 3) {
      bits = bits * 256 + octet;
      octet = -1;
      dots += 1;
    } else if (code >= 48 && code <= 57) {
      octet = octet === -1 ? code - 48 : octet * 10 + code - 48;
      if (octet > 255) return undefined;
    } else return undefined;
  }
  return dots === 3 && octet !== -1 ? bits * 256 + octet : undefined;
}

function parseIpv6(text: string): readonly number[] | undefined {
  const [head = '', tail, ...more] = text.split('::');
  if (more.length > 0) return undefined;
  const before = parseGroups(head);
  const after = parseGroups(tail ?? '');
  if (before === undefined || after === undefined) return undefined;
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  return [...before, ...Array.from({ length: missing }, () => 0), ...after];
}

function parseGroups(text: string): readonly number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  for (const group of text.split(':')) {
    if (group.includes('.')) {
      const bits = parseIpv4(group);
      if (bits === undefined) return undefined;
      groups.push(bits >>> 16, bits & 0xffff);
    } else if (/^[0-9a-f]{1,4}$/i.test(group)) {
      groups.push(Number.parseInt(group, 16));
    } else return undefined;
  }
  return groups;
}

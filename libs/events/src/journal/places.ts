import { parseAddress, parseHostPort } from '@tandem/config';

/** Where something came from, as far as it is told apart. */
export interface Place {
  /** What one sender can take addresses of at will: the address of IPv4, the /64 of IPv6. */
  readonly place: string;
  /** REG-06: the /24 of IPv4, the /48 of IPv6. */
  readonly network: string;
}

const NOWHERE: Place = { place: '', network: '' };

/** @param source "ip:port", "[v6]:port" */
export function placeOf(source: string): Place {
  const read = source === '' ? '' : parseHostPort(source);
  const address = typeof read === 'string' ? undefined : parseAddress(read.host);
  if (address === undefined) return NOWHERE;
  const { value, version } = address;
  if (version === 4) {
    const parts = [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n));
    return { place: parts.join('.'), network: `${parts.slice(0, 3).join('.')}.0/24` };
  }
  const groups = [112n, 96n, 80n, 64n].map((shift) => ((value >> shift) & 0xffffn).toString(16));
  return { place: groups.join(':'), network: `${groups.slice(0, 3).join(':')}::/48` };
}

const LONGEST_DEVICE = 40;
const MOST_WORDS = 3;

/**
 * REG-06: a kind of device, by what it calls itself: "Yealink SIP-T46S" of "Yealink SIP-T46S 66.85.0.5", "baresip" of "baresip
 * v1.0.0 (x86_64/linux)". What follows a version, and what stands in brackets, tells one device from another.
 */
export function deviceType(userAgent: string): string {
  const words: string[] = [];
  for (const word of userAgent.trim().split(/[\s/]+/)) {
    if (words.length === MOST_WORDS || /^[vV]?\d+([.\-_]\d|$)|^[([]/.test(word)) break;
    words.push(word);
  }
  const device = words.join(' ').slice(0, LONGEST_DEVICE);
  return device === '' ? 'unknown' : device;
}

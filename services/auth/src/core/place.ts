import { parseIpAddress } from './ip-address.ts';

/** Where the network hides sources (CALL-07) there is one place for all. */
export const HIDDEN_PLACE = 'a hidden source';
/** All places where a user name has not proved itself lately, together. */
export const OTHER_PLACES = 'any other place';

const MOST_CHARACTERS = 64;

/**
 * Where failures are counted (AUTH-07, AUTH-08): an IPv4 address, or the /64 of an IPv6 address, since a host there takes what
 * addresses it likes.
 */
export function placeOf(address: string): string {
  const parsed = parseIpAddress(address);
  if (parsed === undefined) return address.slice(0, MOST_CHARACTERS);
  if (parsed.version === 4) return [24, 16, 8, 0].map((at) => (parsed.bits >>> at) & 255).join('.');
  const groups = [48n, 32n, 16n, 0n].map((at) => ((parsed.high >> at) & 0xffffn).toString(16));
  return `${groups.join(':')}::/64`;
}

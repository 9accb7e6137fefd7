import { parseAddress, parseHostPort } from '@tandem/config';
import type { Binding } from './binding.ts';

/** Behind all that begins with the text before it, in the order of bytes. */
export const LAST = '\u{10ffff}';
/** Stands in no address and in no User-Agent. */
const SEPARATOR = '\u0001';
/** What clients name themselves differs in the beginning; the rest of a filter is looked for in what is found. */
const LONGEST_AGENT = 32;

/** The key of an address: addresses of one block stand together. Undefined where it is none. */
export function addressKey(version: 4 | 6, value: bigint): string {
  return `${String(version)}${value.toString(16).padStart(version === 4 ? 8 : 32, '0')}`;
}

/** By where it was heard. */
export function sourceKey({ source }: Pick<Binding, 'source'>): string {
  const place = parseHostPort(source);
  const address = typeof place === 'string' ? undefined : parseAddress(place.host);
  return address === undefined ? '' : addressKey(address.version, address.value);
}

/** By the beginning of what a client calls itself, in whatever case. */
export function agentKey(userAgent: string): string {
  return foldedAgent(userAgent).slice(0, LONGEST_AGENT);
}

/** A User-Agent as it is compared. */
export function foldedAgent(userAgent: string): string {
  return userAgent.toLowerCase().replaceAll(SEPARATOR, ' ');
}

/** The member of an index for a key of a phone. */
export function memberOf(key: string, phone: string): string {
  return `${key}${SEPARATOR}${phone}`;
}

/** Key and phone of a member; those of the index of phones are the phones. */
export function readMember(member: string): { readonly value: string; readonly phone: string } {
  const at = member.indexOf(SEPARATOR);
  return { value: member.slice(0, Math.max(at, 0)), phone: member.slice(at + 1) };
}

/** What the indexes of addresses and of clients have of a phone. */
export function membersOf(phone: string, bindings: readonly Binding[]): Members {
  const of = (keyOf: (binding: Binding) => string): ReadonlySet<string> =>
    new Set(bindings.map((binding) => memberOf(keyOf(binding), phone)));
  return { source: of(sourceKey), 'user-agent': of(({ userAgent }) => agentKey(userAgent)) };
}

export type Members = Readonly<Record<'source' | 'user-agent', ReadonlySet<string>>>;

/** When the first of them expires. */
export function firstExpiry(bindings: readonly Binding[]): number {
  return Math.min(...bindings.map(({ expiresMs }) => expiresMs));
}

/** The key of the index of expiries. */
export function expiryKey(expiresMs: number, phone: string): string {
  return memberOf(String(expiresMs).padStart(15, '0'), phone);
}

/** In the order of bytes, as Redis has it. */
export function compareKeys(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

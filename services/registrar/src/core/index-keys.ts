import { parseAddress, parseHostPort } from '@tandem/config';
import type { Index } from '../ports.ts';
import { MANY_TAKEOVERS } from './binding.ts';
import type { Binding } from './binding.ts';
import { needsKeepalive } from './keepalive.ts';
import { shortHash } from './short-hash.ts';

/** Behind all that begins with the text before it, in the order of bytes. */
export const LAST = '\u{10ffff}';
/** Stands in no address and in no User-Agent. */
const SEPARATOR = '\u0001';
export const TIME_DIGITS = 13;
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

/** Where a phone stands in the turn of keep-alives: 16 bits of it, in hexadecimal, which spread phones evenly. */
function turnKey(phone: string): string {
  const hash = shortHash(phone);
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b) >>> 16;
  return mixed.toString(16).padStart(4, '0');
}

/** The flow, where it is a connection: any gate reaches a peer over UDP. */
export function connectionOf({ flow }: Binding): string | undefined {
  return flow === '' || flow.endsWith(';0') ? undefined : flow;
}

/** What the indexes have of a phone with these bindings. */
export function membersOf(phone: string, bindings: readonly Binding[]): Members {
  const of = (keyOf: (binding: Binding) => string): ReadonlySet<string> =>
    new Set(bindings.map((binding) => memberOf(keyOf(binding), phone)));
  const isThere = bindings.length > 0;
  return {
    phone: new Set(isThere ? [phone] : []),
    expires: new Set(isThere ? [memberOf(timeKey(firstExpiry(bindings)), phone)] : []),
    source: of(sourceKey),
    'user-agent': of(({ userAgent }) => agentKey(userAgent)),
    flow: new Set(
      bindings
        .flatMap((binding) => connectionOf(binding) ?? [])
        .map((flow) => memberOf(flow, phone)),
    ),
    keepalive: new Set(bindings.some(needsKeepalive) ? [memberOf(turnKey(phone), phone)] : []),
    unreachable: new Set(bindings.some(({ isUnreachable }) => isUnreachable) ? [phone] : []),
    flapping: new Set(bindings.some(({ takeovers }) => takeovers >= MANY_TAKEOVERS) ? [phone] : []),
  };
}

type Members = Readonly<Record<Index, ReadonlySet<string>>>;

function firstExpiry(bindings: readonly Binding[]): number {
  return Math.min(...bindings.map(({ expiresMs }) => expiresMs));
}

/** A time as a key: thirteen digits are enough for 260 years. */
function timeKey(ms: number): string {
  return String(ms).padStart(TIME_DIGITS, '0');
}

/** In the order of their bytes in UTF-8, as Redis has it. */
export function compareKeys(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at++) {
    const [a, b] = [one.charCodeAt(at), other.charCodeAt(at)];
    if (a !== b) return rankOf(a) - rankOf(b);
  }
  return one.length - other.length;
}

/** Pairs of surrogates stand for what comes behind all that one unit can say. */
function rankOf(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

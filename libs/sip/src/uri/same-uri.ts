import { SipParseError } from '../message/parse-error.ts';
import type { ReadonlyParams } from './params.ts';
import { parseUri } from './sip-uri.ts';
import type { SipUri } from './sip-uri.ts';

/** RFC 3261 §19.1.4: in one URI alone they make it another one, though that had their default. */
const distinguishing = ['transport', 'user', 'ttl', 'method', 'maddr'] as const;

/**
 * Whether two URIs name the same place (RFC 3261 §19.1.4): host, scheme and values of parameters in any case, the user part and
 * headers as they are, escapes of what need not be escaped resolved. URIs of other schemes, and what cannot be read, are
 * compared as text.
 */
export function isSameUri(one: string, other: string): boolean {
  if (one === other) return true;
  const [a, b] = [readSip(one), readSip(other)];
  if (a === undefined || b === undefined) return false;
  return (
    a.scheme === b.scheme &&
    a.port === b.port &&
    a.host.toLowerCase() === b.host.toLowerCase() &&
    isSameText(a.user, b.user) &&
    isSameText(a.password, b.password) &&
    areSameParams(a.params, b.params) &&
    areSameHeaders(a.headers, b.headers)
  );
}

function readSip(text: string): SipUri | undefined {
  try {
    const uri = parseUri(text);
    return uri.scheme === 'sip' || uri.scheme === 'sips' ? uri : undefined;
  } catch (error) {
    if (error instanceof SipParseError) return undefined;
    throw error;
  }
}

function isSameText(one: string | undefined, other: string | undefined): boolean {
  return one === other || (one !== undefined && other !== undefined && plain(one) === plain(other));
}

/** Of the others only what stands in both has to agree. */
function areSameParams(one: ReadonlyParams, other: ReadonlyParams): boolean {
  if (distinguishing.some((name) => one.has(name) !== other.has(name))) return false;
  return [...one].every(([name, value]) => {
    const there = other.get(name);
    return there === undefined || folded(there) === folded(value);
  });
}

function areSameHeaders(one: ReadonlyParams, other: ReadonlyParams): boolean {
  return (
    one.size === other.size &&
    [...one].every(([name, value]) => {
      const there = other.get(name);
      return there !== undefined && plain(String(there)) === plain(String(value));
    })
  );
}

function folded(value: string | true): string {
  return value === true ? '' : plain(value).toLowerCase();
}

/** RFC 3261 §25.1: an escape stands for its character, unless that is reserved. */
function plain(text: string): string {
  if (!text.includes('%')) return text;
  return text.replace(/%([0-9a-f]{2})/gi, (escape, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    return ';/?:@&=+$,'.includes(character) ? escape.toUpperCase() : character;
  });
}

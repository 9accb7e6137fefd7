import { hasIdentityTerm, readNumber } from '@tandem/domain';
import { escapeUser, formatNameAddr, parseNameAddr, toWire, userOf } from '@tandem/sip';
import type { NameAddr } from '@tandem/sip';
import type { LocalName } from '../network/local-addresses.ts';

const NUMBER = /^\+?\d+$/;
/** RFC 3966 §5.1.4: what a tel URI may name without a context. */
const GLOBAL = /^\+\d+$/;
/** Values of a header that are looked at: RFC 3325 §9.1 allows two. */
const MOST_VALUES = 4;

/** How a URI of a number is written. */
export interface WrittenUri {
  readonly local: LocalName;
  /** Of the side that gets it. */
  readonly terms: number;
  /** @default none */
  readonly verstat?: string | undefined;
}

/** The SIP URI of a number or name at our address, never at theirs (CALL-01). */
export function ownUri(number: string, { local, terms, verstat }: WrittenUri): string {
  const isNumber = NUMBER.test(number);
  // TS 24.229 §7.2A.20: a parameter of the number, so it stands before the "@".
  const verdict = isNumber && verstat !== undefined ? `;verstat=${verstat}` : '';
  const phone = isNumber && hasIdentityTerm(terms, 'userPhone') ? ';user=phone' : '';
  return `sip:${escapeUser(toWire(number))}${verdict}@${local.host}${phone}`;
}

/** The URIs by which a side is told a number: one, or two where it wants it both ways (RFC 3325 §9.1). */
export function identityUris(number: string, written: WrittenUri): string[] {
  const { terms, verstat } = written;
  const sip = ownUri(number, written);
  const isBoth = hasIdentityTerm(terms, 'both');
  if (!GLOBAL.test(number) || !(isBoth || hasIdentityTerm(terms, 'tel'))) return [sip];
  const tel = `tel:${number}${verstat === undefined ? '' : `;verstat=${verstat}`}`;
  return isBoth ? [sip, tel] : [tel];
}

/** Reads one value; undefined where it is none. */
export function readNameAddr(value: string): NameAddr | undefined {
  try {
    return parseNameAddr(value);
  } catch {
    return undefined; // Nobody can be told what it was to mean.
  }
}

/** Whom a side names. */
export interface NamedParty {
  readonly number: string;
  readonly displayName: string;
  /** Of Remote-Party-ID: how much of it is to be withheld. */
  readonly privacy: 'off' | 'name' | 'number';
}

/** The party that a list header of a trusted side names: the first that has a number, else the first that has a name. */
export function namedParty(values: readonly string[]): NamedParty | undefined {
  let first: NamedParty | undefined;
  for (const value of values.slice(0, MOST_VALUES)) {
    const read = readNameAddr(value);
    if (read === undefined || read.params.get('screen') === 'no') continue;
    const reading = readNumber(userOf(read.uri));
    if (reading.kind !== 'number') continue;
    const { number } = reading;
    const privacy = wantedOf(read.params.get('privacy'));
    const party = { number, displayName: printable(read.displayName), privacy };
    if (NUMBER.test(number)) return party;
    first ??= party;
  }
  return first;
}

/** draft-ietf-sip-privacy-04 §6: `full`, `name`, `uri`, `off`, with or without `-network`. */
function wantedOf(value: string | true | undefined): NamedParty['privacy'] {
  const wanted = typeof value === 'string' ? value.toLowerCase().replace('-network', '') : 'off';
  if (wanted === 'full' || wanted === 'uri') return 'number';
  return wanted === 'name' ? 'name' : 'off';
}

/** A name-addr with a name where there is one. */
export function named(displayName: string, uri: string): string {
  return formatNameAddr({ displayName, uri });
}

/** RFC 3261 §25.1: a quoted string holds a control character as a quoted pair only, which too few can read. */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- these are what is looked for
  return text.replaceAll(/[\x00-\x1f\x7f]/g, ' ');
}

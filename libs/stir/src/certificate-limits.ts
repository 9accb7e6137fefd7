import type { X509Certificate } from 'node:crypto';
import { SEQUENCE, context, extensionOf, readDer, within } from './der.ts';
import type { DerValue } from './der.ts';
import type { Passport } from './passport.ts';
import { signedNumber } from './signed-number.ts';

/** id-pe-TNAuthList, id-pe-JWTClaimConstraints (RFC 8226), id-pe-eJWTClaimConstraints (RFC 9118). */
const oidOf = (last: number): Buffer => Buffer.from([0x2b, 6, 1, 5, 5, 7, 1, last]);
const TN_AUTH_LIST = oidOf(26);
const CLAIM_CONSTRAINTS = [oidOf(27), oidOf(33)];

/**
 * What a certificate says of the calls that may be signed with it: it must have a TNAuthList, whose numbers, if it has any
 * and no service provider code, hold the caller's; and what it says of claims must be so.
 * @returns in words what is not, undefined where all is well
 */
export function limitBroken({ raw }: X509Certificate, passport: Passport): string | undefined {
  try {
    const list = extensionOf(raw, TN_AUTH_LIST);
    if (list === undefined) return 'its certificate has no TNAuthList: it is none for calls';
    if (!covers(list, passport.orig)) return `its certificate is not for ${passport.orig}`;
    for (const oid of CLAIM_CONSTRAINTS) {
      const constraints = extensionOf(raw, oid);
      const broken = constraints === undefined ? undefined : brokenBy(constraints, passport);
      if (broken !== undefined) return broken;
    }
    return undefined;
  } catch (error) {
    if (error instanceof RangeError) return 'an extension of its certificate cannot be read';
    throw error;
  }
}

/** RFC 8226 §9: codes of service providers, ranges of numbers, single numbers. */
function covers(list: Buffer, orig: string): boolean {
  const entries = within(readDer(list)[0]);
  if (entries.length === 0) return false;
  return entries.some((entry) => {
    // Who has which numbers of a service provider, the certificate does not say.
    if (entry.tag === context(0)) return true;
    if (entry.tag === context(2)) return textOf(within(entry)[0]) === orig;
    return entry.tag === context(1) && isInRange(within(entry)[0], orig);
  });
}

function isInRange(range: DerValue | undefined, orig: string): boolean {
  const [first, count] = within(range);
  const start = signedNumber(textOf(first));
  if (start === undefined || count === undefined || start.length !== orig.length) return false;
  if (!/^\d+$/.test(start + orig)) return false;
  const size = BigInt(`0x${count.content.toString('hex')}`);
  const offset = BigInt(orig) - BigInt(start);
  return offset >= 0n && offset < size;
}

/** RFC 8226 §8, RFC 9118 §4. */
function brokenBy(constraints: Buffer, { claims }: Passport): string | undefined {
  for (const part of within(readDer(constraints)[0])) {
    const [list] = within(part);
    if (list?.tag !== SEQUENCE) continue;
    for (const item of within(list)) {
      const [name, values] = part.tag === context(1) ? within(item) : [item];
      const claim = textOf(name);
      const value = Object.hasOwn(claims, claim) ? claims[claim] : undefined;
      if (part.tag === context(0) && value === undefined) return `claim ${claim} is missing`;
      if (part.tag === context(2) && value !== undefined) return `claim ${claim} may not be there`;
      if (part.tag !== context(1) || value === undefined) continue;
      const said = typeof value === 'string' ? value : JSON.stringify(value);
      if (!within(values).some((each) => textOf(each) === said)) {
        return `claim ${claim} may not have this value`;
      }
    }
  }
  return undefined;
}

function textOf(value: DerValue | undefined): string {
  return value?.content.toString('utf8') ?? '';
}

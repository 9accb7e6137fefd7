import type { X509Certificate } from 'node:crypto';
import { compactVerify } from 'jose';
import { distrust } from './certificate-chain.ts';
import { limitBroken } from './certificate-limits.ts';
import { readIdentityHeader } from './identity-header.ts';
import type { IdentityHeader } from './identity-header.ts';
import { readPassport } from './passport.ts';
import type { Passport } from './passport.ts';
import { signedNumber } from './signed-number.ts';

/** RFC 8224 §4.1, RFC 8225 §6: older or later than this a signature is not fresh. */
const FRESH_MS = 60_000;
/** Values of Identity that are looked at; each may cost a fetch and a verification. */
const MOST_HEADERS = 4;

/** What was found: `passed`, no signature (428), not fresh (403), wrong (438), not trusted (437), certificate not there (436). */
export type VerdictKind = 'passed' | 'missing' | 'stale' | 'invalid' | 'untrusted' | 'unavailable';

export interface Verdict {
  readonly kind: VerdictKind;
  /** For people; '' where it passed. */
  readonly cause: string;
  /** Of the signature, as far as it could be read. */
  readonly attestation: string;
  readonly origid: string;
  readonly number: string;
  /** Where its certificate is. */
  readonly certificate: string;
}

/** The call that a signature is held against. */
export interface CallFacts {
  /** Values of Identity. */
  readonly identity: readonly string[];
  /** Numbers that the caller is known by; one of them must be the signed one. */
  readonly callers: readonly string[];
  readonly callees: readonly string[];
  /** Value of Date; '' where there is none. */
  readonly date: string;
  readonly nowMs: number;
}

/** The certificates at a URL, the one that signs first, or in words why they are not to be had. */
export type FoundCertificates = readonly X509Certificate[] | string;

/** Whom the switch believes. */
export interface Trust {
  readonly authorities: readonly X509Certificate[];
  readonly certificates: (url: string) => Promise<FoundCertificates>;
}

/**
 * Verifies a call (RFC 8224 §6.2, RFC 8588). Of several signatures the first that passes counts, else the first that failed;
 * extensions that are not known are as if they were not there (§6.2.1). A signature is not remembered: a call that comes again
 * by another way brings the same.
 */
export async function verifyCall(call: CallFacts, trust: Trust): Promise<Verdict> {
  let failed: Verdict | undefined;
  for (const value of call.identity.slice(0, MOST_HEADERS)) {
    const header = readIdentityHeader(value);
    if (header !== undefined && header.ppt !== '' && header.ppt !== 'shaken') continue;
    const verdict = await verifyOne(header, call, trust);
    if (verdict.kind === 'passed') return verdict;
    failed ??= verdict;
  }
  return failed ?? verdictOf('missing', 'the call is not signed');
}

async function verifyOne(
  header: IdentityHeader | undefined,
  call: CallFacts,
  trust: Trust,
): Promise<Verdict> {
  if (header === undefined) return verdictOf('invalid', 'its Identity header is too long');
  const passport = readPassport(header.token);
  if (typeof passport === 'string') return verdictOf('invalid', passport);
  const told = (kind: VerdictKind, cause: string): Verdict => verdictOf(kind, cause, passport);
  const misfit = misfitOf(header, passport, call);
  if (misfit !== undefined) return told('invalid', misfit);
  const staleness = stalenessOf(passport, call);
  if (staleness !== undefined) return told('stale', staleness);
  const certificates = await trust.certificates(passport.x5u);
  if (typeof certificates === 'string') return told('unavailable', certificates);
  const [certificate] = certificates;
  const distrusted = distrust(certificates, trust.authorities, call.nowMs);
  if (certificate === undefined || distrusted !== undefined) {
    return told('untrusted', distrusted ?? 'there is no certificate');
  }
  const broken = limitBroken(certificate, passport);
  if (broken !== undefined) return told('untrusted', broken);
  const isSigned = await isSignedBy(certificate, header.token);
  return isSigned ? told('passed', '') : told('invalid', 'its signature is wrong');
}

/** What does not fit together, before anything is fetched. */
function misfitOf(header: IdentityHeader, passport: Passport, call: CallFacts): string | undefined {
  const { alg, dest, orig, ppt, x5u } = passport;
  if (alg !== 'ES256' || header.alg !== 'ES256') return `its algorithm ${alg} is not ES256`;
  if (ppt !== header.ppt) return `its ppt is ${header.ppt} outside and ${ppt} inside`;
  if (x5u === '' || x5u !== header.info) return 'info and x5u do not name the same certificate';
  if (ppt === 'shaken' && !/^[ABC]$/.test(passport.attest)) return 'it attests nothing';
  if (!hasNumber(call.callers, orig)) {
    return `it is signed for caller ${orig}, not for ${eitherOf(call.callers)}`;
  }
  if (!dest.some((each) => hasNumber(call.callees, each))) {
    return `it is signed for callee ${dest.join(', ')}, not for ${eitherOf(call.callees)}`;
  }
  return undefined;
}

function eitherOf(numbers: readonly string[]): string {
  return [...new Set(numbers)].join(' or ');
}

function hasNumber(numbers: readonly string[], signed: string): boolean {
  const number = signedNumber(signed);
  return number !== undefined && numbers.some((each) => signedNumber(each) === number);
}

/** RFC 8224 §6.2 step 4. */
function stalenessOf({ iat }: Passport, { date, nowMs }: CallFacts): string | undefined {
  const ageMs = nowMs - iat * 1000;
  if (Math.abs(ageMs) > FRESH_MS) {
    const seconds = String(Math.round(Math.abs(ageMs) / 1000));
    const most = String(FRESH_MS / 1000);
    return ageMs < 0
      ? `it was signed ${seconds} s ahead of the clock here, and may be ${most} s ahead`
      : `it was signed ${seconds} s ago, and may be ${most} s old`;
  }
  const dateMs = date === '' ? undefined : Date.parse(date);
  if (dateMs === undefined || Number.isNaN(dateMs)) return undefined;
  return Math.abs(nowMs - dateMs) > FRESH_MS ? `Date says ${date}` : undefined;
}

async function isSignedBy({ publicKey }: X509Certificate, token: string): Promise<boolean> {
  try {
    await compactVerify(token, publicKey, { algorithms: ['ES256'] });
    return true;
  } catch {
    return false; // Whatever is wrong with it, nobody has signed this.
  }
}

function verdictOf(kind: VerdictKind, cause: string, passport?: Passport): Verdict {
  // Whatever a stranger has written there: what is kept and passed on is short, and no more than it should be.
  const { attest = '', orig = '', origid = '', x5u = '' } = passport ?? {};
  return {
    kind,
    cause: plain(cause, 300),
    attestation: /^[ABC]$/.test(attest) ? attest : '',
    origid: /^[\w.-]{1,64}$/.test(origid) ? origid : '',
    number: plain(orig, 40),
    certificate: plain(x5u, 300),
  };
}

function plain(text: string, most: number): string {
  return text.slice(0, most).replaceAll(/[^\x20-\x7e]/g, '?');
}

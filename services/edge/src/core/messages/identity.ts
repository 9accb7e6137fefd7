import { hasIdentityTerm } from '@tandem/domain';
import type { CandidateIdentity, DialogTerms, ReceivedIdentity } from '@tandem/proto/routing';
import { from } from '@tandem/sip';
import type { Headers, SipRequest } from '@tandem/sip';
import type { LocalName } from '../network/local-addresses.ts';
import { identityUris, named, namedParty, ownUri, printable } from './identity-uri.ts';
import type { NamedParty } from './identity-uri.ts';
import { ANONYMOUS_NAME, ANONYMOUS_URI, passedPrivacy, privacyOf } from './privacy.ts';
import type { Privacy } from './privacy.ts';
import { passRedirections } from './redirections.ts';

/** What an INVITE says of its caller besides From, for routing, which knows whom to believe; undefined: nothing. */
export function receivedIdentity({ headers }: SipRequest): ReceivedIdentity | undefined {
  const isNamed =
    headers.has('P-Asserted-Identity') ||
    headers.has('Privacy') ||
    headers.has('P-Preferred-Identity') ||
    headers.has('Remote-Party-ID');
  if (!isNamed) return undefined;
  return {
    asserted: headers.list('P-Asserted-Identity'),
    preferred: headers.list('P-Preferred-Identity'),
    remoteParty: headers.list('Remote-Party-ID'),
    privacy: headers.getAll('Privacy').join(';'),
  };
}

/** The caller, as the gateway of a candidate is told. */
export interface CallerOnB {
  /** The caller's INVITE. */
  readonly invite: SipRequest;
  readonly local: LocalName;
  /** The number for From; '' where there is none. */
  readonly caller: string;
  readonly terms?: DialogTerms | undefined;
  readonly identity?: CandidateIdentity | undefined;
}

/**
 * From value without tag on leg B: the caller's name and number at our address, never at theirs (CALL-01); nobody where the
 * caller has none, or withholds it from a gateway that is not trusted (RFC 3323 §5.3).
 */
export function localUriB(parts: CallerOnB): string {
  const { displayName } = from(parts.invite);
  const uri = callerUriB(parts);
  const isNobody = uri === ANONYMOUS_URI;
  return named(isNobody ? anonymousName(parts, displayName) : printable(displayName), uri);
}

/** The caller on leg B, without name. */
export function callerUriB(parts: CallerOnB): string {
  const { caller, local, terms } = parts;
  const side = terms?.identityB ?? 0;
  const isNobody = caller === '' || caller.toLowerCase() === 'anonymous';
  if (isNobody || isHidden(parts, side)) return ANONYMOUS_URI;
  // Where the number is asserted the verdict stands with that.
  const verstat = writesIdentity(parts, side) ? undefined : verstatOf(parts.identity);
  return ownUri(caller, { local, terms: side, verstat });
}

/** A name that a caller without number gives itself passes, unless it is to be hidden. */
function anonymousName(parts: CallerOnB, displayName: string): string {
  return displayName === '' || isHidden(parts, parts.terms?.identityB ?? 0)
    ? ANONYMOUS_NAME
    : printable(displayName);
}

function isHidden({ invite }: CallerOnB, side: number): boolean {
  return !hasIdentityTerm(side, 'trusted') && privacyOf(invite.headers).isOfUser;
}

/** Writes into the INVITE of leg B who calls, as far as its gateway is told; what is passed by header-policy is there already. */
export function writeCaller(headers: Headers, parts: CallerOnB): void {
  const { invite, identity, local, terms } = parts;
  const side = terms?.identityB ?? 0;
  const giver = terms?.identityA ?? 0;
  const privacy = privacyOf(invite.headers);
  if (isHidden(parts, side)) headers.remove('Subject');
  const verstat = verstatOf(identity);
  const party = assertedParty(parts, giver);
  const isTold = party !== undefined && writesIdentity(parts, side);
  const isWithheld = privacy.isOfNumber || party?.privacy === 'number';
  if (isTold) {
    writeParty(headers, party, { local, terms: side, verstat, isWithheld, party: 'calling' });
  }
  writePrivacy(headers, privacy, { terms: side, isNamed: isTold, isWithheld });
  const { verification } = identity ?? {};
  if (verification?.verdict === 'passed' && verification.attestation !== '') {
    // TS 24.229 §7.2.18, §7.2.19
    headers.append('Attestation-Info', verification.attestation);
    headers.append('Origination-Id', verification.origid);
  }
  passRedirections({ from: invite.headers, to: headers, giver, terms: side, privacy, local });
}

/** Whether the gateway is told the asserted number: no other than a trusted one what its caller withholds (RFC 3325 §7). */
function writesIdentity(parts: CallerOnB, side: number): boolean {
  if ((parts.identity?.asserted ?? '') === '' || !takesIdentity(side)) return false;
  if (hasIdentityTerm(side, 'trusted')) return true;
  const isKept = receivedParty(parts, parts.terms?.identityA ?? 0)?.privacy === 'number';
  return !privacyOf(parts.invite.headers).isOfNumber && !isKept;
}

function takesIdentity(side: number): boolean {
  return hasIdentityTerm(side, 'pai') || hasIdentityTerm(side, 'rpid');
}

/** The number that routing has found to be the caller's, with the name that a trusted side gives it. */
function assertedParty(parts: CallerOnB, giver: number): NamedParty | undefined {
  const number = parts.identity?.asserted ?? '';
  if (number === '') return undefined;
  const received = receivedParty(parts, giver);
  return received?.number === number ? received : { number, displayName: '', privacy: 'off' };
}

function receivedParty({ invite }: CallerOnB, giver: number): NamedParty | undefined {
  return partyOf(invite.headers, giver, 'calling');
}

/** Whom a trusted side says that it is, in a request or a response. */
function partyOf(
  headers: Headers,
  giver: number,
  party: 'calling' | 'called',
): NamedParty | undefined {
  if (!hasIdentityTerm(giver, 'trusted')) return undefined;
  const isAsserted = hasIdentityTerm(giver, 'pai') && headers.has('P-Asserted-Identity');
  const asserted = isAsserted ? namedParty(headers.list('P-Asserted-Identity')) : undefined;
  if (asserted !== undefined) return asserted;
  if (!hasIdentityTerm(giver, 'rpid') || !headers.has('Remote-Party-ID')) return undefined;
  const ofParty = new RegExp(`;\\s*party\\s*=\\s*${party}\\b`, 'i');
  const values = headers.list('Remote-Party-ID');
  // draft-ietf-sip-privacy-04 §6: without `party` it is the caller in a request, the callee in a response.
  return namedParty(values.filter((value) => ofParty.test(value) || !/;\s*party\s*=/i.test(value)));
}

/**
 * Passes on in a dialog, and in answers to an INVITE, who is there now: the connected identity of a trusted side (RFC 3325 §5,
 * RFC 4916 in its place), with what it wants to be withheld.
 */
export function passIdentity(
  said: { readonly from: Headers; readonly to: Headers },
  sides: {
    /** Terms of the side that says it, and of the one that is told. */
    readonly giver: number;
    readonly taker: number;
    readonly local: LocalName;
    /** Who that is whom the giver names. */
    readonly party: 'calling' | 'called';
  },
): void {
  const { from: received, to: headers } = said;
  const { giver, taker, local } = sides;
  if ((giver | taker) === 0 && !received.has('Privacy')) return;
  const privacy = privacyOf(received);
  const party = takesIdentity(taker) ? partyOf(received, giver, sides.party) : undefined;
  const isWithheld = privacy.isOfNumber || party?.privacy === 'number';
  const isTold = party !== undefined && (hasIdentityTerm(taker, 'trusted') || !isWithheld);
  if (isTold) {
    const written = { local, terms: taker, verstat: undefined, isWithheld };
    writeParty(headers, party, { ...written, party: sides.party });
  }
  writePrivacy(headers, privacy, { terms: taker, isNamed: isTold, isWithheld });
  passRedirections({ from: received, to: headers, giver, terms: taker, privacy, local });
}

function writeParty(
  headers: Headers,
  { displayName: given, number, privacy }: NamedParty,
  written: {
    readonly local: LocalName;
    readonly terms: number;
    readonly verstat: string | undefined;
    readonly isWithheld: boolean;
    readonly party: 'calling' | 'called';
  },
): void {
  const { terms, party, isWithheld } = written;
  const isNameless = privacy === 'name' && !hasIdentityTerm(terms, 'trusted');
  const displayName = isNameless ? '' : given;
  const uris = identityUris(number, written);
  if (hasIdentityTerm(terms, 'pai')) {
    for (const uri of uris) headers.append('P-Asserted-Identity', named(displayName, uri));
  }
  if (hasIdentityTerm(terms, 'rpid')) {
    const kept = isWithheld ? 'full' : privacy === 'name' ? 'name' : 'off';
    const [uri = ''] = uris;
    const value = named(displayName, uri);
    headers.append('Remote-Party-ID', `${value};party=${party};screen=yes;privacy=${kept}`);
  }
}

function writePrivacy(
  headers: Headers,
  privacy: Privacy,
  told: { readonly terms: number; readonly isNamed: boolean; readonly isWithheld: boolean },
): void {
  const value = passedPrivacy(privacy, told.terms, told);
  if (value !== '') headers.append('Privacy', value);
}

/** TS 24.229 §7.2A.20. */
function verstatOf(identity: CandidateIdentity | undefined): string | undefined {
  switch (identity?.verification?.verdict) {
    case undefined:
      return undefined;
    case 'passed':
      return 'TN-Validation-Passed';
    case 'missing':
    case 'unavailable':
      return 'No-TN-Validation';
    default:
      return 'TN-Validation-Failed';
  }
}

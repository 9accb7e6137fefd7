import type { AuthenticateRequest } from '@tandem/proto/auth';
import { fromWire, parseUri, SipParseError } from '@tandem/sip';
import type {
  AcceptCommand,
  FreshNonce,
  IssueCommand,
  NonceSource,
  RefuseCommand,
} from '../ports.ts';
import type { AuthConfiguration } from './auth-configuration.ts';
import {
  examineCredentials,
  fingerprintOf,
  sessionOf,
  unreadableIn,
  type CredentialsFault,
  type Examined,
} from './credentials.ts';
import { formatSource, subjectOf, unknownSubject } from './decisions.ts';
import { HIDDEN_PLACE, placeOf } from './place.ts';
import { isInPlace } from './origins.ts';
import type { AddressOrigin, PasswordOrigin, Source, SourceMatch } from './origins.ts';
import { attemptOf, type Attempt, type Lack } from './attempt.ts';
import type { Terminal } from './terminal.ts';

/** What is to be done about a request: decided by itself, or after one step of the store. */
export type Plan =
  /** AUTH-08: the source is in the list of those that are denied. */
  | { readonly kind: 'denied'; readonly block: string }
  /** AUTH-09: nobody of that name is known, and such are not answered. */
  | { readonly kind: 'unanswered' }
  /** AUTH-01, mode `ip` or `ip-port`: no challenge, no store. Such an origin has no failures. */
  | { readonly kind: 'allow'; readonly origin: AddressOrigin | PasswordOrigin }
  /** DENY-03: the request comes from the address of a gateway, but not from its port. */
  | { readonly kind: 'wrong-address'; readonly origin: AddressOrigin }
  /** CALL-07: it would be the gateway's, but the network hides where it came from. */
  | { readonly kind: 'source-hidden'; readonly origin: AddressOrigin }
  /** AUTH-14: nobody lists the address, and it is refused at once. */
  | {
      readonly kind: 'unknown-source';
      readonly terminal: Terminal;
      readonly isSpared: boolean;
      readonly attempt: Attempt;
    }
  | {
      readonly kind: 'issue';
      readonly command: IssueCommand;
      readonly origin: PasswordOrigin | undefined;
    }
  | {
      readonly kind: 'accept';
      readonly command: AcceptCommand;
      readonly origin: PasswordOrigin;
      readonly algorithm: string;
      /** AUTH-13: it proved the password before. */
      readonly isPrevious: boolean;
    }
  | {
      readonly kind: 'refuse';
      readonly command: RefuseCommand;
      readonly origin: PasswordOrigin | undefined;
      readonly fault: CredentialsFault;
    };

export type PlanOf<Kind extends Plan['kind']> = Plan & { readonly kind: Kind };

/** Identifies the origin and verifies the digest; what depends on other requests is left to the store. */
export function planAuthentication(
  configuration: AuthConfiguration,
  request: AuthenticateRequest,
  { nonces, atMs }: { readonly nonces: NonceSource; readonly atMs: number },
): Plan {
  const match = matchOf(configuration, request);
  // CALL-07: where the source is hidden, everybody's is the same, and only a password proves anything.
  if (match.kind === 'origin' && !request.sourceHidden)
    return { kind: 'allow', origin: match.origin };
  const block = request.sourceHidden
    ? undefined
    : configuration.sources.deniedBy(request.sourceAddress);
  if (block !== undefined) {
    return { kind: 'denied', block };
  }
  const claimed = configuration.origins.byUsername(request.fromUser);
  if (claimed?.places?.isEnough === true && isInPlace(claimed, request)) {
    return { kind: 'allow', origin: claimed };
  }
  const examined = examineCredentials(configuration, request, atMs);
  if (examined !== undefined)
    return planCredentials(configuration, request, { examined, nonces, atMs });
  return planUnproved(configuration, request, { match, nonces, atMs });
}

/**
 * The source address decides before any name: a trunk's callers may have the number of a phone here. Who is known by its address
 * registers nobody: a REGISTER is of the name that it gives.
 */
function matchOf({ origins }: AuthConfiguration, request: AuthenticateRequest): SourceMatch {
  return request.method === 'REGISTER' ? { kind: 'unknown' } : origins.bySource(sourceOf(request));
}

/** A request that proves nothing. */
function planUnproved(
  configuration: AuthConfiguration,
  request: AuthenticateRequest,
  {
    match,
    nonces,
    atMs,
  }: { readonly match: SourceMatch; readonly nonces: NonceSource; readonly atMs: number },
): Plan {
  const origin = configuration.origins.byUsername(request.fromUser);
  if (origin === undefined && match.kind !== 'unknown') {
    const kind = request.sourceHidden ? 'source-hidden' : 'wrong-address';
    return { kind, origin: match.origin };
  }
  // Of somebody who is elsewhere nobody is known who could answer.
  const isForeign = origin === undefined || !isInPlace(origin, request);
  if (isForeign && !configuration.repliesUnauthorized) return { kind: 'unanswered' };
  const isRefused = isForeign && origin?.password === undefined && configuration.refusesUnknown;
  const attempt = attemptOf(request, { lack: lackOf(request), atMs });
  if (isRefused && request.method !== 'REGISTER') {
    const who = whose(configuration, request, { name: request.fromUser, origin });
    return { kind: 'unknown-source', ...who, attempt };
  }
  const realm = realmOf(configuration, request);
  const about = { name: request.fromUser, origin, realm, nonces, attempt };
  return { kind: 'issue', command: asked(configuration, request, about), origin };
}

/** AUTH-15: credentials of another scheme (Basic, Bearer) are no digest that was written wrongly. */
function lackOf({ authorization, proxyAuthorization }: AuthenticateRequest): Lack {
  const sent = [...authorization, ...proxyAuthorization];
  if (sent.length === 0) return 'no credentials';
  const digest = sent.find((value) => !/^\s*(?!digest\b)[a-z][\w-]*\s/i.test(fromWire(value)));
  return digest === undefined
    ? 'credentials of another scheme than Digest'
    : `credentials that cannot be read (${unreadableIn(digest)})`;
}

interface Named {
  readonly name: string;
  readonly origin: PasswordOrigin | undefined;
}

/** Whose request it is said to be, and where from. */
function whose(
  { sources }: AuthConfiguration,
  { sourceAddress, sourceHidden }: AuthenticateRequest,
  { name, origin }: Named,
): { readonly terminal: Terminal; readonly isSpared: boolean } {
  return {
    terminal: {
      user: origin === undefined ? unknownSubject(name) : subjectOf(origin),
      place: sourceHidden ? HIDDEN_PLACE : placeOf(sourceAddress),
    },
    // CALL-07: where the source is hidden, everybody's is the same.
    isSpared: sourceHidden || sources.isSpared(sourceAddress),
  };
}

/** Whose request it is said to be, and what holds for it and for where it comes from. */
function asked(
  configuration: AuthConfiguration,
  request: AuthenticateRequest,
  about: Named & {
    readonly realm: string;
    readonly nonces: NonceSource;
    readonly attempt: Attempt;
  },
): IssueCommand {
  const { realm, nonces, attempt } = about;
  return {
    ...whose(configuration, request, about),
    abuse: configuration.abuse,
    fresh: freshNonce(configuration, realm, nonces),
    session: sessionOf(request),
    attempt,
  };
}

/** Where a request came from, in the words of the core. */
export function sourceOf(request: AuthenticateRequest): Source {
  return { address: request.sourceAddress, port: request.sourcePort };
}

function planCredentials(
  configuration: AuthConfiguration,
  request: AuthenticateRequest,
  {
    examined,
    nonces,
    atMs,
  }: { readonly examined: Examined; readonly nonces: NonceSource; readonly atMs: number },
): Plan {
  const { credentials, origin, fault, explanation, isPrevious } = examined;
  const realm = origin?.realm ?? realmOf(configuration, request);
  const name = fromWire(credentials.username);
  const attempt = attemptOf(request, { lack: 'a nonce that is good', atMs });
  const presented = {
    ...asked(configuration, request, { name, origin, realm, nonces, attempt }),
    nonce: credentials.nonce,
    realm,
    fingerprint: fingerprintOf(request, credentials),
  };
  if (fault === undefined && origin !== undefined) {
    const { nc, algorithm = 'MD5' } = credentials;
    const isCounted = credentials.qop !== undefined && nc !== undefined;
    const nonceCount = isCounted ? Number.parseInt(nc, 16) : undefined;
    return { kind: 'accept', command: { ...presented, nonceCount }, origin, algorithm, isPrevious };
  }
  const wrong = fault ?? 'unknown user';
  const source = formatSource(sourceOf(request));
  const command = { ...presented, source, cause: wrong, explanation };
  return { kind: 'refuse', command, origin, fault: wrong };
}

function freshNonce(
  { terms, settings }: AuthConfiguration,
  realm: string,
  nonces: NonceSource,
): FreshNonce {
  return { nonce: nonces.draw(), realm, terms, lifetimeMs: settings.nonceLifetimeMs };
}

function realmOf({ origins }: AuthConfiguration, request: AuthenticateRequest): string {
  const { fromUser, fromHost, toHost, requestUri } = request;
  return origins.realmFor(fromUser, [fromHost, toHost, hostOf(requestUri)]);
}

function hostOf(uri: string): string {
  try {
    return parseUri(uri).host;
  } catch (error) {
    // A tel URI, say: it names no domain.
    if (error instanceof SipParseError) return '';
    throw error;
  }
}

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
  type CredentialsFault,
  type Examined,
} from './credentials.ts';
import { formatSource, subjectOf, unknownSubject } from './decisions.ts';
import type { AddressOrigin, PasswordOrigin, Source } from './origins.ts';

/** What is to be done about a request: decided by itself, or after one step of the store. */
export type Plan =
  /** AUTH-01, mode `ip` or `ip-port`: no challenge, no store. Such an origin has no failures. */
  | { readonly kind: 'allow'; readonly origin: AddressOrigin }
  /** DENY-03: the request names a gateway, or comes from its address, but not as the gateway may. */
  | { readonly kind: 'wrong-address'; readonly origin: AddressOrigin }
  /** CALL-07: it would be the gateway's, or says so, but the network hides where it came from. */
  | { readonly kind: 'source-hidden'; readonly origin: AddressOrigin }
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
    }
  | {
      readonly kind: 'refuse';
      readonly command: RefuseCommand;
      readonly origin: PasswordOrigin | undefined;
      readonly fault: CredentialsFault;
    };

/** Identifies the origin and verifies the digest; what depends on other requests is left to the store. */
export function planAuthentication(
  configuration: AuthConfiguration,
  request: AuthenticateRequest,
  nonces: NonceSource,
): Plan {
  const { origins } = configuration;
  // The source address decides before any name: a trunk's callers may have the number of a phone here.
  const match = origins.bySource(sourceOf(request));
  // CALL-07: where the source is hidden, everybody's is the same, and only a password proves anything.
  if (match.kind === 'origin' && !request.sourceHidden)
    return { kind: 'allow', origin: match.origin };
  const examined = examineCredentials(configuration, request);
  if (examined !== undefined) return planCredentials(configuration, request, { examined, nonces });
  const origin = origins.byUsername(request.fromUser);
  if (origin === undefined) {
    const elsewhere =
      match.kind === 'unknown' ? origins.byAddressName(request.fromUser) : match.origin;
    const kind = request.sourceHidden ? 'source-hidden' : 'wrong-address';
    if (elsewhere !== undefined) return { kind, origin: elsewhere };
  }
  const terminal =
    origin === undefined
      ? unknownSubject(request.fromUser, request.sourceAddress)
      : subjectOf(origin);
  const realm = realmOf(configuration, request);
  return { kind: 'issue', command: { terminal, fresh: freshNonce(configuration, realm, nonces) }, origin }; // prettier-ignore
}

/** Where a request came from, in the words of the core. */
export function sourceOf(request: AuthenticateRequest): Source {
  return { address: request.sourceAddress, port: request.sourcePort };
}

function planCredentials(
  configuration: AuthConfiguration,
  request: AuthenticateRequest,
  { examined, nonces }: { readonly examined: Examined; readonly nonces: NonceSource },
): Plan {
  const { credentials, origin, fault } = examined;
  const realm = origin?.realm ?? realmOf(configuration, request);
  const presented = {
    terminal:
      origin === undefined
        ? unknownSubject(fromWire(credentials.username), request.sourceAddress)
        : subjectOf(origin),
    session: sessionOf(request),
    nonce: credentials.nonce,
    realm,
    fingerprint: fingerprintOf(request, credentials),
    fresh: freshNonce(configuration, realm, nonces),
  };
  if (fault === undefined && origin !== undefined) {
    const { nc, algorithm = 'MD5' } = credentials;
    const isCounted = credentials.qop !== undefined && nc !== undefined;
    const nonceCount = isCounted ? Number.parseInt(nc, 16) : undefined;
    return { kind: 'accept', command: { ...presented, nonceCount }, origin, algorithm };
  }
  const wrong = fault ?? 'unknown user';
  const source = formatSource(sourceOf(request));
  return { kind: 'refuse', command: { ...presented, source, cause: wrong }, origin, fault: wrong };
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

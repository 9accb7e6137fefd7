import { hash } from 'node:crypto';
import type { AuthenticateRequest } from '@tandem/proto/auth';
import {
  digestAlgorithm,
  fromWire,
  ha1,
  parseCredentials,
  SipParseError,
  verifyCredentials,
  type Credentials,
} from '@tandem/sip';
import type { AuthConfiguration, ChallengeAlgorithm } from './auth-configuration.ts';
import { challengeHeaders } from './challenge.ts';
import type { KeptPassword, Origins, PasswordOrigin } from './origins.ts';

/** What is wrong with credentials. Seen by operators, never by the other side (AUTH-05). */
export type CredentialsFault =
  | 'wrong password'
  | 'response of another form'
  | 'unknown user'
  | 'user name with a domain'
  | 'wrong realm'
  | 'algorithm not offered'
  | 'qop not offered'
  | 'auth-int without a digest of the body';

/** Credentials of a request after their digest was computed. */
export interface Examined {
  readonly credentials: Credentials;
  /** Whose username they hold, where that is known; their realm may be another. */
  readonly origin: PasswordOrigin | undefined;
  /** Undefined: the digest is right. Whether the nonce is good is for the store to say. */
  readonly fault: CredentialsFault | undefined;
  /** AUTH-13: it is that of the password before. */
  readonly isPrevious: boolean;
  /** AUTH-15: what was sent and what was expected, in words; '' where the fault says it all. */
  explanation: string;
}

/** More are never needed: one per algorithm and header. The rest is an attempt to keep us busy. */
const MAX_CREDENTIALS = 6;

/**
 * Checks the credentials of both headers (AUTH-02) and gives the first that are right, else the first
 * that name a realm of ours. Undefined where there are none that can be read: such a request is
 * challenged like one without credentials.
 */
export function examineCredentials(
  configuration: AuthConfiguration,
  request: AuthenticateRequest,
  atMs: number,
): Examined | undefined {
  let wrong: Examined | undefined;
  for (const { credentials, header } of credentialsOf(request)) {
    const examined = examine(configuration, request, { credentials, atMs });
    if (examined.fault === undefined) return examined;
    examined.explanation = withHeader(examined.explanation, header, configuration);
    if (wrong === undefined || wrong.fault === 'wrong realm') wrong = examined;
  }
  return wrong;
}

/** The same for a repetition of the request, and for nothing else (edge.md §6.5, AUTH-10). */
export function fingerprintOf(request: AuthenticateRequest, credentials: Credentials): string {
  const { method, requestUri, sourceAddress, sipCallId, cseq } = request;
  const { username, realm, uri, response, nc = '', cnonce = '' } = credentials;
  // Request-URI and source are part of it, so that credentials that were overheard are no ticket for
  // another call; the URI in the credentials need not be that of the request (many clients differ).
  const call = `${method}\n${requestUri}\n${sourceAddress}\n${sipCallId}\n${String(cseq)}`;
  return shortHash(`${call}\n${username}\n${realm}\n${uri}\n${nc}\n${cnonce}\n${response}`);
}

/** One authentication session: all that comes from one address under one Call-ID (AUTH-06). */
export function sessionOf({ sourceAddress, sipCallId }: AuthenticateRequest): string {
  return shortHash(`${sourceAddress}\n${sipCallId}`);
}

type Header = 'Authorization' | 'Proxy-Authorization';

function* credentialsOf({ authorization, proxyAuthorization }: AuthenticateRequest): Generator<{
  readonly credentials: Credentials;
  readonly header: Header;
}> {
  for (let at = 0; at < MAX_CREDENTIALS; at += 1) {
    const isProxy = at >= authorization.length;
    const value = isProxy ? proxyAuthorization[at - authorization.length] : authorization[at];
    if (value === undefined) return;
    const credentials = readCredentials(value);
    const header = isProxy ? 'Proxy-Authorization' : 'Authorization';
    if (credentials !== undefined) yield { credentials, header };
  }
}

/** AUTH-15: the header is none that the challenge asked for. It would do (AUTH-02), but says of what kind the sender is. */
function withHeader(explanation: string, header: Header, { terms }: AuthConfiguration): string {
  const expected = challengeHeaders[terms.challengeMode];
  if (expected.split(' or ').includes(header)) return explanation;
  const told = `sent ${header}, expected ${expected}`;
  return explanation === '' ? told : `${explanation}; ${told}`;
}

function readCredentials(value: string): Credentials | undefined {
  const read = readOrFault(value);
  return typeof read === 'string' ? undefined : read;
}

/** AUTH-15: which parameter of credentials is missing or wrong: "nonce is missing". */
export function unreadableIn(value: string): string {
  const read = readOrFault(value);
  return typeof read === 'string' ? read : '';
}

function readOrFault(value: string): Credentials | string {
  try {
    return parseCredentials(value);
  } catch (error) {
    if (error instanceof SipParseError) return error.message;
    throw error;
  }
}

function examine(
  configuration: AuthConfiguration,
  request: AuthenticateRequest,
  { credentials, atMs }: { readonly credentials: Credentials; readonly atMs: number },
): Examined {
  const { origins } = configuration;
  const realm = fromWire(credentials.realm);
  // Failures in another realm count against the same terminal, or the limits would tell who exists.
  const origin = origins.byUsername(fromWire(credentials.username));
  const named = origin?.realm === realm ? origin : undefined;
  const algorithms = origin?.algorithms ?? configuration.settings.algorithms;
  const means = meansOf(algorithms, request, credentials);
  const wrong = { credentials, origin, isPrevious: false };
  if ('fault' in means) return { ...wrong, ...means };
  const { algorithm, bodyDigest } = means;
  const { method } = request;
  // AUTH-05: for who is unknown, or has one password, the same digests are computed, so that the time tells nothing.
  const proves = (password: KeptPassword | undefined): boolean => {
    const secret =
      password === undefined || named === undefined
        ? unknownHa1[algorithm]
        : ha1Of(configuration, named, { password, algorithm });
    return verifyCredentials({ credentials, ha1: secret, method, bodyDigest });
  };
  const isRight = proves(named?.password);
  const isPrevious = !isRight && proves(previousOf(named, atMs));
  if (named !== undefined) {
    if (isRight || isPrevious)
      return { credentials, origin, fault: undefined, isPrevious, explanation: '' };
    return { ...wrong, ...wrongResponse(credentials, algorithm) };
  }
  if (origin !== undefined || !origins.isOwnRealm(realm)) {
    const expected = origin?.realm ?? origins.defaultRealm;
    const explanation = `sent realm ${quoted(realm)}, expected ${quoted(expected)}`;
    return { ...wrong, fault: 'wrong realm', explanation };
  }
  return { ...wrong, ...unknownUser(fromWire(credentials.username), origins) };
}

type Fault = Pick<Examined, 'explanation'> & { readonly fault: CredentialsFault };

/** AUTH-15: what no password makes is told from what another one makes. */
function wrongResponse({ response }: Credentials, algorithm: ChallengeAlgorithm): Fault {
  const { length } = unknownHa1[algorithm];
  if (response.length === length && /^[0-9a-f]+$/i.test(response)) {
    return { fault: 'wrong password', explanation: '' };
  }
  const explanation = `sent a response of ${String(response.length)} characters, expected ${String(length)} hexadecimal digits (${algorithm})`;
  return { fault: 'response of another form', explanation };
}

function unknownUser(username: string, origins: Pick<Origins, 'spellingOf'>): Fault {
  if (username === '') {
    return { fault: 'unknown user', explanation: 'sent an empty user name' };
  }
  const spelling = origins.spellingOf(username);
  if (spelling !== undefined) {
    const explanation = `sent user name ${quoted(username)}, expected ${quoted(spelling)}`;
    return { fault: 'unknown user', explanation };
  }
  const at = username.lastIndexOf('@');
  if (at === -1) return { fault: 'unknown user', explanation: '' };
  const explanation = `sent user name ${quoted(username)}, expected one without a domain, such as ${quoted(username.slice(0, at))}`;
  return { fault: 'user name with a domain', explanation };
}

/** The algorithm and what is known of the body, or why there is nothing to be computed with. */
function meansOf(
  algorithms: readonly ChallengeAlgorithm[],
  { bodyDigests }: AuthenticateRequest,
  credentials: Credentials,
): { readonly algorithm: ChallengeAlgorithm; readonly bodyDigest: string } | Fault {
  const { qop = 'auth' } = credentials;
  const algorithm = offeredAlgorithm(algorithms, credentials);
  if (algorithm === undefined) {
    const explanation = `sent algorithm ${quoted(credentials.algorithm ?? 'MD5')}, expected ${algorithms.join(' or ')}`;
    return { fault: 'algorithm not offered', explanation };
  }
  if (qop !== 'auth' && qop !== 'auth-int') {
    return { fault: 'qop not offered', explanation: `sent qop ${quoted(qop)}, expected qop=auth` };
  }
  const bodyDigest = qop === 'auth-int' ? bodyDigests[algorithm] : '';
  if (bodyDigest === undefined) {
    const explanation = 'sent qop=auth-int, expected qop=auth';
    return { fault: 'auth-int without a digest of the body', explanation };
  }
  return { algorithm, bodyDigest };
}

/** What was sent is text of strangers. */
function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 64));
}

/** Session variants (`MD5-sess`) are never offered, so they are not accepted either. */
function offeredAlgorithm(
  offered: readonly ChallengeAlgorithm[],
  credentials: Credentials,
): ChallengeAlgorithm | undefined {
  const algorithm = digestAlgorithm(credentials.algorithm);
  return offered.find((known) => known === algorithm);
}

/** AUTH-13: the password before, while it is still right. */
function previousOf(
  { previousPassword }: Partial<Pick<PasswordOrigin, 'previousPassword'>> = {},
  atMs: number,
): KeptPassword | undefined {
  return previousPassword !== undefined && atMs < previousPassword.untilMs
    ? previousPassword
    : undefined;
}

/** AUTH-12: the password is opened for this alone, and only what it makes is kept, in memory. */
function ha1Of(
  { settings }: AuthConfiguration,
  { username, realm }: Pick<PasswordOrigin, 'username' | 'realm'>,
  {
    password,
    algorithm,
  }: { readonly password: KeptPassword; readonly algorithm: ChallengeAlgorithm },
): string {
  let secret = password.ha1.get(algorithm);
  if (secret === undefined) {
    secret = ha1(algorithm, username, realm, settings.openPassword(password.sealed));
    password.ha1.set(algorithm, secret);
  }
  return secret;
}

/** As long as real ones; no password makes them. */
const unknownHa1: Readonly<Record<ChallengeAlgorithm, string>> = {
  MD5: '0'.repeat(32),
  'SHA-256': '0'.repeat(64),
  'SHA-512-256': '0'.repeat(64),
};

/** 128 bits of SHA-256: short in the store, and nobody finds a second text for it. */
function shortHash(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, 22);
}

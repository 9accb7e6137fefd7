import { timingSafeEqual } from 'node:crypto';
import { fromWire, toWire } from '../message/characters.ts';
import { SipParseError } from '../message/parse-error.ts';
import {
  digestAlgorithm,
  digestHash,
  isSessionAlgorithm,
  type DigestAlgorithm,
} from './algorithms.ts';
import type { Challenge } from './challenge.ts';
import { formatCredentials, type Credentials } from './credentials.ts';

const emptyBody = Buffer.alloc(0);

/** The ingredients of a digest; see {@link digestResponse}. */
export interface DigestInput {
  readonly algorithm: DigestAlgorithm;
  /** H(username:realm:password), as {@link ha1} gives it; the session variants add to it here. */
  readonly ha1: string;
  readonly nonce: string;
  /** Undefined for the old form without qop. */
  readonly qop?: string | undefined;
  /** Eight hexadecimal digits; needed with qop. */
  readonly nc?: string | undefined;
  /** Needed with qop and by the session variants. */
  readonly cnonce?: string | undefined;
  readonly method: string;
  readonly uri: string;
  /** Counts with qop=auth-int. @default empty */
  readonly body?: Buffer | undefined;
  /** Lower-case hexadecimal H(body), where the body itself is not at hand. @default computed */
  readonly bodyDigest?: string | undefined;
}

/**
 * H(username:realm:password): what stands for the password in every digest. It depends on the hash
 * only, so that MD5 and MD5-sess share one. The arguments are text (hashed as UTF-8, RFC 7616 §4).
 */
export function ha1(
  algorithm: DigestAlgorithm,
  username: string,
  realm: string,
  password: string,
): string {
  return digestHash(algorithm, Buffer.from(`${username}:${realm}:${password}`, 'utf8'));
}

/** The response of RFC 7616 §3.4.1 (with qop) or RFC 2617 §3.2.2.1 (without), in lower-case hexadecimal. */
export function digestResponse(input: DigestInput): string {
  const { algorithm, nonce, qop, nc = '', cnonce = '', method, uri, body = emptyBody } = input;
  const secret = isSessionAlgorithm(algorithm)
    ? digestHash(algorithm, `${input.ha1}:${nonce}:${cnonce}`)
    : input.ha1;
  const request =
    qop === 'auth-int'
      ? `${method}:${uri}:${input.bodyDigest ?? digestHash(algorithm, body)}`
      : `${method}:${uri}`;
  const ha2 = digestHash(algorithm, request);
  return digestHash(
    algorithm,
    qop === undefined
      ? `${secret}:${nonce}:${ha2}`
      : `${secret}:${nonce}:${nc}:${cnonce}:${qop}:${ha2}`,
  );
}

/** What {@link answerChallenge} needs. */
export interface AnswerInput {
  readonly challenge: Challenge;
  /** Text, not bytes. */
  readonly username: string;
  /** Text, not bytes. */
  readonly password: string;
  readonly method: string;
  /** The Request-URI of the request that will carry the answer. */
  readonly uri: string;
  /** Its body, for qop=auth-int. @default empty */
  readonly body?: Buffer;
  /** Random, the caller's; used where the challenge offers qop or a session variant. */
  readonly cnonce: string;
  /** How often this nonce was answered, this time included. @default 1 */
  readonly nc?: number;
}

/**
 * The value for Authorization (after a 401) or Proxy-Authorization (after a 407).
 * @throws SipParseError SIP_BAD_CHALLENGE when {@link pickChallenge} would not have picked it.
 */
export function answerChallenge(input: AnswerInput): string {
  const { challenge, method, uri, cnonce } = input;
  const algorithm = digestAlgorithm(challenge.algorithm);
  const qop = answeredQop(challenge);
  if (algorithm === undefined || (qop === undefined && challenge.qop.length > 0)) {
    throw new SipParseError('SIP_BAD_CHALLENGE', 'the algorithm or quality is unknown');
  }
  const { realm, nonce, opaque } = challenge;
  const secret = ha1(algorithm, input.username, fromWire(realm), input.password);
  const nc = qop === undefined ? undefined : (input.nc ?? 1).toString(16).padStart(8, '0');
  const usedCnonce = qop !== undefined || isSessionAlgorithm(algorithm) ? cnonce : undefined;
  const proof = { algorithm, ha1: secret, nonce, qop, nc, cnonce: usedCnonce, method, uri };
  return formatCredentials({
    username: toWire(input.username),
    realm,
    nonce,
    uri,
    response: digestResponse({ ...proof, body: input.body }),
    algorithm: challenge.algorithm,
    opaque,
    cnonce: usedCnonce,
    qop,
    nc,
  });
}

/** What {@link verifyCredentials} compares. */
export interface VerifyInput {
  readonly credentials: Credentials;
  /** What {@link ha1} gives for the algorithm of the credentials. */
  readonly ha1: string;
  readonly method: string;
  /** For qop=auth-int. @default empty */
  readonly body?: Buffer;
  /** Lower-case hexadecimal H(body), where the body itself is not at hand. @default computed */
  readonly bodyDigest?: string;
}

/**
 * Do the credentials prove the password? The comparison takes the same time wherever it differs.
 * Nonce, nc, realm and the URI are the caller's to check.
 */
export function verifyCredentials(input: VerifyInput): boolean {
  const { credentials, ha1: secret, method, body, bodyDigest } = input;
  const algorithm = digestAlgorithm(credentials.algorithm);
  const isKnownQop = credentials.qop === undefined || knownQop.has(credentials.qop);
  if (algorithm === undefined || !isKnownQop) {
    return false;
  }
  const expected = digestResponse({
    ...credentials,
    algorithm,
    ha1: secret,
    method,
    body,
    bodyDigest,
  });
  return isSameHex(expected, credentials.response);
}

const knownQop = new Set(['auth', 'auth-int']);

function answeredQop({ qop }: Challenge): 'auth' | 'auth-int' | undefined {
  if (qop.includes('auth')) {
    return 'auth';
  }
  return qop.includes('auth-int') ? 'auth-int' : undefined;
}

/** The length of a hash is no secret; its content is. */
function isSameHex(expected: string, given: string): boolean {
  if (given.length !== expected.length) {
    return false;
  }
  return timingSafeEqual(
    Buffer.from(expected, 'latin1'),
    Buffer.from(given.toLowerCase(), 'latin1'),
  );
}

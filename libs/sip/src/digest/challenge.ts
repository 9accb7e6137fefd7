import { quote, trimmedSlice } from '../message/characters.ts';
import { SipParseError } from '../message/parse-error.ts';
import { digestAlgorithm, digestAlgorithms } from './algorithms.ts';
import { parseDigestParams } from './auth-params.ts';

/** What WWW-Authenticate or Proxy-Authenticate asks for. Text is one character per byte. */
export interface Challenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque?: string | undefined;
  /** As written; undefined means MD5. */
  readonly algorithm?: string | undefined;
  /** The qualities offered, lower case; empty for the old form without qop. */
  readonly qop: readonly string[];
  readonly stale: boolean;
  readonly domain?: string | undefined;
}

/**
 * Reads one challenge (SIP has one per header line).
 * @throws SipParseError SIP_BAD_CHALLENGE, or SIP_UNKNOWN_AUTH_SCHEME when it is not Digest
 */
export function parseChallenge(value: string): Challenge {
  const params = parseDigestParams(value, 'SIP_BAD_CHALLENGE');
  const realm = params.get('realm');
  const nonce = params.get('nonce');
  if (realm === undefined || nonce === undefined) {
    throw new SipParseError('SIP_BAD_CHALLENGE', 'realm or nonce is missing');
  }
  return {
    realm,
    nonce,
    opaque: params.get('opaque'),
    algorithm: params.get('algorithm'),
    qop: (params.get('qop') ?? '')
      .toLowerCase()
      .split(',')
      .map((quality) => trimmedSlice(quality))
      .filter((quality) => quality !== ''),
    stale: params.get('stale')?.toLowerCase() === 'true',
    domain: params.get('domain'),
  };
}

/** The value of the header. */
export function formatChallenge(challenge: Challenge): string {
  const { realm, nonce, opaque, algorithm, qop, stale, domain } = challenge;
  let text = `Digest realm=${quote(realm)}`;
  if (domain !== undefined) {
    text += `,domain=${quote(domain)}`;
  }
  if (qop.length > 0) {
    text += `,qop=${quote(qop.join(','))}`;
  }
  text += `,nonce=${quote(nonce)}`;
  if (opaque !== undefined) {
    text += `,opaque=${quote(opaque)}`;
  }
  if (stale) {
    text += ',stale=true';
  }
  return algorithm === undefined ? text : `${text},algorithm=${algorithm}`;
}

/**
 * The challenge of a realm to answer: the one with the strongest algorithm among those that are known here with their quality,
 * of equals the first. That order is the client's policy (RFC 8760 §2.4): whoever can put a weaker one on top must gain
 * nothing by it. Undefined when none can be answered.
 */
export function pickChallenge<T extends Challenge>(challenges: readonly T[]): T | undefined {
  let best: T | undefined;
  let bestStrength = -1;
  for (const challenge of challenges) {
    const strength = strengthOf(challenge);
    if (strength <= bestStrength) continue;
    best = challenge;
    bestStrength = strength;
  }
  return best;
}

/** -1 for what cannot be answered. */
function strengthOf({ algorithm, qop }: Challenge): number {
  const known = digestAlgorithm(algorithm);
  const hasQuality = qop.length === 0 || qop.includes('auth') || qop.includes('auth-int');
  return known === undefined || !hasQuality ? -1 : digestAlgorithms.indexOf(known);
}

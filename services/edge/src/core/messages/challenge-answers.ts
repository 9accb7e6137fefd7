import { answerChallenge, parseChallenge, parseCredentials, pickChallenge } from '@tandem/sip';
import type { Challenge, Credentials, SipResponse } from '@tandem/sip';

/** A header that answers a challenge. */
export interface Authorization {
  readonly header: 'Authorization' | 'Proxy-Authorization';
  readonly value: string;
}

/** Who the switch is at a carrier (AUTH-11). */
export interface GatewayCredentials {
  readonly gateway: string;
  /** '' where the gateway has none. */
  readonly username: string;
  readonly password: string;
}

/** What is said of a challenge: the headers of the next request, or why there is none. */
export type ChallengeOutcome =
  | { readonly kind: 'answered'; readonly authorizations: readonly Authorization[] }
  | { readonly kind: 'refused'; readonly cause: string };

/** What an answer is made from, besides the challenge. */
export interface ChallengedParts {
  readonly credentials: GatewayCredentials;
  /** The request that is sent again. */
  readonly method: string;
  readonly uri: string;
  readonly passedBody: Buffer;
  /** What the challenged request said already, and how many challenges came before this one. */
  readonly authorizations: readonly Authorization[];
  readonly round: number;
  /** Anything that the carrier could not know before: one for each answer. */
  readonly cnonce: () => string;
}

/** A nonce that keeps going stale is a loop, not a challenge (AUTH-11). */
const MOST_ROUNDS_PER_REALM = 3;
/** More hops than these have passwords of their own nowhere. */
const MOST_REALMS = 4;

/** A realm that is asked for, and the header that answers it. */
interface Asked {
  readonly header: Authorization['header'];
  readonly challenge: Challenge;
}

/**
 * AUTH-11: the headers that answer a carrier's 401 or 407 (RFC 3261 §22.2, §22.3). Each hop on the way may ask for a realm of
 * its own, one after the other or several at once; what was answered before is said again, with its next nonce count. A realm
 * that asks again has refused what we are, unless its nonce was stale.
 */
export function answersTo(response: SipResponse, parts: ChallengedParts): ChallengeOutcome {
  if (parts.credentials.username === '') {
    return refused('the gateway wants credentials and none are configured');
  }
  const asked = askedIn(response);
  if (asked.length === 0) return refused('the gateway asks in a way that is not known here');
  const known = parts.authorizations.map((authorization) => ({
    authorization,
    said: credentialsOf(authorization),
  }));
  const fresh = asked.filter(
    ({ header, challenge }) =>
      challenge.stale ||
      !known.some(
        ({ authorization, said }) =>
          authorization.header === header && said?.realm === challenge.realm,
      ),
  );
  if (fresh.length === 0) return refused('the gateway refused our username or password');
  const authorizations: Authorization[] = [];
  for (const { authorization, said } of known) {
    const { header } = authorization;
    const isReplaced = fresh.some(
      ({ header: other, challenge }) => other === header && challenge.realm === said?.realm,
    );
    if (!isReplaced) authorizations.push(saidAgain(authorization, said, parts));
  }
  for (const { header, challenge } of fresh) {
    authorizations.push({ header, value: answered(challenge, parts) });
  }
  const most = MOST_ROUNDS_PER_REALM * Math.min(authorizations.length, MOST_REALMS);
  if (parts.round >= most || authorizations.length > MOST_REALMS) {
    return refused('the gateway asks again and again');
  }
  return { kind: 'answered', authorizations };
}

/** Those of headers that were stored which are known here. */
export function readAuthorizations(
  stored: readonly { readonly header: string; readonly value: string }[],
): readonly Authorization[] {
  return stored.flatMap(({ header, value }) =>
    header === 'Authorization' || header === 'Proxy-Authorization' ? [{ header, value }] : [],
  );
}

/** The realms of a challenge, for log and decisions. */
export function realmsOf(authorizations: readonly Authorization[]): string {
  return authorizations.map((each) => credentialsOf(each)?.realm ?? '?').join(', ');
}

function refused(cause: string): ChallengeOutcome {
  return { kind: 'refused', cause };
}

/**
 * What a response asks for: of each realm the best that is known here. The header of its own status counts first; a realm that
 * stands in both is one that takes either.
 */
function askedIn({ status, headers }: SipResponse): readonly Asked[] {
  const proxy = asksOf(eachIn(headers.list('Proxy-Authenticate')), 'Proxy-Authorization');
  const server = asksOf(eachIn(headers.list('WWW-Authenticate')), 'Authorization');
  const [own, other] = status === 407 ? [proxy, server] : [server, proxy];
  const isOwn = ({ challenge: { realm } }: Asked): boolean =>
    own.some(({ challenge }) => challenge.realm === realm);
  return [...own, ...other.filter((each) => !isOwn(each))];
}

/** RFC 3261 §7.3.1: each has a line of its own; those that some put into one, as in HTTP, begin with their scheme. */
function eachIn(parameters: readonly string[]): readonly string[] {
  const values: string[] = [];
  for (const parameter of parameters) {
    const isFirst = values.length === 0 || /^[\w-]+(\s+[\w-]+\s*=|\s*$)/.test(parameter);
    const last = isFirst ? undefined : values.pop();
    values.push(last === undefined ? parameter : `${last},${parameter}`);
  }
  return values;
}

function asksOf(values: readonly string[], header: Authorization['header']): readonly Asked[] {
  const byRealm = new Map<string, Challenge[]>();
  for (const value of values) {
    const challenge = readable(value);
    if (challenge === undefined) continue;
    const ofRealm = byRealm.get(challenge.realm);
    if (ofRealm === undefined) byRealm.set(challenge.realm, [challenge]);
    else ofRealm.push(challenge);
  }
  return [...byRealm.values()].flatMap((challenges) => {
    const challenge = pickChallenge(challenges);
    return challenge === undefined ? [] : [{ header, challenge }];
  });
}

/** A scheme or form that is not spoken here; another header line may be. */
function readable(value: string): Challenge | undefined {
  try {
    return parseChallenge(value);
  } catch {
    return undefined;
  }
}

function credentialsOf({ value }: Authorization): Credentials | undefined {
  try {
    return parseCredentials(value);
  } catch {
    return undefined; // Written by a pod of another version.
  }
}

/** RFC 7616 §3.4: a nonce that is used again is counted. */
function saidAgain(
  authorization: Authorization,
  said: Credentials | undefined,
  parts: ChallengedParts,
): Authorization {
  if (said?.qop === undefined) return authorization;
  const { realm, nonce, opaque, algorithm, qop, nc = '0' } = said;
  const challenge = { realm, nonce, opaque, algorithm, qop: [qop], stale: false };
  const value = answered(challenge, parts, Number.parseInt(nc, 16) + 1);
  return { header: authorization.header, value };
}

function answered(challenge: Challenge, parts: ChallengedParts, nc = 1): string {
  const { username, password } = parts.credentials;
  const { method, uri, passedBody, cnonce } = parts;
  return answerChallenge({
    challenge,
    username,
    password,
    method,
    uri,
    body: passedBody,
    cnonce: cnonce(),
    nc,
  });
}

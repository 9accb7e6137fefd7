import {
  answerChallenge,
  cseq,
  ha1,
  digestAlgorithm,
  parseChallenge,
  parseCredentials,
  pickChallenge,
  SipParseError,
  SipRequest,
  verifyCredentials,
  type Challenge,
  type SipResponse,
} from '@tandem/sip';
import { randomBytes } from 'node:crypto';

/** Who a peer says it is. */
export interface PeerCredentials {
  readonly username: string;
  readonly password: string;
}

/**
 * The same request with the next CSeq, another branch and the answer to the challenge of a 401 or 407, in the header
 * that belongs to it; undefined when the response holds no challenge that can be answered.
 */
export function answeredRequest(
  request: SipRequest,
  response: SipResponse,
  { username, password, branch }: PeerCredentials & { readonly branch: string },
): SipRequest | undefined {
  const isProxy = response.status === 407;
  const asked = response.headers.getAll(isProxy ? 'Proxy-Authenticate' : 'WWW-Authenticate');
  const challenge = pickChallenge(asked.flatMap(readableChallenge));
  if (challenge === undefined) return undefined;
  const { method, uri, body } = request;
  const cnonce = randomBytes(8).toString('hex');
  const answer = answerChallenge({ challenge, username, password, method, uri, body, cnonce });
  const headers = request.headers.clone();
  headers.set(isProxy ? 'Proxy-Authorization' : 'Authorization', answer);
  headers.set('CSeq', `${String(cseq(request).number + 1)} ${method}`);
  headers.set('Via', (headers.get('Via') ?? '').replace(/branch=[^;]*/, `branch=${branch}`));
  return new SipRequest(method, uri, headers, body);
}

function readableChallenge(value: string): Challenge[] {
  try {
    return [parseChallenge(value)];
  } catch (error) {
    if (error instanceof SipParseError) return [];
    throw error;
  }
}

/** Do the credentials in a request, in either header, prove this password? */
export function provesPassword(
  request: SipRequest,
  { username, password }: PeerCredentials,
): boolean {
  const value = request.headers.get('Authorization') ?? request.headers.get('Proxy-Authorization');
  if (value === undefined) return false;
  const credentials = parseCredentials(value);
  const algorithm = digestAlgorithm(credentials.algorithm);
  if (algorithm === undefined || credentials.username !== username) return false;
  const secret = ha1(algorithm, username, credentials.realm, password);
  const { method, body } = request;
  return verifyCredentials({ credentials, ha1: secret, method, body });
}

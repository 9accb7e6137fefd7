import { createHash } from 'node:crypto';
import { readUsername } from '@tandem/domain';
import type { AuthenticateRequest } from '@tandem/proto/auth';
import { bareHost, cseq, from, parseUri, readableText, to, topVia, transportOf, userOf } from '@tandem/sip'; // prettier-ignore
import type { SipRequest } from '@tandem/sip';
import { isIPv4, isIPv6 } from '../network/ip-literal.ts';
import type { PeerAddress } from '../network/peer-address.ts';

/** What the auth service is told of a request. */
export function authenticateRequest(
  request: SipRequest,
  parts: {
    readonly source: PeerAddress;
    readonly traceParent: string;
    /** CALL-07: the network hides where clients send from. */
    readonly isSourceHidden: boolean;
  },
): AuthenticateRequest {
  const { headers } = request;
  const caller = userAndHost(from(request).uri);
  const callee = userAndHost(to(request).uri);
  const message: AuthenticateRequest = {
    traceParent: parts.traceParent,
    method: request.method,
    requestUri: request.uri,
    sourceAddress: parts.source.address,
    sourcePort: parts.source.port,
    transport: transportOf(parts.source).name,
    fromUser: caller.user,
    fromHost: caller.host,
    toUser: callee.user,
    toHost: callee.host,
    sipCallId: headers.get('Call-ID') ?? '',
    cseq: cseq(request).number,
    authorization: headers.getAll('Authorization'),
    proxyAuthorization: headers.getAll('Proxy-Authorization'),
    userAgent: readableText(headers.get('User-Agent') ?? ''),
    bodyDigests: {},
    sourceHidden: parts.isSourceHidden,
    certificate: parts.source.certificate ?? '',
    sentBy: sentBy(request, parts.source),
    ...signatureOf(request),
  };
  if (message.authorization.some(coversBody) || message.proxyAuthorization.some(coversBody)) {
    message.bodyDigests = bodyDigests(request.body);
  }
  return message;
}

type SignatureFacts = Pick<
  AuthenticateRequest,
  'identity' | 'assertedIdentity' | 'fromUri' | 'date'
>;

const unsigned: SignatureFacts = { identity: [], assertedIdentity: [], fromUri: '', date: '' };

/** CALL-12: what a signature is held against; nothing where there is none. */
function signatureOf(request: SipRequest): SignatureFacts {
  const { headers } = request;
  if (!headers.has('Identity')) return unsigned;
  return {
    identity: headers.list('Identity'),
    assertedIdentity: [...headers.list('P-Asserted-Identity'), ...headers.list('Remote-Party-ID')],
    fromUri: from(request).uri,
    date: headers.get('Date') ?? '',
  };
}

/** What people ask after by its Call-ID. */
const asked: ReadonlySet<string> = new Set(['INVITE', 'REGISTER']);

/** CALL-07: where its sender believes to be, where that is elsewhere than it was heard. */
function sentBy(request: SipRequest, source: PeerAddress): string | undefined {
  if (!asked.has(request.method)) return undefined;
  const host = bareHost(topVia(request).host);
  return host !== source.address && (isIPv4(host) || isIPv6(host)) ? host : undefined;
}

function coversBody(credentials: string): boolean {
  return /qop\s*=\s*"?auth-int/i.test(credentials);
}

/** Only for qop=auth-int, by the names that the credentials use (RFC 8760 §2.6). */
function bodyDigests(body: Buffer): Record<string, string> {
  const digest = (algorithm: string): string => createHash(algorithm).update(body).digest('hex');
  return { MD5: digest('md5'), 'SHA-256': digest('sha256'), 'SHA-512-256': digest('sha512-256') };
}

function userAndHost(uri: string): { user: string; host: string } {
  const user = readUsername(userOf(uri));
  try {
    return { user, host: parseUri(uri).host };
  } catch {
    return { user, host: '' }; // Not a URI with a user: nobody we know.
  }
}

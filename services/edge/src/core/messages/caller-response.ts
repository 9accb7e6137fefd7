import type { DialogTerms } from '@tandem/proto/routing';
import { SipResponse, responseTo } from '@tandem/sip';
import type { Headers, SipRequest } from '@tandem/sip';
import { challengePhrases, refusals, requestRefusals } from '@tandem/domain';
import type { Refusal, RefusalReason, RequestRefusal, RequestRefusalReason } from '@tandem/domain';
import type { LocalIdentity } from '../network/local-identity.ts';
import { ALLOWED_METHODS, PRODUCT } from '../network/local-identity.ts';
import type { PeerAddress } from '../network/peer-address.ts';
import { confirmSession, confirmedInterval } from '../dialog/session-timers.ts';
import { copyPassingHeaders, supportedOptions } from './header-policy.ts';
import { contactValue } from './local-headers.ts';
import { hasPrack, withoutReliability } from './provisional-options.ts';

/** 100 Trying: the caller may stop repeating its INVITE, so it is only sent once the call can be recovered. */
export function trying(invite: SipRequest): SipResponse {
  return responseTo(invite, 100, 'Trying');
}

/** A carrier's provisional or final response as the caller gets it: the same on whichever pod it is made. */
export function relayedResponse(options: {
  readonly invite: SipRequest;
  readonly response: SipResponse;
  /** What the body step has made of the response's. */
  readonly passedBody: Buffer;
  readonly toTag: string;
  readonly local: LocalIdentity;
  /** User part of our Contact, where the response opens a dialog. */
  readonly contactToken?: string | undefined;
  /** The caller's. @default 'udp' */
  readonly transport?: PeerAddress['transport'];
  /** Of the candidate that answers: CALL-05. @default none: the 2xx names no session interval but the callee's */
  readonly terms?: DialogTerms | undefined;
}): SipResponse {
  const { invite, response, contactToken } = options;
  const relayed = responseTo(invite, response.status, response.reason, { toTag: options.toTag });
  const { headers } = relayed;
  if (contactToken !== undefined) {
    // RFC 3261 §12.1.1: the Record-Route of the request, in its order.
    for (const route of invite.headers.getAll('Record-Route'))
      headers.append('Record-Route', route);
    const { local, transport } = options;
    headers.append('Contact', contactValue(local, contactToken, { transport }));
  }
  copyPassingHeaders(response.headers, headers);
  if (headers.has('RSeq') && !hasPrack(invite)) withoutReliability(headers);
  if (response.status >= 200 && response.status < 300) {
    if (!headers.has('Allow')) headers.append('Allow', ALLOWED_METHODS);
    confirmSession(headers, confirmedInterval(invite, options.terms));
  }
  headers.append('Server', PRODUCT);
  return new SipResponse(relayed.status, relayed.reason, headers, options.passedBody);
}

/** One of several early dialogs has ended (RFC 6228 §6): with what, says its Reason. */
export function dialogTerminated(
  invite: SipRequest,
  ended: { readonly toTag: string; readonly code: number },
): SipResponse {
  const response = responseTo(invite, 199, 'Early Dialog Terminated', { toTag: ended.toTag });
  const { headers } = response;
  if (ended.code >= 300) headers.append('Reason', `SIP;cause=${String(ended.code)}`);
  headers.append('Server', PRODUCT);
  return response;
}

/** How a refusal is said: the code and phrase of its reason, with Warning and Reason (behaviour §2). */
export interface RefusalResponse {
  readonly reason: RefusalReason;
  readonly toTag: string;
  readonly local: LocalIdentity;
  readonly retryAfterSeconds?: number | undefined;
}

/** The switch's own refusal of a request. */
export function refusal(request: SipRequest, options: RefusalResponse): SipResponse {
  const row: Refusal = refusals[options.reason];
  const response = responseTo(request, row.code, row.phrase, { toTag: options.toTag });
  const headers = response.headers;
  appendWarning(headers, options.local, row.warning);
  // RFC 3326 §2: the reason phrase of a response may differ from its cause's.
  headers.append('Reason', `SIP;cause=${String(row.code)};text="${options.reason}"`);
  // On the wire 0 is none.
  const { retryAfterSeconds: asked = 0 } = options;
  appendRetryAfter(headers, asked > 0 ? asked : row.retryAfterSeconds);
  headers.append('Server', PRODUCT);
  return response;
}

/** The callee's own final answer: as received, with a Warning that says it is the callee's. */
export function rejection(options: {
  readonly invite: SipRequest;
  readonly code: number;
  readonly phrase: string;
  readonly toTag: string;
  readonly local: LocalIdentity;
  readonly headers?: Headers | undefined;
}): SipResponse {
  const response = responseTo(options.invite, options.code, options.phrase, {
    toTag: options.toTag,
  });
  if (options.headers !== undefined) copyPassingHeaders(options.headers, response.headers);
  appendWarning(response.headers, options.local, 'Rejected by the called side');
  if (!response.headers.has('Reason')) {
    response.headers.append('Reason', `SIP;cause=${String(options.code)};text="Rejected"`);
  }
  response.headers.append('Server', PRODUCT);
  return response;
}

/** A challenge of the auth service (AUTH-02). */
export function challenge(
  invite: SipRequest,
  options: {
    readonly code: number;
    readonly wwwAuthenticate: readonly string[];
    readonly proxyAuthenticate: readonly string[];
    readonly toTag: string;
  },
): SipResponse {
  const phrase = challengePhrases[options.code === 401 ? 401 : 407];
  const response = responseTo(invite, options.code, phrase, { toTag: options.toTag });
  for (const value of options.wwwAuthenticate) response.headers.append('WWW-Authenticate', value);
  for (const value of options.proxyAuthenticate) {
    response.headers.append('Proxy-Authenticate', value);
  }
  response.headers.append('Server', PRODUCT);
  return response;
}

/** How the switch answers a request that is no call: OK, or a refusal and what the request's own fault adds to it. */
export interface RequestAnswer {
  readonly answer: 'OK' | RequestRefusalReason;
  /** @default that of the refusal */
  readonly warning?: string | undefined;
  readonly unsupported?: readonly string[] | undefined;
  /** RFC 4028 §6: what a 422 asks for at least. */
  readonly minSeSeconds?: number | undefined;
}

/** A response to a request that is neither a call nor passed on in one: OPTIONS, a method we do not take, a bad request. */
export function requestAnswer(
  request: SipRequest,
  options: RequestAnswer & { readonly toTag: string; readonly local: LocalIdentity },
): SipResponse {
  const { answer, toTag, local, minSeSeconds, unsupported = [] } = options;
  const isOk = answer === 'OK';
  const row: RequestRefusal = isOk ? OK : requestRefusals[answer];
  const response = responseTo(request, row.code, row.phrase, { toTag });
  const { headers } = response;
  if (answer === 'MethodNotAllowed' || request.method === 'OPTIONS') {
    headers.append('Allow', ALLOWED_METHODS);
  }
  if (request.method === 'OPTIONS' && isOk) {
    // RFC 3261 §11.2: what an INVITE would be taken with.
    headers.append('Accept', 'application/sdp');
    headers.append('Supported', supportedOptions.join(', '));
  }
  const warning = options.warning ?? row.warning;
  if (warning !== undefined) appendWarning(headers, local, warning);
  appendRetryAfter(headers, row.retryAfterSeconds);
  if (minSeSeconds !== undefined) headers.append('Min-SE', String(minSeSeconds));
  if (unsupported.length > 0) headers.append('Unsupported', unsupported.join(', '));
  headers.append('Server', PRODUCT);
  return response;
}

const OK = { code: 200, phrase: 'OK' } as const;

function appendRetryAfter(headers: Headers, seconds: number | undefined): void {
  if (seconds !== undefined) headers.append('Retry-After', String(seconds));
}

function appendWarning(headers: Headers, local: LocalIdentity, text: string): void {
  headers.append('Warning', `399 ${local.host} "${text.replaceAll(/["\\]/g, "'")}"`);
}

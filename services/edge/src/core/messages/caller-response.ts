import type { DialogTerms } from '@tandem/proto/routing';
import { SipResponse, isSipsUri, responseTo } from '@tandem/sip';
import type { Headers, SipRequest } from '@tandem/sip';
import {
  causeOfCode,
  challengePhrases,
  q850Cause,
  refusals,
  requestRefusals,
} from '@tandem/domain';
import type { Refusal, RefusalReason, RequestRefusal, RequestRefusalReason } from '@tandem/domain';
import type { LocalName } from '../network/local-addresses.ts';
import { appendProduct } from './product.ts';
import type { PeerAddress } from '../network/peer-address.ts';
import { confirmSession, confirmedInterval } from '../dialog/session-timers.ts';
import { copyPassingHeaders, supportedOptions } from './header-policy.ts';
import { passIdentity } from './identity.ts';
import { contactValue } from './local-headers.ts';
import { CALL_METHODS, TAKEN_METHODS } from './methods.ts';
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
  readonly local: LocalName;
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
    const isSips = isSipsUri(invite.uri);
    headers.append('Contact', contactValue(local, contactToken, { transport, isSips }));
  }
  copyPassingHeaders(response.headers, headers, {
    name: 'answer',
    method: 'INVITE',
    status: response.status,
    passedBody: options.passedBody,
    relaysRefer: options.terms?.relaysRefer,
  });
  if (headers.has('RSeq') && !hasPrack(invite)) withoutReliability(headers);
  const { identityA: taker = 0, identityB: giver = 0 } = options.terms ?? {};
  const sides = { giver, taker, local: options.local, party: 'called' } as const;
  passIdentity({ from: response.headers, to: headers }, sides);
  if (response.status >= 200 && response.status < 300) {
    confirmSession(headers, confirmedInterval(invite, options.terms));
  }
  appendProduct(headers, 'Server', options.local.product);
  return new SipResponse(relayed.status, relayed.reason, headers, options.passedBody);
}

/** One of several early dialogs has ended (RFC 6228 §6): with what, says its Reason. */
export function dialogTerminated(
  invite: SipRequest,
  ended: { readonly toTag: string; readonly code: number; readonly local: LocalName },
): SipResponse {
  const response = responseTo(invite, 199, 'Early Dialog Terminated', { toTag: ended.toTag });
  const { headers } = response;
  if (ended.code >= 300) headers.append('Reason', `SIP;cause=${String(ended.code)}`);
  appendProduct(headers, 'Server', ended.local.product);
  return response;
}

/** How a refusal is said: the code and phrase of its reason, with Warning and Reason (behaviour §2). */
export interface RefusalResponse {
  readonly reason: RefusalReason;
  readonly toTag: string;
  readonly local: LocalName;
  readonly retryAfterSeconds?: number | undefined;
  /** In place of code and phrase of the reason: a map's. */
  readonly told?: { readonly code: number; readonly phrase: string } | undefined;
  /** Whether the caller wants a cause of Q.850 in any case. @default false */
  readonly makesCause?: boolean | undefined;
}

/** The switch's own refusal of a request. */
export function refusal(request: SipRequest, options: RefusalResponse): SipResponse {
  const row: Refusal = refusals[options.reason];
  const { code, phrase } = options.told ?? row;
  const response = responseTo(request, code, phrase, { toTag: options.toTag });
  const headers = response.headers;
  appendWarning(headers, options.local, row.warning, row.warnCode);
  // RFC 3326 §2: the reason phrase of a response may differ from its cause's.
  headers.append('Reason', `SIP;cause=${String(code)};text="${options.reason}"`);
  if (options.makesCause === true) appendCause(headers, code);
  // On the wire 0 is none.
  const { retryAfterSeconds: asked = 0 } = options;
  appendRetryAfter(headers, asked > 0 ? asked : row.retryAfterSeconds);
  appendProduct(headers, 'Server', options.local.product);
  return response;
}

/** The callee's own final answer: as received, with a Warning that says it is the callee's. */
export function rejection(options: {
  readonly invite: SipRequest;
  readonly code: number;
  readonly phrase: string;
  readonly toTag: string;
  readonly local: LocalName;
  /** As the carrier wrote it. @default nothing is known of it but what `code` and `phrase` say */
  readonly response?: SipResponse | undefined;
  /** What the body step has made of the response's. @default none passes */
  readonly passedBody?: Buffer | undefined;
  /** Whether the caller wants a cause of Q.850 in any case. @default false */
  readonly makesCause?: boolean | undefined;
}): SipResponse {
  const { code, response, passedBody = NO_BODY } = options;
  const refused = responseTo(options.invite, code, options.phrase, { toTag: options.toTag });
  const { headers } = refused;
  if (response !== undefined) {
    // By the carrier's own code: a Retry-After of its 503 does not pass in the 500 that is made of it.
    const { status } = response;
    const passage = { name: 'answer', method: 'INVITE', status, passedBody } as const;
    copyPassingHeaders(response.headers, headers, passage);
  }
  appendWarning(headers, options.local, 'Rejected by the called side');
  if (!headers.has('Reason')) {
    headers.append('Reason', `SIP;cause=${String(code)};text="Rejected"`);
  }
  if (options.makesCause === true) appendCause(headers, code);
  // RFC 3261 §8.1.3.4: whom a redirection names, where it is to pass.
  if (code < 400 && response !== undefined) headers.copyFrom(response.headers, contactOnly);
  appendProduct(headers, 'Server', options.local.product);
  return new SipResponse(code, options.phrase, headers, passedBody);
}

const NO_BODY = Buffer.alloc(0);
const contactOnly: ReadonlySet<string> = new Set(['contact']);

/** RFC 3398 §8.2.6.1: what has no cause of Q.850 gets that of its code, where that has one. */
function appendCause(headers: Headers, code: number): void {
  const cause = causeOfCode(code);
  if (cause === undefined || q850Cause(headers.getAll('Reason')) !== undefined) return;
  headers.append('Reason', `Q.850;cause=${String(cause)}`);
}

/** A challenge of the auth service (AUTH-02). */
export function challenge(
  invite: SipRequest,
  options: {
    readonly code: number;
    readonly wwwAuthenticate: readonly string[];
    readonly proxyAuthenticate: readonly string[];
    readonly toTag: string;
    readonly local: LocalName;
  },
): SipResponse {
  const phrase = challengePhrases[options.code === 401 ? 401 : 407];
  const response = responseTo(invite, options.code, phrase, { toTag: options.toTag });
  for (const value of options.wwwAuthenticate) response.headers.append('WWW-Authenticate', value);
  for (const value of options.proxyAuthenticate) {
    response.headers.append('Proxy-Authenticate', value);
  }
  appendProduct(response.headers, 'Server', options.local.product);
  return response;
}

/** How the switch answers a request that is no call: OK, or a refusal and what the request's own fault adds to it. */
export interface RequestAnswer {
  readonly answer: 'OK' | RequestRefusalReason;
  /** @default that of the refusal */
  readonly warning?: string | undefined;
  readonly unsupported?: readonly string[] | undefined;
  /** MESSAGE is taken out of a dialog. @default false */
  readonly takesMessages?: boolean | undefined;
  /** REGISTER is taken. @default false */
  readonly takesRegisters?: boolean | undefined;
  /** RFC 4028 §6: what a 422 asks for at least. */
  readonly minSeSeconds?: number | undefined;
}

/** A response to a request that is neither a call nor passed on in one: OPTIONS, a method we do not take, a bad request. */
export function requestAnswer(
  request: SipRequest,
  options: RequestAnswer & { readonly toTag: string; readonly local: LocalName },
): SipResponse {
  const { answer, toTag, local, minSeSeconds, unsupported = [] } = options;
  const isOk = answer === 'OK';
  const row: RequestRefusal = isOk ? OK : requestRefusals[answer];
  const response = responseTo(request, row.code, row.phrase, { toTag });
  const { headers } = response;
  // RFC 3261 §21.4.6, §11.2: what is taken where the request came, and what a call is led with.
  const messages = options.takesMessages === true ? ', MESSAGE' : '';
  const registers = options.takesRegisters === true ? ', REGISTER' : '';
  if (answer === 'MethodNotAllowed') headers.append('Allow', TAKEN_METHODS + messages + registers);
  else if (request.method === 'OPTIONS') headers.append('Allow', CALL_METHODS + messages);
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
  appendProduct(headers, 'Server', local.product);
  return response;
}

const OK = { code: 200, phrase: 'OK' } as const;

function appendRetryAfter(headers: Headers, seconds: number | undefined): void {
  if (seconds !== undefined) headers.append('Retry-After', String(seconds));
}

const MISCELLANEOUS = 399;

/** RFC 3261 §20.43. */
export function appendWarning(
  headers: Headers,
  local: LocalName,
  text: string,
  code: number = MISCELLANEOUS,
): void {
  headers.append('Warning', `${String(code)} ${local.host} "${text.replaceAll(/["\\]/g, "'")}"`);
}

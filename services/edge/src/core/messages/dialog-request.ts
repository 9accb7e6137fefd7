import { Headers, SipRequest, cseq, isSipsUri, maxForwards } from '@tandem/sip';
import type { DialogToken } from '../dialog/dialog-token.ts';
import type { LocalName } from '../network/local-addresses.ts';
import { appendProduct } from './product.ts';
import { confirmableSeconds, offerSession, usualConfirmation } from '../dialog/session-timers.ts';
import type { Authorization } from './challenge-answers.ts';
import { copyPassingHeaders } from './header-policy.ts';
import { passIdentity, writeCaller } from './identity.ts';
import type { CallerOnB } from './identity.ts';
import { contactValue, sessionVia, viaValue } from './local-headers.ts';
import { ledReferTo } from './refer.ts';
import { routeRequest } from './route-set.ts';

/** Requests whose Contact is the sender's new remote target (RFC 3261 §12.2, RFC 3311, RFC 6665). */
const targetRefreshes = new Set(['INVITE', 'UPDATE', 'SUBSCRIBE', 'NOTIFY', 'REFER']);

/** Whether the request moves its sender's remote target, so that the other side needs a new token. */
export function isTargetRefresh(request: SipRequest): boolean {
  return targetRefreshes.has(request.method) && request.headers.has('Contact');
}

/** What a request in a dialog is passed on with. */
export interface RelayedRequestParts {
  readonly request: SipRequest;
  readonly token: DialogToken;
  readonly branch: string;
  /** Branch of the Via that keeps the sender's lower ones, and `confirmedSeconds`. */
  readonly lowerBranch?: string | undefined;
  readonly local: LocalName;
  /** What the body step has made of the request's. */
  readonly passedBody: Buffer;
  /** What a 2xx is completed with; undefined where the token says it. */
  readonly confirmedSeconds?: number | undefined;
  /** What leads back to the sender, on a target refresh. */
  readonly contactToken?: string | undefined;
  /** Credentials that the ACK of an INVITE has to repeat. @default none */
  readonly authorizations?: readonly Authorization[] | undefined;
  /** Out of a dialog: who it is from, as routing says (CALL-12). @default whom its sender names */
  readonly caller?: CallerOnB | undefined;
  /** CSeq and RAck numbers in a dialog in which the switch has spoken. */
  readonly numbers?: DialogNumbers | undefined;
}

/** The number of the INVITE that a PRACK names (RFC 3262 §7.2). */
export function rackNumber({ headers }: SipRequest): number | undefined {
  const number = Number(headers.get('RAck')?.split(/\s+/)[1]);
  return Number.isInteger(number) ? number : undefined;
}

/** The numbers that a request has in the other dialog. */
export interface DialogNumbers {
  readonly cseq: number;
  /** Of the INVITE that a PRACK names. */
  readonly rack?: number | undefined;
}

/**
 * A request in the dialog as the other leg gets it, made from the request and the token alone: no call is looked up
 * (RFC 3261 §16.11 in spirit, two dialogs in fact).
 */
export function relayedRequest(parts: RelayedRequestParts): SipRequest {
  const { request, token, local } = parts;
  const { transport } = token.nextHop;
  const routed = routeRequest(token.target, token.routes);
  const headers = new Headers();
  appendVias(headers, parts);
  headers.append('Max-Forwards', String((maxForwards(request) ?? 71) - 1));
  for (const route of routed.routes) headers.append('Route', route);
  headers.append('From', `${token.localUri};tag=${token.localTag}`);
  headers.append(
    'To',
    token.remoteTag === '' ? token.remoteUri : `${token.remoteUri};tag=${token.remoteTag}`,
  );
  headers.append('Call-ID', token.callIdHeader);
  const number = parts.numbers?.cseq ?? cseq(request).number + token.cseqOffset;
  headers.append('CSeq', `${String(number)} ${request.method}`);
  if (parts.contactToken !== undefined) {
    const form = token.holder === 'a' ? token.terms.contactForm : 'user';
    const isSips = isSipsUri(token.target);
    headers.append('Contact', contactValue(local, parts.contactToken, { transport, form, isSips }));
  }
  copyPassingHeaders(request.headers, headers, {
    name: token.holder === 'a' ? 'callerRequest' : 'carrierRequest',
    method: request.method,
    passedBody: parts.passedBody,
    relaysRefer: token.terms.relaysRefer,
  });
  nameSender(headers, parts);
  if (request.method === 'PRACK') numberRack(headers, parts);
  if (refreshesSession(request.method)) offerSession(headers, token.terms.sessionSeconds);
  if (request.method === 'REFER') headers.append('Refer-To', ledReferTo(request, local) ?? '');
  for (const { header, value } of parts.authorizations ?? []) headers.append(header, value);
  appendProduct(headers, 'User-Agent', local.product);
  return new SipRequest(request.method, routed.uri, headers, parts.passedBody);
}

/** What a request cannot do without in a dialog: who gets no more cannot find it too long, and miss that a call has ended. */
const necessary = ['Via', 'Max-Forwards', 'From', 'To', 'Call-ID', 'CSeq'] as const;

/** A request in a dialog without all that it can do without, its body too. */
export function barestRequest({ method, uri, headers }: SipRequest): SipRequest {
  const kept = new Headers();
  for (const name of necessary) {
    for (const value of headers.getAll(name)) kept.append(name, value);
  }
  return new SipRequest(method, uri, kept);
}

function nameSender(headers: Headers, parts: RelayedRequestParts): void {
  const { caller, request } = parts;
  if (caller !== undefined) writeCaller(headers, caller);
  // RFC 3325 §9.1: no ACK names anybody.
  else if (request.method !== 'ACK') {
    passIdentity({ from: request.headers, to: headers }, sidesOf(parts));
  }
}

/** Who says who it is, and who is told (CALL-12). */
function sidesOf({ token, local }: RelayedRequestParts): Parameters<typeof passIdentity>[1] {
  const { identityA, identityB } = token.terms;
  return token.holder === 'a'
    ? { giver: identityA, taker: identityB, local, party: 'calling' }
    : { giver: identityB, taker: identityA, local, party: 'called' };
}

function appendVias(
  headers: Headers,
  { branch, lowerBranch, confirmedSeconds, local, token }: RelayedRequestParts,
): void {
  const { transport } = token.nextHop;
  headers.append('Via', viaValue(local, branch, transport));
  if (lowerBranch === undefined) return;
  headers.append('Via', sessionVia(viaValue(local, lowerBranch, transport), confirmedSeconds));
}

/** RFC 4028 §7.4: INVITE and UPDATE are what a session is refreshed with. */
export function refreshesSession(method: string): boolean {
  return method === 'INVITE' || method === 'UPDATE';
}

/**
 * RFC 4028 §8.2: what a 2xx to a request is completed with, should its called side have no session timers. The response does not
 * tell it, so the request has to bring it there and back.
 * @returns undefined where the response will find it in the token's terms
 */
export function unusualConfirmation(request: SipRequest, token: DialogToken): number | undefined {
  if (!refreshesSession(request.method)) return undefined;
  const { holder, terms } = token;
  const seconds = confirmableSeconds(request, terms.sessionSeconds);
  return seconds === usualConfirmation(holder, terms) ? undefined : seconds;
}

/** RFC 3262 §7.2: RAck names the CSeq number of the INVITE, which differs between the legs. */
function numberRack(headers: Headers, { token, numbers }: RelayedRequestParts): void {
  const rack = headers.get('RAck')?.split(/\s+/);
  const [sequence, number, method] = rack ?? [];
  if (sequence === undefined || number === undefined || method === undefined) return;
  const there = numbers?.rack ?? Number(number) + token.cseqOffset;
  headers.set('RAck', `${sequence} ${String(there)} ${method}`);
}

import { Headers, SipRequest, cseq, maxForwards } from '@tandem/sip';
import type { Authorization } from '../call-state.ts';
import type { DialogToken } from '../dialog-token.ts';
import type { LocalIdentity } from '../local-identity.ts';
import { PRODUCT } from '../local-identity.ts';
import { copyPassingHeaders } from './header-policy.ts';
import { routeRequest } from './route-set.ts';

/** Requests whose Contact is the sender's new remote target (RFC 3261 §12.2, RFC 3311, RFC 6665). */
const targetRefreshes = new Set(['INVITE', 'UPDATE', 'SUBSCRIBE', 'NOTIFY', 'REFER']);

/** Whether the request moves its sender's remote target, so that the other side needs a new token. */
export function isTargetRefresh(request: SipRequest): boolean {
  return targetRefreshes.has(request.method) && request.headers.has('Contact');
}

/**
 * A request in the dialog as the other leg gets it, made from the request and the token alone: no call is looked up
 * (RFC 3261 §16.11 in spirit, two dialogs in fact).
 */
export function relayedRequest(options: {
  readonly request: SipRequest;
  readonly token: DialogToken;
  readonly branch: string;
  readonly local: LocalIdentity;
  /** User part of our Contact, on a target refresh. */
  readonly contactToken?: string | undefined;
  /** Credentials that the ACK of an INVITE has to repeat. */
  readonly authorization?: Authorization | undefined;
}): SipRequest {
  const { request, token, local } = options;
  const routed = routeRequest(token.target, token.routes);
  const headers = new Headers();
  headers.append('Via', `SIP/2.0/UDP ${local.hostPort};branch=${options.branch};rport`);
  headers.append('Max-Forwards', String((maxForwards(request) ?? 71) - 1));
  for (const route of routed.routes) headers.append('Route', route);
  headers.append('From', `${token.localUri};tag=${token.localTag}`);
  headers.append(
    'To',
    token.remoteTag === '' ? token.remoteUri : `${token.remoteUri};tag=${token.remoteTag}`,
  );
  headers.append('Call-ID', token.callIdHeader);
  headers.append('CSeq', `${String(cseq(request).number + token.cseqOffset)} ${request.method}`);
  if (options.contactToken !== undefined) {
    headers.append('Contact', `<sip:${options.contactToken}@${local.hostPort}>`);
  }
  copyPassingHeaders(request.headers, headers);
  if (token.cseqOffset !== 0) shiftRack(headers, token.cseqOffset);
  if (options.authorization !== undefined) {
    headers.append(options.authorization.header, options.authorization.value);
  }
  headers.append('User-Agent', PRODUCT);
  return new SipRequest(request.method, routed.uri, headers, request.body);
}

/** RFC 3262 §7.2: RAck names the CSeq number of the INVITE, which differs between the legs. */
function shiftRack(headers: Headers, offset: number): void {
  const rack = headers.get('RAck')?.split(/\s+/);
  const [sequence, number, method] = rack ?? [];
  if (sequence === undefined || number === undefined || method === undefined) return;
  headers.set('RAck', `${sequence} ${String(Number(number) + offset)} ${method}`);
}

import type { SipRequest, SipResponse } from '../message/message.ts';
import { callId, cseq, from, to, topVia } from '../message/typed-headers.ts';
import { transportOfVia } from '../transport/transports.ts';
import type { Via } from '../uri/via.ts';

/** What a branch made by RFC 3261 begins with. */
export const magicCookie = 'z9hG4bK';
const lowerCookie = magicCookie.toLowerCase();

/**
 * Key of the server transaction to which a request belongs (RFC 3261 §17.2.3): a retransmission, and the ACK of a
 * 300–699, have the key of their INVITE. A client of RFC 2543, whose branch is missing or has no magic cookie, is
 * told by URI, tags, Call-ID, CSeq and top Via.
 * @throws SipParseError when a header that counts is malformed.
 */
export function serverTransactionKey(request: SipRequest): string {
  const method = request.method === 'ACK' ? 'INVITE' : request.method;
  return requestKey(request, method);
}

/**
 * Key of the server transaction that a CANCEL is to cancel (RFC 3261 §9.2): the same but for the method.
 * @throws SipParseError when a header that counts is malformed.
 */
export function cancelledTransactionKey(cancel: SipRequest): string {
  return requestKey(cancel, 'INVITE');
}

/**
 * Key of the client transaction to which a response belongs (RFC 3261 §17.1.3).
 * @throws SipParseError when Via or CSeq is malformed.
 */
export function clientTransactionKey(response: SipResponse): string {
  return clientKeyOf(topVia(response).branch ?? '', cseq(response).method);
}

/** Key of a client transaction from the branch and the method of the request that opens it. */
export function clientKeyOf(branch: string, method: string): string {
  return `${branch}|${method}`;
}

/**
 * Key of the server transaction of a request, from its topmost Via alone; ACK has that of its INVITE.
 * @returns undefined where the branch is not one of RFC 3261: more than the Via tells it then
 */
export function serverKeyOf(via: Via, method: string): string | undefined {
  const { branch } = via;
  // The cookie in any case, for some clients write it so; the rest as it is: retransmission, ACK and CANCEL copy it.
  return branch?.slice(0, magicCookie.length).toLowerCase() === lowerCookie
    ? `${branch}|${sentBy(via)}|${method === 'ACK' ? 'INVITE' : method}`
    : undefined;
}

function requestKey(request: SipRequest, method: string): string {
  const via = topVia(request);
  return serverKeyOf(via, method) ?? oldKey(request, via, method);
}

/**
 * RFC 3261 §17.2.3, requests of RFC 2543. The To tag is left out for an INVITE, since its ACK has one and it has
 * none; a re-INVITE differs by its CSeq number.
 */
function oldKey(request: SipRequest, via: Via, method: string): string {
  const toTag = method === 'INVITE' ? '' : (to(request).tag ?? '');
  const branch = via.branch ?? '';
  return [
    request.uri,
    from(request).tag ?? '',
    toTag,
    callId(request),
    cseq(request).number,
    `${sentBy(via)};${branch}`,
    method,
  ].join('|');
}

/** RFC 3261 §18.1.1: without a port it is the default one. */
function sentBy({ host, port, transport }: Via): string {
  const sentPort = port ?? (transportOfVia(transport)?.isSecure === true ? 5061 : 5060);
  return `${host.toLowerCase()}:${String(sentPort)}`;
}

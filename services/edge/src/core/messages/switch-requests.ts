import { Headers, SipRequest, contact, cseq } from '@tandem/sip';
import type { SipResponse } from '@tandem/sip';
import type { DialogToken } from '../dialog/dialog-token.ts';
import type { LocalName } from '../network/local-addresses.ts';
import { appendProduct } from './product.ts';
import type { PeerAddress } from '../network/peer-address.ts';
import { viaValue } from './local-headers.ts';
import { routeRequest } from './route-set.ts';

/** A BYE of the switch uses a number far above the caller's: gaps are legal (RFC 3261 §12.2.2, edge.md §2). */
const CSEQ_GAP = 1_000_000;
/** The number of a BYE that ends an answered call: above all that an endpoint counts up to in a call. */
const ENDING_CSEQ = 2 ** 30;
/** RFC 3261 §8.1.1.5: the highest there is, where an endpoint began near the other. */
const HIGHEST_CSEQ = 2 ** 31 - 1;

/** The round of a BYE whose number is the highest there is: for a dialog whose end has counted above all others on purpose. */
export const HIGHEST_ROUND = 100;

/** More requests than a caller makes before the switch first speaks. */
const UNCOUNTED = 65_536;

/**
 * The CSeq number of a BYE of the switch in the dialog that a token leads into: the same on any pod.
 * @param round how many challenges of it were answered
 */
export function endingCseq({ firstCseq }: DialogToken, round = 0): number {
  if (round >= HIGHEST_ROUND) return HIGHEST_CSEQ;
  const first = firstCseq >= ENDING_CSEQ - CSEQ_GAP ? HIGHEST_CSEQ : ENDING_CSEQ;
  return Math.min(first + round, HIGHEST_CSEQ);
}

/** The CSeq number of a BYE that passes while nobody knows what numbers there have been. */
export function blindCseq(own: number): number {
  return own < ENDING_CSEQ ? own + ENDING_CSEQ : HIGHEST_CSEQ;
}

/**
 * Above what the caller may have counted to in the callee's dialog while nobody counted along: before the first request of
 * the switch its numbers pass as they are.
 */
export function probeFloor({ firstCseq, cseqOffset }: DialogToken): number {
  return Math.min(firstCseq + cseqOffset + UNCOUNTED, HIGHEST_CSEQ - UNCOUNTED);
}

/** A request of the switch's own in one dialog of an answered call, made from the token that leads into it. */
export function switchRequest(
  method: 'BYE' | 'OPTIONS',
  options: {
    readonly token: DialogToken;
    readonly local: LocalName;
    readonly branch: string;
    readonly cseq: number;
    /** Value of Reason (RFC 3326). */
    readonly reason?: string | undefined;
  },
): SipRequest {
  const { token, local } = options;
  const { uri, routes } = routeRequest(token.target, token.routes);
  const headers = new Headers();
  headers.append('Via', viaValue(local, options.branch, token.nextHop.transport));
  headers.append('Max-Forwards', '70');
  for (const route of routes) headers.append('Route', route);
  headers.append('From', `${token.localUri};tag=${token.localTag}`);
  headers.append(
    'To',
    token.remoteTag === '' ? token.remoteUri : `${token.remoteUri};tag=${token.remoteTag}`,
  );
  headers.append('Call-ID', token.callIdHeader);
  headers.append('CSeq', `${String(options.cseq)} ${method}`);
  if (method === 'OPTIONS') headers.append('Accept', 'application/sdp');
  if (options.reason !== undefined) headers.append('Reason', options.reason);
  appendProduct(headers, 'User-Agent', local.product);
  return new SipRequest(method, uri, headers);
}

/**
 * A request of the switch in the dialog that a response opened, towards the carrier: ACK of a 2xx, or BYE to get rid of it; PRACK
 * of a provisional one. Made from the response alone, which repeats all that the INVITE said of the dialog (RFC 3261 §8.2.6.2).
 */
export function requestInAnsweredDialog(
  method: 'ACK' | 'BYE' | 'PRACK',
  options: {
    readonly answer: SipResponse;
    readonly local: LocalName;
    readonly branch: string;
    /** Where the answer has no Contact. */
    readonly fallbackTarget: string;
    readonly reason?: string | undefined;
    /** @default that of the INVITE for ACK, one far above it for BYE */
    readonly cseq?: number | undefined;
    /** @default 'udp' */
    readonly transport?: PeerAddress['transport'];
  },
): SipRequest {
  const { answer, local } = options;
  const headers = new Headers();
  headers.append('Via', viaValue(local, options.branch, options.transport));
  headers.append('Max-Forwards', '70');
  const target = contact(answer)?.uri ?? options.fallbackTarget;
  const { uri, routes } = routeRequest(target, answer.headers.list('Record-Route').reverse());
  for (const route of routes) headers.append('Route', route);
  for (const name of ['From', 'To', 'Call-ID']) {
    headers.append(name, answer.headers.get(name) ?? '');
  }
  const ofInvite = cseq(answer);
  const number = options.cseq ?? ofInvite.number + (method === 'BYE' ? CSEQ_GAP : 0);
  headers.append('CSeq', `${String(number)} ${method}`);
  if (method === 'PRACK') {
    // RFC 3262 §7.2
    const sequence = answer.headers.get('RSeq') ?? '';
    headers.append('RAck', `${sequence} ${String(ofInvite.number)} ${ofInvite.method}`);
  }
  if (options.reason !== undefined) headers.append('Reason', options.reason);
  appendProduct(headers, 'User-Agent', local.product);
  return new SipRequest(method, uri, headers);
}

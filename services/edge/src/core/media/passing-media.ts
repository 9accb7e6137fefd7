import { cseq, from, parseNameAddr, to } from '@tandem/sip';
import type { SipRequest, SipResponse } from '@tandem/sip';
import type { PassingBody, PassingMedia } from '../../ports.ts';
import type { RelayedHop } from '../dialog/dialog-branch.ts';
import type { DialogToken, LegName } from '../dialog/dialog-token.ts';
import { rackNumber } from '../messages/dialog-request.ts';
import { hasBody } from '../messages/passing-body.ts';
import type { MediaTerms } from './media-terms.ts';
import { mayHoldSdp } from './sdp-part.ts';

/** The media of a caller's INVITE. */
export function mediaOfInvite(terms: MediaTerms, source: string): PassingMedia {
  return { terms, kind: 'offer', calleeTag: '', source, exchange: '' };
}

/**
 * The media of a carrier's response to it.
 * @param offer the INVITE, where it is at hand
 * @param cseq its number, as the caller counts
 */
export function mediaOfAnswer(
  terms: MediaTerms,
  response: SipResponse,
  {
    cseq: number,
    ...parts
  }: {
    readonly source: string;
    readonly offer?: PassingBody | undefined;
    readonly cseq: number;
  },
): PassingMedia {
  const calleeTag = to(response).tag ?? '';
  if (!terms.isLateOffer) return { terms, kind: 'answer', calleeTag, ...parts, exchange: '' };
  const exchange = exchangeOf(terms, { asker: 'a', number, calleeTag });
  return { terms, kind: 'offer', calleeTag, ...parts, exchange };
}

/** The media of a request in a dialog. */
export function mediaOfRequest(
  request: SipRequest,
  { holder, remoteTag, terms: { media: terms } }: DialogToken,
  source: string,
): PassingMedia | undefined {
  if (terms === undefined || !hasBody(request)) return undefined;
  const calleeTag = holder === 'a' ? remoteTag : (from(request).tag ?? '');
  const isAnswer = isAnswerIn(request, terms);
  const number = isAnswer ? answeredNumber(request) : cseq(request).number;
  const exchange = exchangeOf(terms, { asker: holder, number, calleeTag });
  return { terms, kind: isAnswer ? 'answer' : 'offer', calleeTag, source, exchange };
}

/** The number of the INVITE whose response has offered what an ACK or a PRACK answers. */
function answeredNumber(request: SipRequest): number {
  const { method, number } = cseq(request);
  return method === 'PRACK' ? (rackNumber(request) ?? number) : number;
}

/** What offers and answers of a transaction are called, whichever of the two the request had. */
function exchangeOf(
  { attempt }: MediaTerms,
  {
    asker,
    number,
    calleeTag,
  }: {
    /** Whose request it is. */
    readonly asker: LegName;
    /** Its CSeq, as that side counts. */
    readonly number: number;
    readonly calleeTag: string;
  },
): string {
  return `${String(attempt)}:${asker}${String(number)}:${calleeTag}`;
}

/** An ACK answers (RFC 3261 §13.2.1), and so does the PRACK of a response that offered (RFC 3262 §5); all others offer. */
function isAnswerIn({ method }: SipRequest, { isLateOffer }: MediaTerms): boolean {
  return method === 'ACK' || (method === 'PRACK' && isLateOffer);
}

/** The media of a response in a dialog. */
export function mediaOfResponse(
  response: SipResponse,
  hop: RelayedHop,
  source: string,
): PassingMedia | undefined {
  const { media: terms } = hop.terms;
  // What refuses a request answers no offer (RFC 3261 §13.3.1.3): the session stays as it was.
  if (terms === undefined || !hasBody(response) || response.status >= 300) return undefined;
  const kind = (hop.hasOffer ?? isUsuallyOffering(cseq(response).method)) ? 'answer' : 'offer';
  const calleeTag = hop.from === 'a' ? (to(response).tag ?? '') : tagIn(hop.fromHeader);
  const exchange = exchangeOf(terms, { asker: hop.from, number: hop.cseqNumber, calleeTag });
  return { terms, kind, calleeTag, source, exchange };
}

/**
 * Whether a request offers, so that what comes back answers; undefined where media is not anchored, or where that is as usual. An
 * INVITE mostly does, anything else mostly not; CANCEL and the ACK of a refusal say the same as their INVITE.
 */
export function unusualOffer(
  request: SipRequest,
  { media }: DialogToken['terms'],
): boolean | undefined {
  if (media === undefined || unsaying.has(request.method)) return undefined;
  const isOffering =
    hasBody(request) &&
    !isAnswerIn(request, media) &&
    mayHoldSdp(request.headers.get('Content-Type') ?? '');
  return isOffering === isUsuallyOffering(request.method) ? undefined : isOffering;
}

const unsaying = new Set(['ACK', 'CANCEL']);

function isUsuallyOffering(method: string): boolean {
  return method === 'INVITE';
}

function tagIn(header: string): string {
  try {
    return parseNameAddr(header).tag ?? '';
  } catch {
    return ''; // It was read when it came in.
  }
}

import { cseq } from '@tandem/sip';
import type { SipResponse } from '@tandem/sip';
import type { PassingBody } from '../../ports.ts';
import { mediaOfAnswer, mediaOfInvite } from '../media/passing-media.ts';
import { hasBody, passingBody } from '../messages/passing-body.ts';
import { mediaTermsOf } from './anchoring.ts';
import { carrierOf } from './call-state.ts';
import type { Branch, Call } from './call-state.ts';

/** The body of an INVITE to a carrier, with what a media relay has to know of it (CALL-08). */
export function bodyOfInvite(call: Call, { attempt, sequence }: Branch): PassingBody {
  const { callId, invite, source } = call;
  const terms = mediaTermsOf(call, attempt);
  const media = terms === undefined ? undefined : mediaOfInvite(terms, source.address);
  return passingBody(invite, { callId, from: 'a', sequence, media });
}

/** That of a carrier's provisional response, or of its answer. What refuses answers no offer: its body is not anchored. */
export function bodyOfResponse(call: Call, branch: Branch, response: SipResponse): PassingBody {
  const { callId } = call;
  const { attempt, sequence } = branch;
  const terms = mediaTermsOf(call, attempt);
  if (terms === undefined) return passingBody(response, { callId, from: 'b', sequence });
  const { address: source } = carrierOf(call, branch);
  const offer = bodyOfInvite(call, branch);
  const media = mediaOfAnswer(terms, response, { source, offer, cseq: cseq(call.invite).number });
  return passingBody(response, { callId, from: 'b', sequence, media });
}

/** The body of a 2xx that would win the call, where its media is anchored; undefined for any other response. */
export function answerToAnchor(
  call: Call,
  { response, sequence }: { readonly response: SipResponse; readonly sequence: number },
): PassingBody | undefined {
  const { status } = response;
  if (status < 200 || status >= 300 || !hasBody(response)) return undefined;
  const branch = call.branches.find((each) => each.sequence === sequence);
  if (branch?.isLive !== true || !branch.isSent) return undefined;
  if (mediaTermsOf(call, branch.attempt) === undefined) return undefined;
  return bodyOfResponse(call, branch, response);
}

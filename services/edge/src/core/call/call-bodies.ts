import type { SipResponse } from '@tandem/sip';
import type { PassingBody } from '../../ports.ts';
import { mediaOfAnswer, mediaOfInvite } from '../media/passing-media.ts';
import { passingBody } from '../messages/passing-body.ts';
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
  const media = mediaOfAnswer(terms, response, { source, offer: bodyOfInvite(call, branch) });
  return passingBody(response, { callId, from: 'b', sequence, media });
}

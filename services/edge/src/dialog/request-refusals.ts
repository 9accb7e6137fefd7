import type { SipRequest } from '@tandem/sip';
import type { DialogToken } from '../core/dialog/dialog-token.ts';
import type { RequestAnswer } from '../core/messages/caller-response.ts';
import { refreshesSession } from '../core/messages/dialog-request.ts';
import { isReferEvent, referredNumber } from '../core/messages/refer.ts';
import { tooBrief } from '../core/messages/request-answers.ts';
import { isTooBrief } from '../core/dialog/session-timers.ts';

/** What does not pass to the other side of a call; undefined for all that does. */
export function requestRefusal(
  request: SipRequest,
  { terms }: DialogToken,
): RequestAnswer | undefined {
  const { method } = request;
  if (method === 'REFER' && !terms.relaysRefer) return { answer: 'TransferForbidden' };
  if (method === 'REFER' && referredNumber(request) === undefined) {
    return { answer: 'TransferTargetForeign' };
  }
  if (method === 'NOTIFY' && !terms.relaysRefer && isReferEvent(request)) {
    // RFC 6665 §4.1.3: nobody here has subscribed.
    return { answer: 'NoSubscription' };
  }
  return refreshesSession(method) && isTooBrief(request) ? tooBrief : undefined;
}

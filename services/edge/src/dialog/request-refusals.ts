import type { SipRequest } from '@tandem/sip';
import type { DialogToken } from '../core/dialog/dialog-token.ts';
import type { LocalIdentity } from '../core/network/local-identity.ts';
import { refreshesSession } from '../core/messages/dialog-request.ts';
import { isReferEvent, ledReferTo } from '../core/messages/refer.ts';
import { SHORTEST_SESSION_S, isTooBrief } from '../core/dialog/session-timers.ts';

/** How the switch itself answers a request in a dialog. */
export interface RequestRefusal {
  readonly code: number;
  readonly phrase: string;
  readonly warning?: string | undefined;
  readonly minSeSeconds?: number | undefined;
}

/** What does not pass to the other side of a call; undefined for all that does. */
export function requestRefusal(
  request: SipRequest,
  { terms }: DialogToken,
  local: LocalIdentity,
): RequestRefusal | undefined {
  const { method } = request;
  if (method === 'REFER' && !terms.relaysRefer) {
    return { code: 403, phrase: 'Forbidden', warning: 'Transfer is not permitted' };
  }
  if (method === 'REFER' && ledReferTo(request, local) === undefined) {
    return {
      code: 403,
      phrase: 'Forbidden',
      warning: 'Transfer is possible to a number alone, not to a dialog of the other network',
    };
  }
  if (method === 'NOTIFY' && !terms.relaysRefer && isReferEvent(request)) {
    // RFC 6665 §4.1.3: nobody here has subscribed.
    return { code: 481, phrase: 'Subscription Does Not Exist' };
  }
  if (refreshesSession(method) && isTooBrief(request)) {
    return {
      code: 422,
      phrase: 'Session Interval Too Small',
      minSeSeconds: SHORTEST_SESSION_S,
    };
  }
  return undefined;
}

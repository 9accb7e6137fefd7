import { mendResponse, topVia } from '@tandem/sip';
import type { SipResponse } from '@tandem/sip';
import { branchMark } from '../core/marks/call-mark.ts';
import { messagesDropped } from '../telemetry.ts';

/**
 * Makes a response fit to be matched and served, whatever is wrong with it: who answers badly must not be taken for silent.
 * What of it names the call is known from the branch.
 * @returns false where nothing says whose it is: it is dropped, and counted
 */
export function isMatchable(response: SipResponse): boolean {
  if (!mendResponse(response)) {
    messagesDropped.add(1, { cause: 'bad-response' });
    return false;
  }
  const mark = branchMark(topVia(response).branch ?? '');
  if (mark !== undefined && response.headers.get('Call-ID') !== mark.callId) {
    response.headers.set('Call-ID', mark.callId);
    response.faults = [...response.faults, 'Call-ID is not that of the request'];
  }
  return true;
}

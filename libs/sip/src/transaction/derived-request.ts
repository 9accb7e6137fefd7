import { Headers } from '../message/headers.ts';
import { SipRequest, type SipResponse } from '../message/message.ts';
import { cseq } from '../message/typed-headers.ts';

/**
 * The ACK of a 300–699, which belongs to the INVITE's transaction (RFC 3261 §17.1.1.3): its top Via, Request-URI,
 * Call-ID, From, Route and CSeq number, and the To of the response.
 */
export function ackForFailure(invite: SipRequest, response: SipResponse): SipRequest {
  return derived(invite, 'ACK', response.headers.get('to'));
}

/** The CANCEL of an INVITE that has been sent (RFC 3261 §9.1), a transaction of its own with the same branch. */
export function cancelOf(invite: SipRequest): SipRequest {
  return derived(invite, 'CANCEL', invite.headers.get('to'));
}

function derived(invite: SipRequest, method: string, to: string | undefined): SipRequest {
  const headers = new Headers();
  copyFirst(invite.headers, headers, 'Via');
  for (const route of invite.headers.getAll('Route')) headers.append('Route', route);
  headers.append('Max-Forwards', '70');
  copyFirst(invite.headers, headers, 'From');
  headers.append('To', to ?? '');
  copyFirst(invite.headers, headers, 'Call-ID');
  headers.append('CSeq', `${String(cseq(invite).number)} ${method}`);
  return new SipRequest(method, invite.uri, headers);
}

function copyFirst(source: Headers, target: Headers, name: string): void {
  const value = source.get(name);
  if (value !== undefined) target.append(name, value);
}

import { to } from '@tandem/sip';
import type { SipResponse } from '@tandem/sip';
import type { OutgoingCall } from '@tandem/testing';

/** What a caller says that acknowledges provisional responses. */
export const prackable = { Supported: '100rel' } as const;

/** The caller acknowledges a reliable provisional response, in the dialog that it belongs to. */
export function prack(a: OutgoingCall, response: SipResponse): Promise<SipResponse> {
  const { number } = cseqOf(response);
  a.dialog.confirm(response);
  return a.request('PRACK', {
    headers: { RAck: `${response.headers.get('RSeq') ?? ''} ${number} INVITE` },
  });
}

/** The caller sends a request in the dialog that a response belongs to. */
export function requestIn(
  a: OutgoingCall,
  response: SipResponse,
  method: string,
): Promise<SipResponse> {
  a.dialog.confirm(response);
  return a.request(method);
}

/** The caller's view of which dialog a response belongs to. */
export function tagOf(response: SipResponse): string {
  return to(response).tag ?? '';
}

function cseqOf(response: SipResponse): { readonly number: string } {
  return { number: response.headers.get('CSeq')?.split(' ')[0] ?? '' };
}

import type { Headers, SipRequest, SipResponse } from '@tandem/sip';

/** Whether a provisional response is sent reliably, and counted (RFC 3262 §3). */
export function isReliable({ headers }: SipResponse): boolean {
  return headers.has('RSeq') && names(headers, 'Require', '100rel');
}

/** Whether a caller can acknowledge provisional responses (RFC 3262 §4). */
export function hasPrack({ headers }: SipRequest): boolean {
  return names(headers, 'Supported', '100rel') || names(headers, 'Require', '100rel');
}

/** Whether a caller wants to know of early dialogs that have ended (RFC 6228 §4). */
export function hears199({ headers }: SipRequest): boolean {
  return names(headers, 'Supported', '199');
}

/** Whether one may be told by us: not where it wants every provisional response reliable (RFC 6228 §6). */
export function mayTell199(invite: SipRequest): boolean {
  return hears199(invite) && !names(invite.headers, 'Require', '100rel');
}

/** A reliable response for a caller that knows of none: it neither counts nor acknowledges it (RFC 3262 §3 forbids it). */
export function withoutReliability(headers: Headers): void {
  headers.remove('RSeq');
  const required = headers.list('Require').filter((option) => !is(option, '100rel'));
  headers.remove('Require');
  if (required.length > 0) headers.append('Require', required.join(', '));
}

function names(headers: Headers, header: 'Supported' | 'Require', option: string): boolean {
  return headers.has(header) && headers.list(header).some((each) => is(each, option));
}

function is(one: string, option: string): boolean {
  return one.toLowerCase() === option;
}

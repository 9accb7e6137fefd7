import { hash } from 'node:crypto';
import { to, type SipRequest } from '@tandem/sip';

/**
 * The To tag of a response that nothing is remembered of: the same for every repetition of the request
 * (RFC 3261 §8.2.7).
 */
export function statelessTag(request: SipRequest): string {
  return tagOf(request, request.headers.get('CSeq') ?? '');
}

/** Whether an ACK is for such a response to its INVITE (RFC 3261 §17.1.1.3): a challenge, a refusal without a call. */
export function acknowledgesStateless(ack: SipRequest): boolean {
  const sequence = ack.headers.get('CSeq') ?? '';
  return to(ack).tag === tagOf(ack, sequence.replace(/ACK$/, 'INVITE'));
}

function tagOf({ headers }: SipRequest, sequence: string): string {
  const parts = ['Via', 'From', 'Call-ID'].map((name) => headers.get(name) ?? '');
  return hash('sha256', [...parts, sequence].join('\n'), 'base64url').slice(0, 12);
}

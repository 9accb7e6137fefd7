import { hash } from 'node:crypto';
import { to, type SipRequest } from '@tandem/sip';

/** Fewer than those of a tag that names a call. */
const TAG_CHARACTERS = 12;

/**
 * The To tag of a response that nothing is remembered of: the same for every repetition of the request
 * (RFC 3261 §8.2.7).
 */
export function statelessTag(request: SipRequest): string {
  return tagOf(request, request.headers.get('CSeq') ?? '');
}

/** Whether an ACK is for such a response to its INVITE (RFC 3261 §17.1.1.3): a challenge, a refusal without a call. */
export function acknowledgesStateless(ack: SipRequest): boolean {
  const { tag } = to(ack);
  if (tag?.length !== TAG_CHARACTERS) return false;
  const sequence = ack.headers.get('CSeq') ?? '';
  return tag === tagOf(ack, sequence.replace(/ACK$/, 'INVITE'));
}

function tagOf({ headers }: SipRequest, sequence: string): string {
  const parts = ['Via', 'From', 'Call-ID'].map((name) => headers.get(name) ?? '');
  return hash('sha256', [...parts, sequence].join('\n'), 'base64url').slice(0, TAG_CHARACTERS);
}

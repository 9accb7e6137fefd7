import { hash } from 'node:crypto';
import { to, type SipRequest } from '@tandem/sip';

/** No tag that names a call has a dot. */
const PREFIX = 's.';
const statelessTo = /;[ \t]*tag[ \t]*=[ \t]*s\.[^>]*$/i;

/**
 * The To tag of a response that nothing is remembered of: the same for every repetition of the request
 * (RFC 3261 §8.2.7).
 */
export function statelessTag({ headers }: SipRequest): string {
  return statelessTagOf(['Via', 'From', 'Call-ID', 'CSeq'].map((name) => headers.get(name) ?? ''));
}

/** The same for a request of which nothing but these has been read: topmost Via with its source noted, From, Call-ID, CSeq. */
export function statelessTagOf(parts: readonly string[]): string {
  return PREFIX + hash('sha256', parts.join('\n'), 'base64url').slice(0, 12);
}

/** Whether a To header, as written, has such a tag. */
export function isStatelessTo(value: string): boolean {
  return statelessTo.test(value);
}

/** Whether an ACK is for such a response (RFC 3261 §17.1.1.3), a challenge or a refusal without a call: nobody waits for it. */
export function acknowledgesStateless(ack: SipRequest): boolean {
  return to(ack).tag?.startsWith(PREFIX) === true;
}

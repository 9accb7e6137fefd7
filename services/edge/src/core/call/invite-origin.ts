import { from } from '@tandem/sip';
import type { SipRequest } from '@tandem/sip';

/** The same for an INVITE that came by another way too (RFC 3261 §8.2.2.2). */
export function originOf(invite: SipRequest): string {
  const { headers } = invite;
  return `${headers.get('Call-ID') ?? ''} ${headers.get('CSeq') ?? ''} ${from(invite).tag ?? ''}`;
}

import { cseq, from } from '@tandem/sip';
import type { SipRequest } from '@tandem/sip';

/** The same for an INVITE that came by another way too (RFC 3261 §8.2.2.2), and for its CANCEL. */
export function originOf(request: SipRequest): string {
  const callId = request.headers.get('Call-ID') ?? '';
  return `${callId} ${String(cseq(request).number)} ${from(request).tag ?? ''}`;
}

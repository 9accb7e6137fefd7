import { hash } from 'node:crypto';
import type { SipRequest } from '@tandem/sip';

/**
 * The To tag of a response that nothing is remembered of: the same for every repetition of the request
 * (RFC 3261 §8.2.7).
 */
export function statelessTag({ headers }: SipRequest): string {
  const parts = ['Via', 'From', 'Call-ID', 'CSeq'].map((name) => headers.get(name) ?? '');
  return hash('sha256', parts.join('\n'), 'base64url').slice(0, 12);
}

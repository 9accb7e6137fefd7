import { signedAtMs } from '@tandem/stir';
import type { Headers } from '@tandem/sip';
import type { CarrierInvite } from './carrier-invite.ts';

/**
 * Writes the signature of a call into the INVITE of leg B: the switch's own, with the Date that belongs to it (RFC 8224 §6.1),
 * or those that the call came with, which name no host but that of their certificates (RFC 8588 §6).
 */
export function writeSignature(
  headers: Headers,
  { identity, invite, signature }: Pick<CarrierInvite, 'identity' | 'invite' | 'signature'>,
): void {
  if (signature !== undefined && signature !== '') {
    const atMs = signedAtMs(signature);
    if (atMs !== undefined) headers.set('Date', new Date(atMs).toUTCString());
    headers.append('Identity', signature);
  } else if (identity?.passesSignature === true) {
    for (const value of invite.headers.list('Identity')) headers.append('Identity', value);
  }
}

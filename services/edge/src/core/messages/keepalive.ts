import type { SipRequest } from '@tandem/sip';
import { loneOptions } from './lone-options.ts';
import type { LoneOptions } from './lone-options.ts';

/** OPTIONS to a phone, with the URI of its contact: whatever it answers shows that it can be reached (REG-04). */
export function keepaliveRequest(options: LoneOptions): SipRequest {
  return loneOptions(options, { callId: options.id });
}

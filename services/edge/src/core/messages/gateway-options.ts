import type { SipRequest } from '@tandem/sip';
import { loneOptions } from './lone-options.ts';
import type { LoneOptions } from './lone-options.ts';

/** In the user part of From and Contact: some carriers refuse an address without one. */
const USER = 'options';

/** OPTIONS to a gateway: From and Contact have the address by which it is to know the switch. */
export function gatewayOptions(options: LoneOptions): SipRequest {
  const { id, local } = options;
  return loneOptions(options, { callId: `${id}@${local.host}`, user: USER });
}

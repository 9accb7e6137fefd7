import type { SipRequest, SipResponse } from '@tandem/sip';
import type { PeerAddress } from './peer-address.ts';

/** A message and the peer that it is from. */
export interface PeerMessage {
  readonly message: SipRequest | SipResponse;
  readonly from: PeerAddress;
}

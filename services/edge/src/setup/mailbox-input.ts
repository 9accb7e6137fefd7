import type { SipRequest, SipResponse } from '@tandem/sip';
import type { CallInput } from '../core/call/call-steps.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';

/** Everything that a mailbox takes: messages of the call, what its services and transactions say, and what becomes of it. */
export type MailboxInput =
  | CallInput
  /** The INVITE again, or the ACK of a refusal. */
  | { readonly kind: 'request'; readonly request: SipRequest }
  /** CANCEL, or BYE in the early dialog: answered once that is stored; where the answer was quicker CANCEL is too late (edge.md §4). */
  | { readonly kind: 'withdrawal'; readonly request: SipRequest; readonly from: PeerAddress }
  /** A response with the branch of the INVITE of that number. */
  | { readonly kind: 'carrier'; readonly sequence: number; readonly response: SipResponse }
  /** A request of that number did not leave. */
  | { readonly kind: 'undelivered'; readonly sequence: number; readonly method: string }
  /** From now on nothing happens to the call: what comes waits for `thaw`, or goes where the call is `lost` to. */
  | { readonly kind: 'freeze' }
  | { readonly kind: 'thaw' };

import type { SipResponse } from '@tandem/sip';
import { carrierOf } from '../core/call/call-state.ts';
import type { Call } from '../core/call/call-state.ts';
import type { PeerMessage } from '../core/network/peer-message.ts';
import type { MailboxInput } from './mailbox-input.ts';

/** The message that an input of a call is, for the pod that has the call from now on; none where it is no message. */
export function messagesIn(call: Call, input: MailboxInput): PeerMessage[] {
  switch (input.kind) {
    case 'request':
      return [{ message: input.request, from: call.source }];
    case 'withdrawal':
      return [{ message: input.request, from: input.from }];
    case 'carrier':
      return [messageIn(call, input)];
    default:
      return [];
  }
}

/** A response to the INVITE of that number, and where it came from. */
export function messageIn(
  call: Call,
  { response, sequence }: { readonly response: SipResponse; readonly sequence: number },
): PeerMessage {
  const branch = call.branches.find((each) => each.sequence === sequence);
  return { message: response, from: branch === undefined ? call.source : carrierOf(call, branch) };
}

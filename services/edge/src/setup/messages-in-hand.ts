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
    case 'carrier': {
      const branch = call.branches.find(({ sequence }) => sequence === input.sequence);
      return [
        {
          message: input.response,
          from: branch === undefined ? call.source : carrierOf(call, branch),
        },
      ];
    }
    default:
      return [];
  }
}

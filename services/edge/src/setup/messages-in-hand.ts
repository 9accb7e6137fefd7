import type { SipResponse } from '@tandem/sip';
import { carrierOf } from '../core/call/call-state.ts';
import type { Call } from '../core/call/call-state.ts';
import type { PeerMessage } from '../core/network/peer-message.ts';
import type { MailboxInput } from './mailbox-input.ts';

/** All messages that have come for a call and are not dealt with, for the pod that has it from now on. */
export function allInHand(
  call: Call,
  parts: {
    readonly withdrawals: readonly PeerMessage[];
    /** The 2xx whose call is being stored as answered. */
    readonly answering: PeerMessage | undefined;
    readonly inputs: readonly MailboxInput[];
  },
): readonly PeerMessage[] {
  const { invite, source, isTryingSent } = call;
  const inHand = [...parts.withdrawals];
  if (parts.answering !== undefined) inHand.push(parts.answering);
  if (!isTryingSent) inHand.push({ message: invite, from: source });
  for (const input of parts.inputs) inHand.push(...messagesIn(call, input));
  return inHand;
}

/** The message that an input of a call is, for the pod that has the call from now on; none where it is no message. */
function messagesIn(call: Call, input: MailboxInput): PeerMessage[] {
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

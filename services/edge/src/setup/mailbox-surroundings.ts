import type { SipRequest } from '@tandem/sip';
import type { CallSurroundings } from '../core/call/call-steps.ts';
import { formatMark } from '../core/marks/call-mark.ts';
import { attemptTag, forkTag } from '../core/marks/dialog-tag.ts';
import { nameForGateway } from '../core/network/local-addresses.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import type { PeerMessage } from '../core/network/peer-message.ts';
import type { EdgeResources } from '../edge-resources.ts';
import type { AnsweredCall } from './answered-calls.ts';
import type { CallMailbox } from './call-mailbox.ts';
import { CallServices } from './call-services.ts';

/** What a call tells its keeper. */
export interface CallKeeper {
  /** The call has taken its id. @param formerId the one that it had until now */
  onCallId(mailbox: CallMailbox, formerId?: string): void;
  /** A request of the caller that proves to be one in the dialog of its answer: it goes to the callee. */
  onInDialog(request: SipRequest, source: PeerAddress): void;
  /** Auth and routing have said what becomes of it: its INVITE goes to a carrier, or it is refused. */
  onDecided(mailbox: CallMailbox): void;
  /** The call is answered and its mailbox at an end: what is left of it. */
  onAnswered(mailbox: CallMailbox, answered: AnsweredCall): void;
  /** No transaction of the call is left. */
  onOver(mailbox: CallMailbox): void;
  /** The call is another pod's: what this one has not dealt with goes there. */
  onElsewhere(callId: string, messages: readonly PeerMessage[], owner?: string): void;
}

/** What all mailboxes of a pod share. */
export class MailboxSurroundings implements CallSurroundings {
  readonly edge: EdgeResources;
  readonly keeper: CallKeeper;
  readonly services: CallServices;
  /** Of the step that is being taken. */
  nowMs = 0;

  constructor(edge: EdgeResources, keeper: CallKeeper) {
    this.edge = edge;
    this.keeper = keeper;
    this.services = new CallServices(edge);
  }

  cnonce(): string {
    return this.edge.random(12);
  }

  mark(callId: string, sequence: number): string {
    const { local, sealer } = this.edge;
    return formatMark(sealer, { slot: local.slot, epoch: local.epoch, callId, sequence });
  }

  isReachable(address: PeerAddress): boolean {
    return nameForGateway(this.edge.local, address) !== 'no-listener';
  }

  relay(callId: string): { readonly id: number; readonly name: string } | undefined {
    return this.edge.media?.pick(callId);
  }

  attemptTag(toTag: string, attempt: number): string {
    return attemptTag(this.edge.sealer, toTag, attempt);
  }

  forkTag(tag: string, opened: { readonly sequence: number; readonly farTag: string }): string {
    return forkTag(this.edge.sealer, tag, opened);
  }
}

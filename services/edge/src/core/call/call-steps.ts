import type { RefusalReason } from '@tandem/domain';
import type { Challenge } from '@tandem/proto/auth';
import type { CallEventMessage } from '@tandem/proto/call-event-message';
import type { AuthenticateReply, NextCandidateReply, RouteReply } from '@tandem/proto/edge-replies';
import type { SipResponse } from '@tandem/sip';
import type { Claim } from '../../ports.ts';
import type { PeerAddress } from '../network/peer-address.ts';
import type { Branch, FinalResponse, ProvisionalTimer } from './call-state.ts';
import type { EncodedDecision } from './decisions.ts';
import type { Ending } from './events.ts';

/** Value of the Identity header of an INVITE, or why it has none. */
export type Signing =
  | { readonly kind: 'signed'; readonly identity: string }
  | { readonly kind: 'unsigned'; readonly cause: string };

/** What can happen to a call. */
export type CallInput =
  | { readonly kind: 'authenticated'; readonly response: AuthenticateReply }
  | { readonly kind: 'claimed'; readonly claim: Claim }
  | { readonly kind: 'routed'; readonly response: RouteReply }
  | { readonly kind: 'switched'; readonly response: NextCandidateReply }
  | { readonly kind: 'recorded' }
  | { readonly kind: 'stub-recorded' }
  /**
   * The body of an INVITE has been through the body step: what has come of it, undefined where it passes as received; and it
   * is signed, where it is to be.
   */
  | {
      readonly kind: 'body';
      readonly sequence: number;
      readonly bytes: Buffer | undefined;
      /** The media relay that has taken it, which may be another one than was chosen. @default that one, or none */
      readonly relay?: number | undefined;
      /** Why the step has failed: the INVITE cannot be sent. */
      readonly failure?: string | undefined;
      /** It has for what the caller says. @default false */
      readonly isCallersFault?: boolean | undefined;
      /** CALL-12. @default nobody was to sign it */
      readonly signing?: Signing | undefined;
    }
  /** Auth, routing or the store did not answer. */
  | {
      readonly kind: 'unavailable';
      readonly what: 'auth' | 'routing' | 'store';
      readonly text: string;
    }
  /** The INVITE has come again, and this pod has said nothing to it yet. */
  | { readonly kind: 'repeated' }
  | {
      readonly kind: 'response';
      /** Number of the INVITE that it answers. */
      readonly sequence: number;
      readonly response: SipResponse;
      readonly hasSdp: boolean;
    }
  /** Its body does not pass, so that the caller cannot have it. */
  | {
      readonly kind: 'response-stuck';
      readonly sequence: number;
      readonly response: SipResponse;
      readonly failure: string;
      /** It does not for what the carrier says. */
      readonly isCarriersFault: boolean;
    }
  /** The carrier sent nothing at all within the INVITE timeout, or its address cannot be reached. */
  | {
      readonly kind: 'no-response';
      readonly sequence: number;
      readonly failure: 'timeout' | 'transport-error' | 'no-listener' | 'own-address';
      /** How often it was sent. @default not known */
      readonly times?: number | undefined;
      /** What the network says of its address. @default nothing */
      readonly network?: string | undefined;
    }
  /** A CANCEL has its answer, or gets none. */
  | { readonly kind: 'cancel-over'; readonly sequence: number }
  /** The transaction of an INVITE is forgotten. */
  | { readonly kind: 'branch-over'; readonly sequence: number }
  | { readonly kind: 'timer'; readonly name: 'slow' }
  | { readonly kind: 'timer'; readonly name: ProvisionalTimer; readonly sequence: number }
  /** The caller takes its INVITE back: CANCEL, or BYE in the early dialog; or an operator ends the call. */
  | {
      readonly kind: 'cancel';
      /** Who, where it is not the caller: for the CDR. */
      readonly operator?: string | undefined;
      /** Values of its Reason headers (RFC 3326). @default none */
      readonly reasons?: readonly string[] | undefined;
    }
  /** The callee has said BYE before it answered, and keeps to it. */
  | { readonly kind: 'callee-left' }
  /** The caller leaves one of several early dialogs with BYE. */
  | { readonly kind: 'dialog-left'; readonly toTag: string }
  /** The caller has acknowledged its refusal, or never will. */
  | { readonly kind: 'told' }
  /** An error that nobody expected was thrown on its way. */
  | { readonly kind: 'broken' }
  /** Another pod has adopted the call; `owner` is its `slot.epoch`, where that is known. */
  | { readonly kind: 'lost'; readonly owner?: string | undefined }
  | {
      readonly kind: 'answer-stored';
      readonly response: SipResponse;
      readonly event: CallEventMessage | undefined;
    }
  | {
      readonly kind: 'end-stored';
      readonly final: FinalResponse;
      readonly event: CallEventMessage | undefined;
    };

/** What the driver is to do. */
export type CallEffect =
  | { readonly kind: 'authenticate' }
  /** The INVITE is answered statelessly, and is no call. */
  | {
      readonly kind: 'challenge';
      readonly challenge: Challenge;
      /** What auth has decided, encoded. @default nothing was wrong */
      readonly decisions?: readonly EncodedDecision[];
    }
  /** Nobody has proved to be who it says: it is answered statelessly, or not at all (undefined), and is no call. */
  | {
      readonly kind: 'turn-away';
      readonly reason: RefusalReason | undefined;
      readonly decisions?: readonly EncodedDecision[];
    }
  | { readonly kind: 'claim' }
  | { readonly kind: 'route' }
  | {
      readonly kind: 'switch';
      readonly failedGateway: string;
      readonly gateways: readonly string[];
      /** Contacts whose hosts are names. */
      readonly redirected: readonly string[];
    }
  /** The caller's body is to go through the body step, and the INVITE to be signed, before the record that it is kept in. */
  | { readonly kind: 'pass-body'; readonly branch: Branch }
  | { readonly kind: 'record' }
  /** A record of a call that is not routed yet: with it the caller may have its 100. */
  | { readonly kind: 'record-stub' }
  | { readonly kind: 'trying' }
  /** `isSeen`: the carrier is known to have it from another pod, and nothing is sent. */
  | { readonly kind: 'invite'; readonly branch: Branch; readonly isSeen: boolean }
  /**
   * What a carrier's refusal means is stored: it may have its ACK; or its reliable provisional response `progress` has its PRACK
   * from the switch.
   */
  | {
      readonly kind: 'acknowledge';
      readonly sequence: number;
      readonly progress?: SipResponse | undefined;
    }
  | { readonly kind: 'cancel-invite'; readonly branch: Branch }
  /** A carrier is away for a time that it says itself (RFC 3261 §21.5.4): no call goes there (ROUTE-06). */
  | { readonly kind: 'rest-gateway'; readonly branch: Branch; readonly seconds: number }
  /** ACK and BYE for a 2xx that nobody wants any more. */
  | { readonly kind: 'hang-up'; readonly branch: Branch; readonly response: SipResponse }
  | {
      readonly kind: 'relay';
      readonly branch: Branch;
      readonly response: SipResponse;
      /** Of the caller's dialog. */
      readonly toTag: string;
      /** The record is to know of the dialog first. */
      readonly isToBeStored: boolean;
    }
  /** The caller is told that one of its early dialogs is over, and what ended it. */
  | {
      readonly kind: 'end-dialog';
      readonly toTag: string;
      readonly code: number;
    }
  /** The carrier has not seen the caller's ACK: the 2xx passes again. */
  | { readonly kind: 'relay-again'; readonly branch: Branch; readonly response: SipResponse }
  | { readonly kind: 'store-answer'; readonly branch: Branch; readonly response: SipResponse }
  | { readonly kind: 'store-end'; readonly ending: Ending; readonly final: FinalResponse }
  | { readonly kind: 'respond'; readonly final: FinalResponse }
  /** It comes too late to change anything. */
  | { readonly kind: 'accept-cancel' }
  | { readonly kind: 'publish'; readonly event: CallEventMessage }
  | { readonly kind: 'start-timer'; readonly name: 'slow'; readonly ms: number }
  | {
      readonly kind: 'start-timer';
      readonly name: ProvisionalTimer;
      readonly sequence: number;
      readonly ms: number;
    }
  /** That of a branch; without a number all of the call. */
  | { readonly kind: 'stop-timer'; readonly sequence?: number }
  /** The INVITE is one of a call that has been claimed before: it goes where that call is. */
  | { readonly kind: 'leave'; readonly claim: Claim }
  /** Not a word more from this pod; `isElsewhere`: another one goes on with the call. */
  | {
      readonly kind: 'drop';
      readonly isElsewhere: boolean;
      readonly owner?: string | undefined;
    }
  /** Nobody has to be told anything any more: no other pod need go on with the call should this one die. */
  | { readonly kind: 'forget' };

/** What a step may look at besides the call and its input. */
export interface CallSurroundings {
  readonly nowMs: number;
  /** A random text for an answer to a challenge. */
  cnonce(): string;
  /** The pod's mark of a message of this call, the same each time: To tag (0), or the branch of the INVITE of that number. */
  mark(callId: string, sequence: number): string;
  /** Whether some listener of the switch reaches this address. @default each may */
  isReachable?(address: PeerAddress): boolean;
  /** The media relay for a new attempt; undefined where none answers. */
  relay(callId: string): { readonly id: number; readonly name: string } | undefined;
  /** To tag of an attempt (0, 1 …) of the call whose first To tag is known: the same on any pod. */
  attemptTag(toTag: string, attempt: number): string;
  /** To tag of a further dialog of the attempt with this tag: the same on any pod. */
  forkTag(
    attemptTag: string,
    opened: { readonly sequence: number; readonly farTag: string },
  ): string;
}

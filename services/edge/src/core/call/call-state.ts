import type { RefusalReason, TerminationReason } from '@tandem/domain';
import type { CallEventMessage } from '@tandem/proto/call-event-message';
import type { Origin } from '@tandem/proto/auth';
import type { AuthenticateReply, NextCandidateReply, RouteReply } from '@tandem/proto/edge-replies';
import type { Attempt } from '@tandem/proto/events';
import type { Candidate } from '@tandem/proto/routing';
import type { Headers, SipResponse } from '@tandem/sip';
import type { Claim } from '../../ports.ts';
import type { EncodedDecision } from './decisions.ts';
import type { Ending } from './events.ts';

/**
 * Where a call is between its INVITE and the end of that transaction. After the answer there is nothing to remember:
 * whatever comes in the dialog is relayed by its token.
 */
export type CallPhase =
  | 'claiming'
  | 'routing'
  | 'recording'
  | 'calling'
  | 'parting'
  | 'switching'
  | 'answering'
  | 'answered'
  | 'ending'
  | 'ended';

/** One attempt at a carrier, as it will stand in the CDR, and what is needed while it lasts. */
export interface CallAttempt {
  readonly candidate: Candidate;
  /** Filled in as the attempt goes on. */
  readonly attempt: Attempt;
  /** The INVITEs of this attempt, by the sequence number in their branches; more than one after a challenge. */
  sequence: number;
  /** Branch of the last of them; made when its record is written, and never changed, whoever goes on with the call. */
  branch: string;
  challenges: number;
  hasProvisional: boolean;
  /** The carrier has given its final response: there is nothing more to tell it. */
  hasFinal: boolean;
  /** The carrier must be told that nobody wants the call; it is as soon as that is stored. */
  isCancelDue: boolean;
  isCancelSent: boolean;
  /** Another pod began it: its timers count from the attempt's start. */
  isAdopted: boolean;
  /** Credentials that answer the carrier's challenge (AUTH-11). */
  authorization: Authorization | undefined;
  /** CSeq on leg B minus CSeq on leg A. */
  cseqOffset: number;
}

/** A header that answers a challenge. */
export interface Authorization {
  readonly header: 'Authorization' | 'Proxy-Authorization';
  readonly value: string;
}

/** What a call remembers. Owned by its mailbox: `step` changes it in place. */
export interface CallState {
  callId: string;
  phase: CallPhase;
  readonly startedMs: number;
  ringingMs: number;
  origin: Origin | undefined;
  /** From where its nodes may speak, where a gateway calls that is known by its address: addresses and CIDR blocks. */
  callerAddresses: readonly string[];
  readonly decisions: EncodedDecision[];
  candidates: readonly Candidate[];
  /** Index of the next candidate that has not been tried. */
  nextCandidate: number;
  readonly attempts: CallAttempt[];
  lines: readonly string[];
  customerTerms: Uint8Array;
  maxDurationSeconds: number;
  attemptLimit: number;
  stopsAfterSdp: boolean;
  hasEarlyMedia: boolean;
  isCancelled: boolean;
  /** To tag that the caller sees, made by the pod to which the call came first. */
  toTag: string;
  isTryingSent: boolean;
  /** Number of INVITEs sent so far. */
  sequence: number;
  provisionalTimer: ProvisionalTimer | undefined;
  /** When it fires. */
  timerDueMs: number;
  /** What the caller will be told if nothing better comes. */
  failure: Failure | undefined;
}

/** The timers of CALL-03 that run after a provisional response. */
export type ProvisionalTimer = 'ringing' | 'session-progress' | 'session-progress-sdp';

/** Why an attempt failed, and what it means for the caller if it was the last. */
export interface Failure {
  readonly reason: TerminationReason;
  readonly code: number;
  readonly text: string;
  readonly final: FinalResponse;
}

/** What the caller gets in the end. */
export type FinalResponse =
  | {
      readonly kind: 'refusal';
      readonly reason: RefusalReason;
      readonly retryAfterSeconds?: number | undefined;
    }
  | {
      readonly kind: 'rejection';
      readonly code: number;
      readonly phrase: string;
      /** The callee's own, as far as they pass; lost where another pod tells the caller. */
      readonly headers?: Headers | undefined;
    };

/** What auth has made of an INVITE that it does not challenge: a call begins with it. */
export type AuthVerdict =
  | { readonly kind: 'answered'; readonly response: AuthenticateReply }
  | { readonly kind: 'unavailable'; readonly text: string };

/** What can happen to a call. */
export type CallInput =
  | { readonly kind: 'claimed'; readonly claim: Claim }
  | { readonly kind: 'routed'; readonly response: RouteReply }
  | { readonly kind: 'switched'; readonly response: NextCandidateReply }
  | { readonly kind: 'recorded' }
  /** Routing or the store did not answer. */
  | {
      readonly kind: 'unavailable';
      readonly what: 'routing' | 'store';
      readonly text: string;
    }
  | {
      readonly kind: 'response';
      readonly sequence: number;
      readonly response: SipResponse;
      readonly hasSdp: boolean;
    }
  /** The carrier sent nothing at all within the INVITE timeout, or its address cannot be reached. */
  | {
      readonly kind: 'no-response';
      readonly sequence: number;
      readonly failure: 'timeout' | 'transport-error';
    }
  | { readonly kind: 'timer'; readonly name: ProvisionalTimer }
  | { readonly kind: 'cancel' }
  /** Another pod has adopted the call. */
  | { readonly kind: 'lost' }
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
  | { readonly kind: 'claim' }
  | { readonly kind: 'route' }
  | {
      readonly kind: 'switch';
      readonly failedGateway: string;
      readonly gateways: readonly string[];
    }
  | { readonly kind: 'record' }
  | { readonly kind: 'trying' }
  | { readonly kind: 'invite'; readonly attempt: CallAttempt }
  | { readonly kind: 'cancel-invite'; readonly sequence: number }
  /** ACK and BYE for a 2xx that nobody wants any more. */
  | { readonly kind: 'hang-up'; readonly sequence: number; readonly response: SipResponse }
  | { readonly kind: 'relay'; readonly attempt: CallAttempt; readonly response: SipResponse }
  | { readonly kind: 'store-answer'; readonly attempt: CallAttempt; readonly response: SipResponse }
  | { readonly kind: 'store-end'; readonly ending: Ending; readonly final: FinalResponse }
  | { readonly kind: 'respond'; readonly final: FinalResponse }
  | { readonly kind: 'publish'; readonly event: CallEventMessage }
  | { readonly kind: 'start-timer'; readonly name: ProvisionalTimer; readonly ms: number }
  | { readonly kind: 'stop-timer' }
  /** The INVITE is one of a call that has been claimed before: it goes where that call is. */
  | { readonly kind: 'leave'; readonly claim: Claim }
  /** Another pod goes on with the call: not a word more from this one. */
  | { readonly kind: 'drop' };

/** What a step may look at besides the call and its input. */
export interface CallSurroundings {
  readonly nowMs: number;
  /** Answers a carrier's challenge with the gateway's credentials; undefined where that is not possible. */
  authorize(response: SipResponse, attempt: CallAttempt): Authorization | undefined;
}

/** A call that begins. @param startedMs when its INVITE came in */
export function newCall(callId: string, startedMs: number): CallState {
  return {
    callId,
    phase: 'claiming',
    startedMs,
    ringingMs: 0,
    origin: undefined,
    callerAddresses: [],
    decisions: [],
    candidates: [],
    nextCandidate: 0,
    attempts: [],
    lines: [],
    customerTerms: Buffer.alloc(0),
    maxDurationSeconds: 0,
    attemptLimit: 0,
    stopsAfterSdp: true,
    hasEarlyMedia: false,
    isCancelled: false,
    toTag: '',
    isTryingSent: false,
    sequence: 0,
    provisionalTimer: undefined,
    timerDueMs: 0,
    failure: undefined,
  };
}

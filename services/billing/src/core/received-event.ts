/** An event of a call as the core sees it; '' and 0 stand for what is not set. */
export interface ReceivedEvent {
  readonly head: EventHead;
  /** The whole event, encoded: tandem.events.v1.CallEvent. */
  readonly bytes: Uint8Array;
}

export interface EventHead {
  readonly eventId: string;
  readonly callId: string;
  /** answered, interim, ended or noted; others may come. */
  readonly type: string;
  readonly startedMs: number;
  /** The first ringing that the caller heard of. */
  readonly ringingMs: number;
  readonly answeredMs: number;
  readonly endedMs: number;
  readonly originKind: string;
  /** Mapping gateway or phone. */
  readonly originName: string;
  readonly originAccount: string;
  readonly aSipCallId: string;
  /** "address:port" of the caller. */
  readonly aPeerAddress: string;
  readonly bSipCallId: string;
  readonly caller: string;
  readonly callee: string;
  /** Routing gateway of the last attempt. */
  readonly gateway: string;
  readonly reason: string;
  readonly code: number;
  /** Encoded tandem.billing.v1.Terms; empty = nothing is charged. */
  readonly customerTerms: Uint8Array;
  readonly vendorTerms: Uint8Array;
  /** The last moment at which both sides were known to be in the call; 0 = nothing later than the answer. */
  readonly aliveMs: number;
  /** 1 = an end of which the rest stands in the call's `answered` event. */
  readonly partial: number;
  /** 1 = charged to `aliveMs` in place of `endedMs` (CALL-05). */
  readonly chargedToAlive: number;
}

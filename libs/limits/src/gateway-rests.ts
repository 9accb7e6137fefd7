/** What a carrier has asked for: no calls for a time (RFC 3261 §21.5.4, ROUTE-06). */
export interface RestRequest {
  readonly gateway: string;
  readonly seconds: number;
  /** The call that was refused. */
  readonly callId: string;
}

/** A gateway that rests now. */
export interface GatewayRest extends RestRequest {
  /** Until it may be used again, milliseconds from when this was read. */
  readonly leftMs: number;
}

/**
 * The gateways that all pods leave alone for a time. Every method throws SwitchError SWITCH_STORE_UNAVAILABLE where the
 * store is away.
 */
export interface GatewayRests {
  /** Begins now; a rest that would end later stays. */
  begin(rest: RestRequest): Promise<void>;
  /** Ends before its time. @returns whether the gateway rested */
  end(gateway: string): Promise<boolean>;
  /** Those that have not ended, by name. */
  list(): Promise<readonly GatewayRest[]>;
}

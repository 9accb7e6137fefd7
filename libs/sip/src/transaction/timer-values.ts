/** What the values of a transaction's timers are derived from (RFC 3261 appendix A). */
export interface TimerOptions {
  /** Estimate of the round trip, first retransmission interval, in ms (`SS_SIP_RESEND_INTERVAL`). @default 500 */
  readonly t1Ms?: number;
  /** Longest interval between retransmissions, in ms. @default 4000 */
  readonly t2Ms?: number;
  /** Longest time a message stays in the network, in ms. @default 5000 */
  readonly t4Ms?: number;
  /** Timer B: how long an INVITE waits for any response, in ms (`SS_SIP_TIMEOUT_INVITE`). @default 64 × T1 */
  readonly inviteTimeoutMs?: number;
  /** Timer F: how long another request waits for a final response, in ms. @default 64 × T1 */
  readonly requestTimeoutMs?: number;
  /** TCP, TLS and WebSocket: nothing is retransmitted, nothing is waited for. @default false */
  readonly isReliable?: boolean;
  /**
   * When an INVITE server transaction answers 100 by itself, in ms; 200 is the RFC's value.
   * @default undefined: the transaction user answers 100.
   */
  readonly tryingMs?: number;
}

/** Durations by timer, in ms. */
export interface TimerValues {
  readonly isReliable: boolean;
  readonly t1Ms: number;
  readonly t2Ms: number;
  readonly bMs: number;
  readonly dMs: number;
  readonly fMs: number;
  readonly hMs: number;
  readonly iMs: number;
  readonly jMs: number;
  readonly kMs: number;
  readonly lMs: number;
  readonly mMs: number;
  readonly tryingMs: number | undefined;
}

/** Works out every timer once; share the result between transactions. */
export function timerValues(options: TimerOptions = {}): TimerValues {
  const { t1Ms = 500, t2Ms = 4000, t4Ms = 5000, isReliable = false } = options;
  const longestMs = 64 * t1Ms;
  return {
    isReliable,
    t1Ms,
    t2Ms,
    bMs: options.inviteTimeoutMs ?? longestMs,
    // RFC 3261 §17.1.1.2: at least 32 s, for the peer's timer H may be longer than ours.
    dMs: isReliable ? 0 : Math.max(32_000, longestMs),
    fMs: options.requestTimeoutMs ?? longestMs,
    hMs: longestMs,
    iMs: isReliable ? 0 : t4Ms,
    jMs: isReliable ? 0 : longestMs,
    kMs: isReliable ? 0 : t4Ms,
    // RFC 6026 §7.1 and §7.2: L and M on every transport.
    lMs: longestMs,
    mMs: longestMs,
    tryingMs: options.tryingMs,
  };
}

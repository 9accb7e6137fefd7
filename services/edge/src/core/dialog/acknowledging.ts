/**
 * How long an answer may be without its ACK, in ms. The ACK passes any pod and leaves no trace; what is seen is that the callee
 * repeats its answer. So from some repetition on every pod looks out for the ACK, and only one that comes after that, while
 * none has seen it, says that there was none.
 */
export const acknowledging = {
  /** An answer that is younger is repeated because a datagram was lost. */
  lateMs: 3000,
  /** Every pod has learnt by then which calls to look out for, in the round of its sweep. */
  sureMs: 1000,
  /** RFC 3261 §13.3.1.4: 64 × T1, after which the session is ended. */
  patienceMs: 32_000,
  /** For how long pods look out. */
  watchedMs: 60_000,
} as const;

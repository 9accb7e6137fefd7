/** How often somebody may fail to sign in, and for how long nobody may then. */
export interface LockOutLimits {
  /** So many wrong sign-ins in a row lock. */
  readonly failures: number;
  readonly lockMs: number;
  /** Failures that are older than this are forgotten. */
  readonly forgetMs: number;
}

/** What is known of a name or an address; the name need not be one of ours. */
export interface FailureRecord {
  readonly failures: number;
  readonly lastAtMs: number;
  readonly lockedUntilMs: number | undefined;
}

/** What an attempt makes of the record. */
export interface AttemptDecision {
  readonly isAllowed: boolean;
  /** When the next one may be made, where this one may not. */
  readonly lockedUntilMs: number | undefined;
  readonly record: FailureRecord;
}

/**
 * Counts an attempt before its password is looked at, so that many at once are no way around the limit. The one that reaches
 * the limit may still be right: it locks those after it, until a right one takes the record away.
 */
export function countAttempt(
  before: FailureRecord | undefined,
  nowMs: number,
  { failures: most, forgetMs, lockMs }: LockOutLimits,
): AttemptDecision {
  const until = before?.lockedUntilMs;
  if (before !== undefined && until !== undefined && until > nowMs) {
    return { isAllowed: false, lockedUntilMs: until, record: before };
  }
  const isFresh = before === undefined || until !== undefined || before.lastAtMs + forgetMs < nowMs;
  const failures = isFresh ? 1 : before.failures + 1;
  const lockedUntilMs = failures >= most ? nowMs + lockMs : undefined;
  return {
    isAllowed: true,
    lockedUntilMs: undefined,
    record: { failures, lastAtMs: nowMs, lockedUntilMs },
  };
}

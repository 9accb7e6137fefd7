import type { ParameterValues } from '@tandem/config';

/** How a request is challenged (AUTH-02): 401 for all, 407 for all, or by method with both headers. */
export type ChallengeMode = 1 | 2 | 3;

/**
 * The limits under which an authentication session runs. They are fixed when the session begins and
 * travel with its nonces, so that a changed parameter holds for new sessions only (AUTH-03).
 */
export interface SessionTerms {
  readonly challengeMode: ChallengeMode;
  /** SS_SIP_AUTHENTICATION_RETRY: challenges for wrong credentials in one session. */
  readonly retryLimit: number;
  /** SS_SIP_AUTHENTICATION_TIMEOUT, from the first wrong credentials. */
  readonly timeoutMs: number;
  /** SS_AUTHENTICATION_MAX_RETRY: failures after which a terminal is suspended; 0 = never. */
  readonly maxFailures: number;
  /** SS_AUTHENTICATION_FAILED_SUSPEND. */
  readonly suspendMs: number;
  /** SS_AUTHENTICATION_USER_MAX_RETRY: failures of a user name from wherever it has not proved itself; 0 = never. */
  readonly userMaxFailures: number;
}

export function termsOf(parameters: ParameterValues): SessionTerms {
  const mode = parameters.SS_AUTHCHALLENGEMODE;
  return {
    challengeMode: mode === 1 || mode === 2 ? mode : 3,
    retryLimit: parameters.SS_SIP_AUTHENTICATION_RETRY,
    timeoutMs: parameters.SS_SIP_AUTHENTICATION_TIMEOUT * 1000,
    maxFailures: parameters.SS_AUTHENTICATION_MAX_RETRY,
    suspendMs: parameters.SS_AUTHENTICATION_FAILED_SUSPEND * 1000,
    userMaxFailures: parameters.SS_AUTHENTICATION_USER_MAX_RETRY,
  };
}

/** Terms as short text, in the order in which the store's scripts read them. */
export function encodeTerms(terms: SessionTerms): string {
  const { retryLimit, timeoutMs, maxFailures, suspendMs, challengeMode, userMaxFailures } = terms;
  return [retryLimit, timeoutMs, maxFailures, suspendMs, challengeMode, userMaxFailures].join(',');
}

/** Reads what `encodeTerms` wrote, also that of an earlier version, which has no limit of a user name. */
export function decodeTerms(text: string): SessionTerms {
  const numbers = text.split(',').map(Number);
  const [retryLimit = 0, timeoutMs = 0, maxFailures = 0, suspendMs = 0, mode = 3] = numbers;
  return {
    retryLimit,
    timeoutMs,
    maxFailures,
    suspendMs,
    challengeMode: mode === 1 || mode === 2 ? mode : 3,
    userMaxFailures: numbers[5] ?? 0,
  };
}

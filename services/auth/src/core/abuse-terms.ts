import type { ParameterValues } from '@tandem/config';

/** What holds for sources, whatever sessions they have (AUTH-07, AUTH-08). */
export interface AbuseTerms {
  /** SS_AUTHENTICATION_KNOWN_PLACE: how long a place counts where a user name has proved itself. */
  readonly knownPlaceMs: number;
  /** SS_BLACKLIST_MAX_FAILURES; 0 = never. */
  readonly sourceMaxFailures: number;
  readonly sourceWindowMs: number;
  readonly blacklistMs: number;
}

export function abuseTermsOf(parameters: ParameterValues): AbuseTerms {
  return {
    knownPlaceMs: parameters.SS_AUTHENTICATION_KNOWN_PLACE * 1000,
    sourceMaxFailures: parameters.SS_BLACKLIST_MAX_FAILURES,
    sourceWindowMs: parameters.SS_BLACKLIST_WINDOW * 1000,
    blacklistMs: parameters.SS_BLACKLIST_TIME * 1000,
  };
}

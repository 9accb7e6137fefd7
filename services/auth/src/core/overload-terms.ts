import { readParameters } from '@tandem/config';
import type { ParameterValues } from '@tandem/config';
import type { OverloadTerms } from '@tandem/proto/auth';

const usual = messageOf(readParameters());

/** How far edges may be loaded (CALL-11); undefined where all of it is the default, so that answers are no longer for it. */
export function overloadTermsOf(parameters: ParameterValues): OverloadTerms | undefined {
  const terms = messageOf(parameters);
  const names = Object.keys(usual) as (keyof OverloadTerms)[];
  return names.every((name) => terms[name] === usual[name]) ? undefined : terms;
}

function messageOf(parameters: ParameterValues): OverloadTerms {
  return {
    off: !parameters.SS_OVERLOAD_CONTROL,
    delayMs: parameters.SS_OVERLOAD_DELAY,
    setUpDelayMs: parameters.SS_OVERLOAD_SETUP_DELAY,
    retryAfterSeconds: parameters.SS_OVERLOAD_RETRY_AFTER,
    leastRate: parameters.SS_OVERLOAD_LEAST_RATE,
    unknownShare: parameters.SS_OVERLOAD_UNKNOWN_SHARE,
  };
}

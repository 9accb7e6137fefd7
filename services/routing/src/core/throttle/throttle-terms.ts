import type { ParameterValues, RoutingGateway } from '@tandem/config';

/** When a gateway is throttled, and by how much (ROUTE-16): its own settings, else the system parameters'. */
export interface ThrottleTerms {
  /** Per cent of its calls: from so many failures on it is throttled. */
  readonly failureShare: number;
  /** Up to so many it is let back in. */
  readonly recoveryShare: number;
  /** So few say nothing of a gateway that gets all of its calls. */
  readonly calls: number;
  readonly windowMs: number;
  readonly stepMs: number;
  /** Per cent of its calls that it keeps. */
  readonly least: number;
  /** Calls that it does not get are offered to it after all others. */
  readonly isLastResort: boolean;
  readonly failureCodes: ReadonlySet<number>;
}

/** RFC 3261 §8.1.3.1: no answer in time is a 408, and what cannot be reached a 503. */
const failureCodes: ReadonlySet<number> = new Set([408, 480, 503]);

/** @returns undefined where it is not throttled, however it fails */
export function throttleTermsOf(
  { throttle: own = {} }: Pick<RoutingGateway, 'throttle'>,
  parameters: ParameterValues,
): ThrottleTerms | undefined {
  const failureShare = own.failureShare ?? parameters.SS_GATEWAY_THROTTLE_FAILURE_SHARE;
  if (failureShare === 0) return undefined;
  return {
    failureShare,
    recoveryShare: own.recoveryShare ?? parameters.SS_GATEWAY_THROTTLE_RECOVERY_SHARE,
    calls: own.calls ?? parameters.SS_GATEWAY_THROTTLE_CALLS,
    windowMs: (own.window ?? parameters.SS_GATEWAY_THROTTLE_WINDOW) * 1000,
    stepMs: (own.step ?? parameters.SS_GATEWAY_THROTTLE_STEP) * 1000,
    least: own.least ?? parameters.SS_GATEWAY_THROTTLE_LEAST,
    isLastResort: own.lastResort ?? parameters.SS_GATEWAY_THROTTLE_LAST_RESORT,
    failureCodes: own.failureCodes === undefined ? failureCodes : new Set(own.failureCodes),
  };
}

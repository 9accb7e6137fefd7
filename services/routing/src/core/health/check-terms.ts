import type { ParameterValues, RoutingGateway } from '@tandem/config';

/** How a gateway is checked (ROUTE-07): its own settings, else the system parameters'. */
export interface CheckTerms {
  readonly periodMs: number;
  /** So many of the last `window` checks that fail take an address off line. */
  readonly failures: number;
  /** So many in a row that are answered bring it back. */
  readonly window: number;
  /** Answers that count as none. */
  readonly deadCodes: ReadonlySet<number>;
}

/** @returns undefined where nobody asks: it is not configured, or the gateway gets no calls whatever it says */
export function checkTermsOf(
  gateway: Pick<RoutingGateway, 'lock' | 'optionsCheck' | 'type'>,
  parameters: ParameterValues,
): CheckTerms | undefined {
  const { lock, optionsCheck: own, type } = gateway;
  if (own === undefined || lock !== 'none' || type !== 'static') return undefined;
  return {
    periodMs: (own.period ?? parameters.SS_SIP_OPTIONS_CHECK_PERIOD) * 1000,
    failures: own.failures ?? parameters.SS_SIP_OPTIONS_CHECK_FAILURES,
    window: own.window ?? parameters.SS_SIP_OPTIONS_CHECK_WINDOW,
    deadCodes: new Set(own.deadCodes),
  };
}

import type { EncodedDecision } from './decisions.ts';
import { edgeDecision } from './decisions.ts';

/** Why a new call is refused, with the values that decided it (DENY-19). */
export interface OverloadRefusal {
  /** `share`: its source sends more than its share of the rate; `most-rate`: TANDEM_OVERLOAD_RATE; else what limits the rate. */
  readonly cause: 'loop-delay' | 'queue-delay' | 'set-up-delay' | 'share' | 'most-rate';
  /** What of the process is past its limit, or was last. */
  readonly by: 'loop-delay' | 'queue-delay' | 'set-up-delay';
  readonly measuredMs: number;
  readonly limitMs: number;
  /** New calls a second that the pod begins now. */
  readonly perSecond: number;
  /** Where it comes from, what it may have a second, and what it sends. */
  readonly source: string;
  readonly share: number;
  readonly demand: number;
  /** Calls from there that were refused since the overload began, most of them without a CDR. */
  readonly refused: number;
  readonly retryAfterSeconds: number;
}

/** For the CDR. */
export function overloadDecision(overload: OverloadRefusal, atMs: number): EncodedDecision {
  const { cause, by, source } = overload;
  const facts = {
    cause,
    measured: by,
    'measured-ms': Math.round(overload.measuredMs),
    'limit-ms': overload.limitMs,
    parameter: by === 'set-up-delay' ? 'SS_OVERLOAD_SETUP_DELAY' : 'SS_OVERLOAD_DELAY',
    rate: Math.round(overload.perSecond),
    share: Math.round(overload.share),
    demand: Math.round(overload.demand),
    refused: overload.refused,
  } as const;
  return edgeDecision('overloaded', { subject: source, facts, atMs });
}

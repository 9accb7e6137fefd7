import { decided } from '@tandem/domain';
import type { DecisionRecord, FactsOf } from '@tandem/domain';
import type { FullLine, LimitClaim } from '@tandem/limits';
import { lineKey, subjectOf } from '../line-keys.ts';
import type { LineKind } from '../line-keys.ts';
import type { BarredAt } from './barred-at.ts';

/** ROUTE-15: the limit of calls per second of an account or gateway; none where it is 0. */
export function callsPerSecond(kind: LineKind, name: string, limit: number): readonly LimitClaim[] {
  return limit === 0 ? [] : [{ key: lineKey(kind, name), limit, per: 'second' }];
}

/** The calling side has made too many calls in this second. */
export function tooManyCallsDecision(full: FullLine, atMs: number): DecisionRecord {
  const subject = subjectOf(full.key);
  return decided('cps-limit-reached', { subject, facts: factsOf(full), atMs });
}

/** A gateway has been given as many calls in this second as it takes: the next one is asked (DENY-12). */
export function gatewayTooFastDecision(
  full: FullLine,
  { subject, prefix, atMs }: BarredAt,
): DecisionRecord {
  return decided('gateway-cps-reached', { subject, facts: { prefix, ...factsOf(full) }, atMs });
}

function factsOf({ key, limit, holders }: FullLine): FactsOf<'cps-limit-reached'> {
  return { callsPerSecond: limit, limitOf: subjectOf(key), calls: holders.join(' ') };
}

import { decided } from '@tandem/domain';
import type { DecisionRecord, FactsOf } from '@tandem/domain';
import { failureFacts } from './number-rules.ts';
import type { RuleStep } from './number-rules.ts';

/** What keeps a gateway from a call for its numbers (ROUTE-10). */
export type NumberBarrier =
  /** A list of the gateway does. */
  | { readonly kind: 'gateway-number-barred'; readonly facts: FactsOf<'number-barred'> }
  /** A rule on the way to it leaves nothing to be called. */
  | { readonly kind: 'gateway-rule-failed'; readonly step: RuleStep };

export function isNumberBarrier(barrier: { readonly kind: string }): barrier is NumberBarrier {
  return barrier.kind === 'gateway-number-barred' || barrier.kind === 'gateway-rule-failed';
}

export function numberBarrierDecision(
  subject: string,
  barrier: NumberBarrier,
  { prefix, atMs }: { readonly prefix: string | undefined; readonly atMs: number },
): DecisionRecord {
  if (barrier.kind === 'gateway-number-barred') {
    const facts = { ...barrier.facts, prefix };
    return decided('gateway-number-barred', { subject, facts, atMs });
  }
  const facts = { ...failureFacts(barrier.step), prefix };
  return decided('gateway-rule-failed', { subject, facts, atMs });
}

import { Decision } from '@tandem/proto/decision';
import { encoded } from '@tandem/proto/encoded';

/** An encoded tandem.decision.v1.Decision: the edge passes decisions on, and looks at none. */
export type EncodedDecision = Uint8Array;

/** A decision of the edge (OPS-09), with the values that decided by name. */
export function edgeDecision(
  decision: Pick<Decision, 'check' | 'result' | 'subject' | 'atMs'> & { readonly reason?: string },
  facts: Readonly<Record<string, string | number>> = {},
): EncodedDecision {
  return encoded(Decision, {
    service: 'edge',
    reason: '',
    ...decision,
    facts: Object.entries(facts).map(([name, value]) => ({ name, value: String(value) })),
  });
}

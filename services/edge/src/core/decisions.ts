import type { Decision } from '@tandem/proto/decision';

/** A decision of the edge (OPS-09), with the values that decided by name. */
export function edgeDecision(
  decision: Pick<Decision, 'check' | 'result' | 'subject' | 'atMs'> & { readonly reason?: string },
  facts: Readonly<Record<string, string | number>> = {},
): Decision {
  return {
    service: 'edge',
    reason: '',
    ...decision,
    facts: Object.entries(facts).map(([name, value]) => ({ name, value: String(value) })),
  };
}

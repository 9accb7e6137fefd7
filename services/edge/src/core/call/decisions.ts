import { decided } from '@tandem/domain';
import type { Decided, DecisionKind } from '@tandem/domain';
import { Decision } from '@tandem/proto/decision';
import { encoded } from '@tandem/proto/encoded';

/** An encoded tandem.decision.v1.Decision: the edge passes decisions on, and looks at none. */
export type EncodedDecision = Uint8Array;

/** A decision of the edge (OPS-09) as it is kept with the call. @param kind a literal, as in `decided` */
export function edgeDecision<Name extends DecisionKind>(
  kind: Name,
  made: Decided<Name>,
): EncodedDecision {
  return encoded(Decision, decided(kind, made));
}

import { authDecisions } from './auth-decisions.ts';
import { edgeDecisions } from './edge-decisions.ts';
import type { FactValues, Kind } from './kind.ts';
import { numberDecisions } from './number-decisions.ts';
import { routingDecisions } from './routing-decisions.ts';

/**
 * Every kind of decision about a call (OPS-09). Producers make these and no others, `explain` has a sentence for each:
 * what is taken out here does not compile in either place.
 */
export const decisionKinds = {
  ...authDecisions,
  ...routingDecisions,
  ...numberDecisions,
  ...edgeDecisions,
} as const;

type Kinds = typeof decisionKinds;

export type DecisionKind = keyof Kinds;

/** The facts of a kind. What is optional may also be undefined. */
export type FactsOf<Name extends DecisionKind> = FactValues<Kinds[Name]['facts']> &
  (Kinds[Name] extends { readonly optional: infer Shapes }
    ? Partial<{ readonly [Fact in keyof Shapes]: FactValues<Shapes>[Fact] | undefined }>
    : unknown);

/** The termination reason that a kind means; '' where it means none. */
export type ReasonOf<Name extends DecisionKind> = Kinds[Name] extends { readonly reason: infer R }
  ? R extends readonly (infer Each)[]
    ? Each
    : R
  : '';

/** A decision, by its kind. */
export type Decision<Name extends DecisionKind = DecisionKind> = {
  [Each in Name]: {
    readonly kind: Each;
    /** Whom or what it concerns: "account demo", "routing-gateway carrier-a". */
    readonly subject: string;
    readonly reason: ReasonOf<Each>;
    readonly facts: FactsOf<Each>;
    /** Milliseconds since the epoch. */
    readonly atMs: number;
  };
}[Name];

/** A decision as it is sent and kept: tandem.decision.v1.Decision. */
export interface DecisionRecord {
  service: string;
  check: string;
  result: string;
  subject: string;
  reason: string;
  facts: { name: string; value: string }[];
  atMs: number;
}

/** The row of a kind, without its literal types. */
export function kindOf(name: DecisionKind): Kind {
  return decisionKinds[name];
}

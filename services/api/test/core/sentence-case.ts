import type { DecisionKind, FactsOf, ReasonOf } from '@tandem/domain';

/** How one decision is told. */
export type Case<Name extends DecisionKind> = readonly [
  sentence: string,
  subject: string,
  facts: FactsOf<Name>,
  reason?: ReasonOf<Name>,
];

/** At least one for each kind. */
export type Cases<Kinds extends DecisionKind> = {
  readonly [Name in Kinds]: readonly [Case<Name>, ...Case<Name>[]];
};

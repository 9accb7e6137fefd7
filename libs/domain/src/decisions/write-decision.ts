import { kindOf } from './decision.ts';
import type {
  decisionKinds,
  Decision,
  DecisionKind,
  DecisionRecord,
  FactsOf,
  ReasonOf,
} from './decision.ts';

type Kinds = typeof decisionKinds;

/** What a producer says of a decision: its reason only where the kind has several. */
export type Decided<Name extends DecisionKind> = Pick<Decision, 'subject' | 'atMs'> & {
  readonly facts: FactsOf<Name>;
} & (Kinds[Name] extends { readonly reason: readonly unknown[] }
    ? { readonly reason: ReasonOf<Name> }
    : { readonly reason?: never });

/**
 * A decision as it is sent and kept: the one place where it is written.
 * @param kind a literal, so that it can be found who decides what
 */
export function decided<Name extends DecisionKind>(
  kind: Name,
  made: Decided<Name>,
): DecisionRecord {
  const { service, check, result, reason = '' } = kindOf(kind);
  // Whatever the kind, its facts are texts and numbers.
  const { subject, atMs, reason: given = '', facts: values } = made as unknown as AnyDecided;
  const facts: DecisionRecord['facts'] = [];
  // In the order in which the producer names them; for…in makes no array of its own.
  for (const name in values) {
    const value = values[name];
    if (value !== undefined) facts.push({ name, value: String(value) });
  }
  return {
    service,
    check,
    result,
    subject,
    reason: typeof reason === 'string' ? reason : given,
    facts,
    atMs,
  };
}

interface AnyDecided {
  readonly subject: string;
  readonly atMs: number;
  readonly reason?: string;
  readonly facts: Readonly<Record<string, string | number | undefined>>;
}

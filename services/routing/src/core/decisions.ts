import type { RefusalReason } from '@tandem/domain';
import type { FullLine } from '@tandem/limits';
import type { Decision, Fact } from '@tandem/proto/decision';
import { subjectOf } from './line-keys.ts';

/** The values that decided, by the names an operator knows. */
export type Facts = readonly Fact[];

export function fact(name: string, value: string | number): Fact {
  return { name, value: String(value) };
}

/** One step of what was decided (OPS-09). */
export interface DecisionParts {
  readonly check:
    'number' | 'account-status' | 'validity' | 'balance' | 'rate' | 'lines' | 'candidate';
  readonly result: 'passed' | 'refused' | 'chosen' | 'skipped' | 'failed';
  readonly subject: string;
  readonly reason?: RefusalReason;
  readonly facts?: Facts;
  readonly nowMs: number;
}

export function decision(parts: DecisionParts): Decision {
  const { check, result, subject, reason, facts, nowMs } = parts;
  return {
    service: 'routing',
    check,
    result,
    subject,
    reason: reason ?? '',
    facts: facts === undefined ? [] : [...facts],
    atMs: nowMs,
  };
}

/** Which limit was reached, and who holds it. */
export function lineFacts(line: FullLine): Facts {
  return [
    fact('limit', line.limit),
    fact('limitOf', subjectOf(line.key)),
    fact('inUse', line.inUse),
    fact('holders', line.holders.join(' ')),
  ];
}

import type { Explanation } from '../../core/explain.ts';
import { presentAttempt, presentStep } from '../call-parts/presentation.ts';
import type { ExplanationView } from './schemas.ts';

export function presentExplanation(
  explanation: Explanation,
  others: readonly string[],
): ExplanationView {
  const { callId, summary, outcome, reason, code, change, price } = explanation;
  return {
    callId,
    summary,
    outcome,
    reason,
    code,
    change,
    price,
    steps: explanation.steps.map(presentStep),
    attempts: explanation.attempts.map(({ text, attempt }) => ({
      text,
      attempt: presentAttempt(attempt),
    })),
    others: [...others],
  };
}

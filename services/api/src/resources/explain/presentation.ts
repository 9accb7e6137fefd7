import type { JournalEntry } from '@tandem/proto/journal';
import type { Candidate } from '../../core/candidates.ts';
import type { Explanation } from '../../core/explain.ts';
import { presentAttempt, presentStep } from '../call-parts/presentation.ts';
import { presentEntry } from '../journal/presentation.ts';
import { presentTime } from '../times.ts';
import type { CandidateView, ExplanationView } from './schemas.ts';

export function presentExplanation(
  explanation: Explanation,
  {
    entries,
    evidence,
    missing,
    others,
  }: {
    readonly others: readonly string[];
    readonly entries: readonly JournalEntry[];
    readonly evidence: readonly string[];
    readonly missing: readonly string[];
  },
): ExplanationView {
  const { callId, summary, outcome, reason, code, change, price } = explanation;
  return {
    callId,
    summary,
    outcome,
    reason,
    code,
    evidence: [...evidence],
    change,
    price,
    steps: explanation.steps.map(presentStep),
    attempts: explanation.attempts.map(({ text, attempt }) => ({
      text,
      attempt: presentAttempt(attempt),
    })),
    others: [...others],
    entries: entries.map(presentEntry),
    missing: [...missing],
  };
}

export function presentCandidate({ atMs, ...candidate }: Candidate): CandidateView {
  return { ...candidate, at: presentTime(atMs) };
}

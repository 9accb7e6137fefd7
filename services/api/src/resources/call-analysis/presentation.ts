import type { AnalyseCallsResponse, CallFigures } from '@tandem/proto/billing';
import { presentTime } from '../times.ts';
import type { CallAnalysisRowView, CallAnalysisView, SummaryRowView } from './schemas.ts';

export function presentSpan({
  fromMs,
  more,
  untilMs,
}: AnalyseCallsResponse): Pick<CallAnalysisView, 'from' | 'until' | 'hasMore'> {
  return { from: presentTime(fromMs), until: presentTime(untilMs), hasMore: more };
}

/** @param by what the keys are of, in their order */
export function presentAnalysis(by: readonly string[], row: CallFigures): CallAnalysisRowView {
  const { answered, billedSeconds, calls, durationMs, effective, pddCalls, pddMs } = row;
  const keys = Object.fromEntries(by.map((name, index) => [name, row.keys[index] ?? '']));
  if (!row.figures) return { ...keys, calls, ...nothing };
  return {
    ...keys,
    calls,
    answered,
    asrPercent: rounded(answered * 100, calls),
    nerPercent: rounded(effective * 100, calls),
    acdSeconds: rounded(durationMs / 1000, answered),
    pddMs: pddCalls === 0 ? null : Math.round(pddMs / pddCalls),
    durationSeconds: durationMs / 1000,
    billedSeconds,
  };
}

export function presentSummary(by: readonly string[], row: CallFigures): SummaryRowView {
  const { cost, costCurrency, currency, price } = row;
  return { ...presentAnalysis(by, row), currency, price, costCurrency, cost };
}

const nothing = {
  answered: null,
  asrPercent: null,
  nerPercent: null,
  acdSeconds: null,
  pddMs: null,
  durationSeconds: null,
  billedSeconds: null,
} as const;

/** To two places; null where there is nothing to divide by. */
function rounded(sum: number, count: number): number | null {
  return count === 0 ? null : Math.round((sum * 100) / count) / 100;
}

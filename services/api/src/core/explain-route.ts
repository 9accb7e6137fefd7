import { isRefusalReason, refusals } from '@tandem/domain';
import type { AnalyseResponse, Candidate } from '@tandem/proto/routing';
import { decidingStep, explainSteps, tell, type ExplainedStep } from './explain.ts';

/** What routing would do with a call, in words (ROUTE-12). */
export interface ExplainedRoute {
  readonly summary: string;
  readonly outcome: 'routed' | 'refused';
  readonly reason: string;
  readonly code: number;
  readonly change: string | null;
  readonly candidates: readonly Candidate[];
  /** Index of the candidate that would be tried first; -1 where there is none. */
  readonly chosen: number;
  readonly steps: readonly ExplainedStep[];
  readonly price: string | null;
  readonly configurationVersion: number;
}

/** Explains an analysis from its decisions. */
export function explainRoute(analysis: AnalyseResponse): ExplainedRoute {
  const decisions = analysis.route?.decisions ?? [];
  const outcome = analysis.route?.outcome;
  const price = analysis.price === '' ? null : analysis.price;
  const { configurationVersion } = analysis;
  const common = { steps: explainSteps(decisions), price, configurationVersion };
  if (outcome?.$case === 'routed') {
    const { candidates, chosen } = outcome.value;
    const [first, ...rest] = [...candidates.slice(chosen), ...candidates.slice(0, chosen)];
    const others =
      rest.length === 0 ? '' : `, then ${rest.map(({ gateway }) => gateway).join(', ')}`;
    const cost = price === null ? '' : ` at ${price}`;
    const summary = `The call would go to ${first?.gateway ?? 'no gateway'}${others}${cost}.`;
    return {
      ...common,
      summary,
      outcome: 'routed',
      reason: '',
      code: 0,
      change: null,
      candidates,
      chosen,
    };
  }
  const reason = outcome?.value.reason ?? '';
  const refusal = isRefusalReason(reason) ? refusals[reason] : undefined;
  const { why, change } = tell(reason, decidingStep(decisions, reason));
  const code = refusal?.code ?? 0;
  const summary = `The call would be refused with ${String(code)} ${refusal?.phrase ?? reason}: ${why}.`;
  return {
    ...common,
    summary,
    outcome: 'refused',
    reason,
    code,
    change,
    candidates: [],
    chosen: -1,
  };
}

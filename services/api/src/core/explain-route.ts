import { isRefusalReason, refusals } from '@tandem/domain';
import type { DecisionRecord } from '@tandem/domain';
import type { AnalysedCharge, AnalyseResponse, Candidate, Routed } from '@tandem/proto/routing';
import { explainSteps, tell, type ExplainedStep } from './explain.ts';

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
  /** What a call of the length that was asked for would cost. */
  readonly charge: AnalysedCharge | null;
  readonly configurationVersion: number;
}

type Common = Pick<ExplainedRoute, 'steps' | 'price' | 'charge' | 'configurationVersion'>;

/** Explains an analysis from its decisions. */
export function explainRoute({
  route,
  price,
  charge,
  configurationVersion,
}: AnalyseResponse): ExplainedRoute {
  const decisions = route?.decisions ?? [];
  const common = {
    steps: explainSteps(decisions),
    price: price === '' ? null : price,
    charge: charge ?? null,
    configurationVersion,
  };
  const outcome = route?.outcome;
  return outcome?.$case === 'routed'
    ? routed(outcome.value, common)
    : refused(outcome?.value.reason ?? '', decisions, common);
}

function routed({ candidates, chosen }: Routed, common: Common): ExplainedRoute {
  const [first, ...rest] = [...candidates.slice(chosen), ...candidates.slice(0, chosen)];
  const others = rest.length === 0 ? '' : `, then ${rest.map(({ gateway }) => gateway).join(', ')}`;
  const cost = common.price === null ? '' : ` at ${common.price}`;
  const summary = `The call would go to ${first?.gateway ?? 'no gateway'}${others}${cost}.`;
  const nothing = { reason: '', code: 0, change: null };
  return { ...common, ...nothing, summary, outcome: 'routed', candidates, chosen };
}

function refused(
  reason: string,
  decisions: readonly DecisionRecord[],
  common: Common,
): ExplainedRoute {
  const refusal = isRefusalReason(reason) ? refusals[reason] : { code: 0, phrase: reason };
  const { why, change } = tell(reason, decisions);
  const { code, phrase } = refusal;
  const summary = `The call would be refused with ${String(code)} ${phrase}: ${why}.`;
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

import type { ExplainedStep, Explanation } from '../core/explain.ts';
import type { ExplainedRoute } from '../core/explain-route.ts';
import { presentAttempt, presentDecision } from './present.ts';
import type { ExplanationView, RouteAnalysisView, StepView } from './schemas.ts';

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

/** The carrier's username and password stay behind (AUTH-12). */
export function presentRouteAnalysis(route: ExplainedRoute): RouteAnalysisView {
  const { summary, outcome, reason, code, change, price, configurationVersion } = route;
  return {
    summary,
    outcome,
    reason,
    code,
    change,
    candidates: route.candidates.map((candidate, index) => ({
      gateway: candidate.gateway,
      group: candidate.group === '' ? null : candidate.group,
      account: candidate.account === '' ? null : candidate.account,
      addresses: candidate.addresses,
      caller: candidate.caller,
      callee: candidate.callee,
      isChosen: index === route.chosen,
    })),
    steps: route.steps.map(presentStep),
    price,
    configurationVersion,
  };
}

function presentStep({ text, decision }: ExplainedStep): StepView {
  return { text, decision: presentDecision(decision) };
}

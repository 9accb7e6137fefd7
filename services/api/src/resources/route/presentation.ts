import type { ExplainedRoute } from '../../core/explain-route.ts';
import { presentStep } from '../call-parts/presentation.ts';
import type { RouteAnalysisView } from './schemas.ts';

/** The carrier's username and password stay behind (AUTH-12). */
export function presentRouteAnalysis(route: ExplainedRoute): RouteAnalysisView {
  const { summary, outcome, reason, code, change, charge, price, configurationVersion } = route;
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
    charge,
    configurationVersion,
  };
}

import type { ExplainedRoute } from '../../core/explain-route.ts';
import { presentStep } from '../call-parts/presentation.ts';
import type { RouteAnalysisView, RouteSummaryView } from './schemas.ts';

/** A line of a list of analyses. */
export function presentRouteSummary(
  { callee, caller }: Pick<RouteSummaryView, 'callee' | 'caller'>,
  route: ExplainedRoute,
): RouteSummaryView {
  const { summary, outcome, reason, code, change, price, configurationVersion } = route;
  const gateways = route.candidates.map(({ gateway }) => gateway);
  const first = Math.max(route.chosen, 0);
  return {
    callee,
    caller,
    summary,
    outcome,
    reason,
    code,
    change,
    // In turns: the first of them is not the first of the list.
    gateways: [...gateways.slice(first), ...gateways.slice(0, first)],
    price,
    configurationVersion,
  };
}

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

import type { RoutePolicy } from '@tandem/config';
import type { Route } from '../candidates.ts';
import type { RateMemo } from '../rate-memo.ts';
import { byLeastCost } from './least-cost.ts';
import { byQuality } from './quality.ts';
import { byWeight } from './weight.ts';

/** What the order of gateways is made by. */
export interface Ordering {
  readonly policy: Pick<RoutePolicy, 'name' | 'order' | 'loss' | 'quality'>;
  readonly memo: RateMemo;
  /** In [0, 1). */
  readonly random: () => number;
  /** SS_GATEWAY_QUALITY_TRIAL, per cent. */
  readonly trial: number;
}

/** What holds where the configuration names no policy. */
export const standardPolicy: Ordering['policy'] = { name: '', order: 'cost', loss: 'refuse' };

/**
 * ROUTE-04: the order of gateways of one prefix: by priority, lower first; then as the policy says; then by name.
 * @param routes sorted by priority and name
 */
export function inOrder(routes: readonly Route[], ordering: Ordering): readonly Route[] {
  if (routes.length < 2) return routes;
  const first = routes[0]?.gateway.priority;
  // Most have one: nothing is to be split.
  if (routes.every(({ gateway }) => gateway.priority === first)) {
    return asPolicySays(routes, ordering);
  }
  const byPriority = Map.groupBy(routes, ({ gateway }) => gateway.priority);
  return [...byPriority.values()].flatMap((equals) => asPolicySays(equals, ordering));
}

function asPolicySays(
  routes: readonly Route[],
  { policy, memo, random, trial }: Ordering,
): readonly Route[] {
  if (routes.length < 2) return routes;
  switch (policy.order) {
    case 'cost':
      return byLeastCost(routes, memo);
    case 'quality':
      return byQuality(byLeastCost(routes, memo), { quality: policy.quality, random, trial });
    case 'weight':
      return byWeight(routes, random);
  }
}

import type { Route } from '../candidates.ts';

/**
 * ROUTE-04: each of them comes first as often as its weight says, and so on among those that are left: of weights 3 and 1 the
 * first leads three times of four. Those of weight 0 come after all others, in the order in which they come.
 * Source: weighted sampling without replacement by exponential keys (Efraimidis, Spirakis 2006).
 * @param random in [0, 1), asked once for each gateway with a weight
 */
export function byWeight(routes: readonly Route[], random: () => number): readonly Route[] {
  const drawn = routes.map((route) => ({ route, key: keyOf(route.gateway.weight, random) }));
  // Both may be infinite, and their difference no number.
  drawn.sort((a, b) => (a.key === b.key ? 0 : a.key - b.key));
  return drawn.map(({ route }) => route);
}

/** The time until the next event of a process that has `weight` of them in a unit of time. */
function keyOf(weight: number, random: () => number): number {
  return weight === 0 ? Infinity : -Math.log(1 - random()) / weight;
}

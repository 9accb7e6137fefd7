import type { Route } from '../candidates.ts';

/**
 * ROUTE-04: routes to protect are tried only after every other has failed or was full, whatever their prefix. ROUTE-16: one that is
 * throttled is as one that is full, and what it does not get comes to it when nobody else is left.
 */
export function lastResortsLast(routes: readonly Route[]): readonly Route[] {
  if (!routes.some((route) => rankOf(route) > 0)) return routes;
  return routes.toSorted((a, b) => rankOf(a) - rankOf(b));
}

function rankOf({ gateway, isDeferred }: Route): number {
  return (gateway.isProtected ? 1 : 0) + (isDeferred === true ? 2 : 0);
}

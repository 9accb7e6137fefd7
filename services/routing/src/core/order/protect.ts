import type { Route } from '../candidates.ts';

/** ROUTE-04: routes to protect are tried only after every other has failed or was full, whatever their prefix. */
export function protectedLast(routes: readonly Route[]): readonly Route[] {
  if (!routes.some(({ gateway }) => gateway.isProtected)) return routes;
  return [
    ...routes.filter(({ gateway }) => !gateway.isProtected),
    ...routes.filter(({ gateway }) => gateway.isProtected),
  ];
}

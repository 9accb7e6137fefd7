import type { Nanos, Tariff } from '@tandem/domain';
import type { Route } from '../candidates.ts';
import type { RateMemo } from '../rate-memo.ts';

/** What decides between two rates. */
type Cost = Pick<Tariff, 'pricePerMinute' | 'connectionFee'>;

const FREE: Cost = { pricePerMinute: 0n, connectionFee: 0n };

/** ROUTE-04: the vendor's price a minute, then its connection fee. Equal ones keep the order in which they come. */
export function byLeastCost(routes: readonly Route[], memo: RateMemo): readonly Route[] {
  const costed = routes.map((route) => ({ route, cost: costOf(route, memo) }));
  costed.sort((a, b) => compareCosts(a.cost, b.cost));
  return costed.map(({ route }) => route);
}

/** Nothing to pay is the least; a vendor with rates but none for this number comes last: its cost is unknown. */
function costOf({ gateway, rate }: Route, memo: RateMemo): Cost | undefined {
  if (rate !== undefined) return memo.tariff(rate.rate);
  return gateway.account?.rateGroup === undefined ? FREE : undefined;
}

function compareCosts(a: Cost | undefined, b: Cost | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return compare(a.pricePerMinute, b.pricePerMinute) || compare(a.connectionFee, b.connectionFee);
}

function compare(a: Nanos, b: Nanos): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

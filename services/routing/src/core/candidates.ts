import type { Nanos, Tariff } from '@tandem/domain';
import type { LocatedBinding } from '@tandem/proto/registrar';
import { barrierOf } from './barrier.ts';
import type { Barrier } from './barrier.ts';
import type { Moment } from './rests.ts';
import type { RateMemo } from './rate-memo.ts';
import { findRate } from './rates.ts';
import type { SentCallee } from './gateway-numbers.ts';
import type { GatewayEntry, RateGroupEntry, RateMatch, RoutingTables } from './routing-tables.ts';

/** A gateway that may take the call. */
export interface Route {
  readonly gateway: GatewayEntry;
  /** The prefix of the gateway that matched. */
  readonly prefix: string;
  /** What its vendor is paid; undefined where nothing is, or no rate is known. */
  readonly rate: RateMatch | undefined;
  /** Where it is, if it has registered here: a phone, or a dynamic gateway. */
  readonly bindings?: readonly LocatedBinding[] | undefined;
  /** Its own name was called, not a number behind it (ROUTE-01). */
  readonly isItself?: boolean | undefined;
  /** The called number as it is to be sent; unset: as it is routed (ROUTE-10). */
  readonly sent?: SentCallee | undefined;
}

/** A gateway that matches but may not take the call, and why. */
export interface LeftOut {
  readonly gateway: GatewayEntry;
  readonly prefix: string;
  readonly barrier: Barrier;
}

export interface Routes {
  /** In the order in which they are to be tried. */
  readonly routes: readonly Route[];
  readonly leftOut: readonly LeftOut[];
}

/**
 * Which gateways may take a number, in order: longest prefix first (ROUTE-03), then priority, then least cost,
 * then name (ROUTE-04).
 */
export function findRoutes(tables: RoutingTables, callee: string, at: Moment): Routes {
  const matches = tables.routes.matches(callee);
  const routes: Route[] = [];
  const leftOut: LeftOut[] = [];
  const seen = new Set<GatewayEntry>();
  const costs = new VendorRates(callee, at.nowMs);
  for (const [index, { prefix, values }] of matches.entries()) {
    const samePrefix: Route[] = [];
    for (const gateway of values) {
      // Once, under its longest prefix.
      if (seen.has(gateway)) continue;
      seen.add(gateway);
      const longest = index === 0 ? undefined : matches[0]?.prefix;
      const barrier = barrierOf(gateway, longest, at);
      if (barrier !== undefined) leftOut.push({ gateway, prefix, barrier });
      else
        samePrefix.push({
          gateway,
          prefix,
          rate: costs.of(gateway),
          bindings: bindingsOf(gateway, at),
        });
    }
    for (const route of byPriorityAndCost(samePrefix, tables.memo)) routes.push(route);
  }
  return { routes, leftOut };
}

/** The dynamic gateways that match a number, and whose places are to be known before it is routed. */
export function dynamicGatewaysFor(tables: RoutingTables, callee: string): readonly string[] {
  if (!tables.hasDynamic) return [];
  const matching = tables.routes.matches(callee).flatMap(({ values }) => values);
  return namesOfDynamic(matching);
}

/** Those that have an address only where they have registered. */
export function namesOfDynamic(gateways: readonly GatewayEntry[]): readonly string[] {
  const dynamic = gateways.filter(({ isDynamic, isLocked }) => isDynamic && !isLocked);
  return [...new Set(dynamic.map(({ name }) => name))];
}

function bindingsOf({ name }: GatewayEntry, { whereabouts }: Moment): Route['bindings'] {
  return whereabouts?.get(name)?.bindings;
}

/** The routing gateway by which a registered one is called by its own name, and what its vendor is paid. */
export function routeTo(gateway: GatewayEntry, callee: string, at: Moment): Route {
  return {
    gateway,
    prefix: gateway.name,
    rate: new VendorRates(callee, at.nowMs).of(gateway),
    bindings: bindingsOf(gateway, at),
    isItself: true,
  };
}

/** Vendors share rate groups: one lookup per group and call. */
class VendorRates {
  readonly #callee: string;
  readonly #nowMs: number;
  readonly #found = new Map<RateGroupEntry, RateMatch | undefined>();

  constructor(callee: string, nowMs: number) {
    this.#callee = callee;
    this.#nowMs = nowMs;
  }

  of(gateway: GatewayEntry): RateMatch | undefined {
    const group = gateway.account?.rateGroup;
    if (group === undefined) return undefined;
    if (!this.#found.has(group)) this.#found.set(group, findRate(group, this.#callee, this.#nowMs));
    return this.#found.get(group);
  }
}

/** They come sorted by priority and name; cost decides before the name. */
function byPriorityAndCost(routes: readonly Route[], memo: RateMemo): readonly Route[] {
  if (routes.length < 2) return routes;
  const costed = routes.map((route) => ({ route, cost: costOf(route, memo) }));
  // The sort is stable, so that equal costs keep the order of names.
  costed.sort(
    (a, b) => a.route.gateway.priority - b.route.gateway.priority || compareCosts(a.cost, b.cost),
  );
  return costed.map(({ route }) => route);
}

/** What decides between two rates. */
type Cost = Pick<Tariff, 'pricePerMinute' | 'connectionFee'>;

const FREE: Cost = { pricePerMinute: 0n, connectionFee: 0n };

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

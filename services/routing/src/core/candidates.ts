import type { LocatedBinding } from '@tandem/proto/registrar';
import { barrierOf, isOut } from './barrier.ts';
import type { Barrier } from './barrier.ts';
import { lastResortsLast } from './order/protect.ts';
import { qualityFor } from './order/quality.ts';
import type { RouteQuality } from './order/quality.ts';
import { inOrder } from './order/route-order.ts';
import type { Ordering } from './order/route-order.ts';
import { findRate } from './rates.ts';
import type { SentCallee } from './gateway-numbers.ts';
import type { Moment } from './rests.ts';
import type {
  GatewayEntry,
  OriginEntry,
  RateGroupEntry,
  RateMatch,
  RoutingTables,
} from './routing-tables.ts';
import { callerBarrier } from './rules/allowed-callers.ts';
import { profitBarrier } from './rules/profit.ts';
import type { Payer } from './rules/profit.ts';
import { throttleBarrier, throttleOf } from './rules/throttled.ts';

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
  /** How it does, where it is ordered by that (ROUTE-04). */
  readonly quality?: RouteQuality | undefined;
  /** Per cent of its calls that it gets, where it is throttled (ROUTE-16). */
  readonly share?: number | undefined;
  /** It is throttled, and this call comes to it after all others. */
  readonly isDeferred?: boolean | undefined;
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

/** Whose call it is, as far as that decides which gateways may take it, and in which order. */
export interface Calling extends Pick<Ordering, 'policy' | 'random'> {
  readonly payer: Payer;
  /** Undefined where it is not in the configuration: no gateway is kept from it. */
  readonly origin: OriginEntry | undefined;
}

/**
 * Which gateways may take a number, in order: longest prefix first (ROUTE-03), then priority, then as the route policy
 * says, then name; those to protect after all others (ROUTE-04); those that are throttled, and do not get this call, at last (ROUTE-16).
 */
export function findRoutes(
  tables: RoutingTables,
  { callee, ...at }: Moment & { readonly callee: string },
  calling: Calling,
): Routes {
  const matches = tables.routes.matches(callee);
  const routes: Route[] = [];
  const leftOut: LeftOut[] = [];
  const seen = new Set<GatewayEntry>();
  const rates = new VendorRates(callee, at.nowMs);
  const trial = tables.parameters.SS_GATEWAY_QUALITY_TRIAL;
  const ordering = { ...calling, memo: tables.memo, trial };
  for (const [index, { prefix, values }] of matches.entries()) {
    const longest = index === 0 ? undefined : matches[0]?.prefix;
    const samePrefix: Route[] = [];
    for (const gateway of values) {
      // Once, under its longest prefix.
      if (seen.has(gateway)) continue;
      seen.add(gateway);
      const rate = rates.of(gateway);
      const barrier =
        barrierOf(gateway, longest, at) ??
        ofCaller(gateway, calling) ??
        profitBarrier(gateway, rate, { payer: calling.payer, memo: tables.memo }) ??
        throttleBarrier(gateway, at.throttles, calling.random);
      if (barrier !== undefined) leftOut.push({ gateway, prefix, barrier });
      const isDeferred = barrier !== undefined && !isOut(barrier);
      if (barrier !== undefined && !isDeferred) continue;
      const bindings = bindingsOf(gateway, at);
      samePrefix.push({
        ...{ gateway, prefix, rate, bindings, isDeferred },
        quality: qualityIn(tables, { gateway, prefix }, { calling, at }),
        share: throttleOf(gateway, at.throttles)?.share,
      });
    }
    for (const route of inOrder(samePrefix, ordering)) routes.push(route);
  }
  return { routes: lastResortsLast(routes), leftOut };
}

/** How a gateway does, where the policy asks for that. */
function qualityIn(
  { parameters }: RoutingTables,
  route: Pick<Route, 'gateway' | 'prefix'>,
  { calling, at }: { readonly calling: Calling; readonly at: Moment },
): RouteQuality | undefined {
  if (calling.policy.order !== 'quality') return undefined;
  return qualityFor(route, at.quality, parameters.SS_GATEWAY_QUALITY_CALLS);
}

/** What keeps this caller, and perhaps no other, from a gateway. */
export function ofCaller(gateway: GatewayEntry, { origin }: Calling): Barrier | undefined {
  return origin === undefined ? undefined : callerBarrier(gateway, origin);
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

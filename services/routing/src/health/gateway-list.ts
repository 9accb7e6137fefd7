import type {
  AddressState,
  GatewayState,
  ListCheckTargetsResponse,
  ListGatewaysRequest,
  ListGatewaysResponse,
  ResolvedName,
} from '@tandem/proto/health';
import type { CheckTerms } from '../core/health/check-terms.ts';
import { isDegraded, isOffline } from '../core/health/health.ts';
import type { AddressHealth, GatewayHealth } from '../core/health/health.ts';
import { checkedAddresses } from '../core/health/offline-places.ts';
import type { GatewayQuality, LiveQuality } from '../core/live-quality.ts';
import type { GatewayEntry, RoutingTables } from '../core/routing-tables.ts';
import { throttleOf } from '../core/rules/throttled.ts';
import type { Throttles } from '../core/throttle/throttles.ts';
import type { HealthStore } from './health-store.ts';

const MOST_LISTED = 1000;
const MOST_PREFIXES = 1000;
/** So many gateways are looked at for a page of those in one state. */
const MOST_AT_ONCE = 1000;

interface ListedParts {
  readonly store: Pick<HealthStore, 'read'>;
  readonly tables: RoutingTables;
  readonly quality: LiveQuality;
  readonly throttles: Throttles;
}

/** How routing gateways are (OPS-02), by name. */
export async function listGateways(
  { quality: usual, store, tables, throttles }: ListedParts,
  { after, brief, gateway, limit, state, windowSeconds }: ListGatewaysRequest,
): Promise<ListGatewaysResponse> {
  const quality = windowSeconds === 0 ? usual : usual.over(windowSeconds);
  const names = namesIn(tables);
  const wanted = gateway === '' ? names.filter((name) => name > after) : names.filter((name) => name === gateway); // prettier-ignore
  const most = Math.min(limit === 0 ? MOST_LISTED : limit, MOST_LISTED);
  const found: GatewayState[] = [];
  for (let from = 0; from < wanted.length && found.length <= most; from += MOST_AT_ONCE) {
    const some = wanted.slice(from, from + MOST_AT_ONCE);
    const { health } = await store.read(some);
    for (const [at, name] of some.entries()) {
      const entry = tables.routingGateways.get(name);
      if (entry === undefined) continue;
      const one = {
        ...stateOf(entry, tables.checks.get(name), health[at]),
        quality: presentQuality(quality.gateways.get(name), quality),
        throttled: presentThrottled(throttleOf(entry, throttles)),
        // There may be thousands of each.
        prefixes: gateway === '' ? [] : presentPrefixes(name, quality),
        ...(brief ? { addresses: [] } : {}),
      };
      if (state === '' || one.state === state) found.push(one);
    }
  }
  const page = found.slice(0, most);
  return { gateways: page, nextAfter: found.length > most ? (page.at(-1)?.name ?? '') : '' };
}

/** In order; of the tables in effect, which are asked for again and again while somebody looks. */
function namesIn({ routingGateways }: RoutingTables): readonly string[] {
  const known = sorted.get(routingGateways);
  if (known !== undefined) return known;
  const names = [...routingGateways.keys()].toSorted();
  sorted.set(routingGateways, names);
  return names;
}

const sorted = new WeakMap<object, readonly string[]>();

/** Where a gateway is, for a test of it (OPS-04). */
export function checkTargets(tables: RoutingTables, name: string): ListCheckTargetsResponse {
  const gateway = tables.routingGateways.get(name);
  if (gateway === undefined) return { isKnown: false, addresses: [], names: [], isDynamic: false };
  return {
    isKnown: true,
    addresses: [...checkedAddresses(gateway)],
    names: gateway.places.flatMap((place) => (place.kind === 'name' ? [resolved(place.name)] : [])),
    isDynamic: gateway.isDynamic,
  };
}

function resolved({
  failure,
  isStale,
  servers = [],
  text,
}: Extract<GatewayEntry['places'][number], { kind: 'name' }>['name']): ResolvedName {
  return {
    name: text,
    addresses: servers.flatMap(({ addresses, transport }) =>
      addresses.map((address) => `${transport} ${address}`),
    ),
    records: servers.map(({ record }) => record),
    isStale,
    failure,
  };
}

function stateOf(
  gateway: GatewayEntry,
  terms: CheckTerms | undefined,
  known: GatewayHealth | undefined,
): Omit<GatewayState, 'quality' | 'prefixes' | 'throttled'> {
  const { candidate, isLocked, name } = gateway;
  const health = terms === undefined ? undefined : known;
  return {
    name,
    group: candidate.group,
    isLocked,
    state: stateText(health),
    checkPeriodSeconds: (terms?.periodMs ?? 0) / 1000,
    failuresAllowed: terms?.failures ?? 0,
    window: terms?.window ?? 0,
    edge: health?.edge ?? '',
    checkedMs: health?.checkedMs ?? 0,
    uncheckedBecause: terms === undefined ? uncheckedBecause(gateway) : '',
    addresses: health?.addresses.map((each) => addressState(each, terms)) ?? [],
  };
}

function presentQuality(
  of: GatewayQuality | undefined,
  { windowSeconds }: LiveQuality,
): GatewayState['quality'] {
  return of === undefined
    ? undefined
    : { windowSeconds, ...of, postDialSeconds: of.postDialSeconds ?? 0 };
}

function presentThrottled(found: ReturnType<typeof throttleOf>): GatewayState['throttled'] {
  if (found === undefined) return undefined;
  const { attempts, failed, sinceMs } = found.throttle;
  return { share: found.share, attempts, failed, sinceMs };
}

function presentPrefixes(gateway: string, quality: LiveQuality): GatewayState['prefixes'] {
  return [...quality.prefixesOf(gateway)]
    .map(([prefix, of]) => ({ prefix, quality: presentQuality(of, quality) }))
    .toSorted((one, other) => (one.prefix < other.prefix ? -1 : 1))
    .slice(0, MOST_PREFIXES);
}

function stateText(health: GatewayHealth | undefined): string {
  if (health === undefined || health.addresses.length === 0) return 'unchecked';
  if (isOffline(health)) return 'offline';
  return isDegraded(health) ? 'degraded' : 'online';
}

function uncheckedBecause({ isDynamic, isLocked }: GatewayEntry): string {
  if (isDynamic) return 'it registers here';
  return isLocked ? 'it is locked' : 'it has no optionsCheck';
}

function addressState(each: AddressHealth, terms: CheckTerms | undefined): AddressState {
  const { address, count, failed, isOffline: isOff, last, lastMs, sinceMs, transport } = each;
  const shown = Math.min(count, terms?.window ?? count);
  return {
    transport,
    address,
    isOffline: isOff,
    sinceMs,
    last,
    lastMs,
    failed: Array.from({ length: shown }, (_, bit) => ((failed >> bit) & 1) === 1),
  };
}

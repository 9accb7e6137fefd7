import type { Target } from '@tandem/proto/routing';
import type { CheckedAddress } from '@tandem/proto/health';
import { targetsOfPlaces } from '@tandem/sip-names';
import type { Place } from '@tandem/sip-names';
import type { GatewayEntry } from '../routing-tables.ts';
import type { CheckTerms } from './check-terms.ts';
import { lastText, placeKey } from './health.ts';
import type { AddressHealth, GatewayHealth } from './health.ts';

/** Of a name with many servers no more are asked. */
const MOST_ADDRESSES = 32;
/** What nobody has looked at for so long, and three periods, is not believed any more. */
const BELIEVED_MS = 60_000;

/** What is known of the addresses of gateways that do not answer, by gateway; mostly empty. */
export type KnownHealth = ReadonlyMap<string, GatewayHealth>;

/** Addresses of a gateway that get no calls now, for the decision. */
export interface OfflinePlaces {
  /** Each as "udp 192.0.2.1:5060". */
  readonly keys: ReadonlySet<string>;
  /** Since when the last one of them is off line, milliseconds since the epoch. */
  readonly sinceMs: number;
  /** What that one has said last. */
  readonly last: string;
  /** All that the gateway has now are among them. */
  readonly isAll: boolean;
}

/** The addresses of a gateway that are to be asked, each once. */
export function checkedAddresses(
  gateway: Pick<GatewayEntry, 'certificate' | 'localAddress' | 'places'>,
): readonly CheckedAddress[] {
  const { certificate: own, localAddress: local, places } = gateway;
  const found = new Map<string, CheckedAddress>();
  for (const place of places) {
    const call = { callee: '', local, certificate: own };
    for (const { addresses, certificate, transport } of targetsOfPlaces([place], call, first)) {
      for (const address of addresses) {
        const key = placeKey({ transport, address });
        if (found.has(key) || found.size >= MOST_ADDRESSES) continue;
        found.set(key, {
          uri: `sip:${hostOf(place)}`,
          transport,
          address,
          ...(local === '' ? {} : { local }),
          ...(certificate === undefined ? {} : { certificate }),
        });
      }
    }
  }
  return [...found.values()];
}

/** ROUTE-07: which of the addresses that a gateway has now are off line; undefined where none is. */
export function offlinePlaces(
  gateway: Pick<GatewayEntry, 'certificate' | 'check' | 'localAddress' | 'name' | 'places'>,
  { health, nowMs }: { readonly health?: KnownHealth | undefined; readonly nowMs: number },
): OfflinePlaces | undefined {
  const { check, name } = gateway;
  const known = health?.get(name);
  if (known === undefined || check === undefined || !isBelieved(known, check, nowMs)) {
    return undefined;
  }
  const off = new Map<string, AddressHealth>();
  for (const each of known.addresses) if (each.isOffline) off.set(placeKey(each), each);
  const own = checkedAddresses(gateway).map(placeKey);
  const found = own.flatMap((key) => off.get(key) ?? []);
  const latest = found.toSorted((one, other) => one.sinceMs - other.sinceMs).at(-1);
  if (latest === undefined) return undefined;
  return {
    keys: new Set(found.map(placeKey)),
    sinceMs: latest.sinceMs,
    last: lastText(latest.last),
    isAll: found.length === own.length,
  };
}

/** Targets without the addresses that are off line: the next one is called. */
export function withoutOffline(
  targets: readonly Target[],
  offline: OfflinePlaces | undefined,
): readonly Target[] {
  if (offline === undefined || offline.isAll) return targets;
  return targets.flatMap((target) => {
    const { addresses, transport } = target;
    const left = addresses.filter((address) => !offline.keys.has(placeKey({ transport, address })));
    return left.length === 0 ? [] : [{ ...target, addresses: left }];
  });
}

/** Where the edges do not check any more, as after a step back to a version that cannot, nobody stays off line for ever. */
function isBelieved(
  { checkedMs }: GatewayHealth,
  { periodMs }: CheckTerms,
  nowMs: number,
): boolean {
  return nowMs - checkedMs < BELIEVED_MS + 3 * periodMs;
}

function hostOf(place: Place): string {
  return place.kind === 'name' ? place.name.text : place.address;
}

/** The order does not matter: all are asked. */
function first(): number {
  return 0;
}

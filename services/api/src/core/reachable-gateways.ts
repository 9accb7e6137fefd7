import {
  formatHostPort,
  isPublicAddress,
  parseAddress,
  parseHostPort,
  type Configuration,
  type HostPort,
  type Mistake,
} from '@tandem/config';
import { transports } from '@tandem/sip';
import type { TransportName } from '@tandem/sip';

const SIP_PORT = 5060;

/** An address that edges advertise. */
export interface AdvertisedAddress {
  /** '' = any of the port 5060. */
  readonly transport: string;
  /** CIDR block of those that are told it; '' = all that no other block holds. */
  readonly network: string;
  /** `host:port`. */
  readonly address: string;
}

/** What is wrong, and what may be, with where gateways are, for edges that are where they are (CALL-07). */
export interface ReachCheck {
  readonly mistakes: readonly Mistake[];
  readonly warnings: readonly Mistake[];
}

type RoutingGateway = Configuration['routingGateways'][number];

interface Surroundings {
  readonly advertised: readonly (AdvertisedAddress & { readonly place: HostPort })[];
  /** For people. */
  readonly known: string;
}

/**
 * Whether each routing gateway can be reached from an address of the switch, and knows it by one of them: an address that is the
 * switch's own would be a loop.
 * @param advertised of all edges that live
 */
export function checkReach(
  { routingGateways }: Configuration,
  advertised: readonly AdvertisedAddress[],
): ReachCheck {
  const places = advertised.flatMap((each) => {
    const place = parseHostPort(each.address, SIP_PORT);
    return typeof place === 'string' ? [] : [{ ...each, place }];
  });
  const known = [...new Set(advertised.map(({ address }) => address))].join(', ');
  const around = { advertised: places, known };
  const mistakes: Mistake[] = [];
  const warnings: Mistake[] = [];
  for (const [index, gateway] of routingGateways.entries()) {
    const path = `routingGateways[${String(index)}]`;
    const { defaultPort } = transports[transportOf(gateway)];
    mistakes.push(...localAddressMistakes(gateway, path, around));
    for (const [at, text] of gateway.addresses.entries()) {
      const place = parseHostPort(text, defaultPort);
      if (typeof place === 'string' || parseAddress(place.host) === undefined) continue;
      const where = `${path}.addresses[${String(at)}]`;
      const wrong = placeMistake(gateway, place, around);
      if (wrong !== undefined) mistakes.push({ path: where, message: wrong });
      else warnings.push(...privateWarning(gateway, place, around, where));
    }
  }
  return { mistakes, warnings };
}

function localAddressMistakes(
  gateway: RoutingGateway,
  path: string,
  { advertised, known }: Surroundings,
): Mistake[] {
  const { localAddress } = gateway;
  if (namedBy(gateway, advertised)?.length !== 0) return [];
  const message = `"${localAddress}" is no address of this switch${overWhat(gateway)}: write one of ${known}, or auto`;
  return [{ path: `${path}.localAddress`, message }];
}

/** The addresses of the switch that a gateway names, over its transport; undefined where it names none. */
function namedBy(
  gateway: RoutingGateway,
  advertised: Surroundings['advertised'],
): Surroundings['advertised'] | undefined {
  const { localAddress } = gateway;
  if (localAddress === 'auto') return undefined;
  const wanted = parseHostPort(localAddress, transports[transportOf(gateway)].defaultPort);
  if (typeof wanted === 'string') return undefined;
  const text = formatHostPort(wanted);
  return advertised.filter((each) => formatHostPort(each.place) === text && isOver(each, gateway));
}

function placeMistake(
  gateway: RoutingGateway,
  place: HostPort,
  { advertised, known }: Surroundings,
): string | undefined {
  const text = formatHostPort(place);
  if (advertised.some((each) => formatHostPort(each.place) === text)) {
    return `"${text}" is an address of this switch: calls to it would come back, write that of the carrier`;
  }
  const version = place.host.includes(':') ? 'IPv6' : 'IPv4';
  if (advertised.some((each) => reaches(each, gateway, place))) {
    const named = namedBy(gateway, advertised) ?? [];
    if (named.length === 0 || named.some((each) => reaches(each, gateway, place))) return undefined;
    return `"${text}" is reached by ${version}, which the socket behind localAddress "${gateway.localAddress}" does not speak: change one of them, or write auto`;
  }
  return `"${text}" is reached by ${version}${overWhat(gateway)}, which no edge listens for: known are ${known}; change it, or TANDEM_SIP_LISTEN and TANDEM_SIP_ADVERTISED of the edges`;
}

/** The carrier would be told where nobody outside can send to. */
function privateWarning(
  gateway: RoutingGateway,
  place: HostPort,
  { advertised }: Surroundings,
  path: string,
): Mistake[] {
  if (!isPublicAddress(place.host)) return [];
  const told = toldTo(gateway, place, advertised);
  if (told === undefined || isPublicAddress(told.place.host)) return [];
  const message = `"${formatHostPort(place)}" is public and would be told ${told.address}, which is not: its BYE cannot arrive. Advertise a public address to it (TANDEM_SIP_ADVERTISED), or set localAddress`;
  return [{ path, message }];
}

function toldTo(
  gateway: RoutingGateway,
  place: HostPort,
  advertised: Surroundings['advertised'],
): Surroundings['advertised'][number] | undefined {
  const fitting = advertised.filter((each) => reaches(each, gateway, place));
  const { localAddress } = gateway;
  const set = parseHostPort(localAddress, transports[transportOf(gateway)].defaultPort);
  if (localAddress !== 'auto' && typeof set !== 'string') {
    return fitting.find((each) => formatHostPort(each.place) === formatHostPort(set));
  }
  // Where several are told to all, a gateway may be told any: one that can be reached is enough to be silent.
  const all = fitting.filter(({ network }) => network === '');
  return fitting.some(({ network }) => network !== '')
    ? undefined
    : (all.find((each) => isPublicAddress(each.place.host)) ?? all[0]);
}

/** A name may be of either IP version. */
function reaches(
  each: Surroundings['advertised'][number],
  gateway: RoutingGateway,
  place: HostPort,
): boolean {
  const { host } = each.place;
  const isSameVersion =
    parseAddress(host) === undefined || host.includes(':') === place.host.includes(':');
  return isSameVersion && isOver(each, gateway);
}

/** Addresses are reached by UDP where nothing is set; that of a name may be another. */
function isOver({ transport }: AdvertisedAddress, gateway: RoutingGateway): boolean {
  const wanted = transportOf(gateway);
  return transport === '' ? transports[wanted].defaultPort === SIP_PORT : transport === wanted;
}

function transportOf({ transport }: RoutingGateway): TransportName {
  return transport === 'auto' ? transports.udp.name : transport;
}

function overWhat(gateway: RoutingGateway): string {
  return ` over ${transportOf(gateway)}`;
}

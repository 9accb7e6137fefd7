import { parseHostPort } from '@tandem/config';
import type { Target } from '@tandem/proto/routing';
import { numberUri, transportNamed } from '@tandem/sip';
import type { TransportName } from '@tandem/sip';

const NUMBER = /^\+?\d+$/;

/** One server of a name, as its records give it. */
export interface NamedServer {
  /** RFC 2782: lower first, and by weight among equals. Both 0 where there is no SRV record. */
  readonly priority: number;
  readonly weight: number;
  readonly transport: TransportName;
  /** `ip:port`, IPv6 first. */
  readonly addresses: readonly string[];
  /** The records that led to it, for people. */
  readonly record: string;
}

/** What a name stands for, or why for nothing. */
export interface SipName {
  /** As configured, with the port that was given: what a Request-URI has. */
  readonly text: string;
  /** Undefined until there has been an answer; empty where the last one is that there is no such name. */
  readonly servers: readonly NamedServer[] | undefined;
  /** It has been looked up, whatever came of it. */
  readonly isAsked: boolean;
  /** The last answer is older than it says it holds, since none came after it. */
  readonly isStale: boolean;
  /** Until when the last answer says that it holds, in ms since the epoch. @default not known */
  readonly validUntilMs?: number;
  /** Why there is no address, or no newer answer; '' where all is well. */
  readonly failure: string;
}

/** Where a gateway is: an address, or a name that has some. */
export type Place =
  | { readonly kind: 'address'; readonly address: string; readonly transport: TransportName }
  | { readonly kind: 'name'; readonly name: SipName };

/** The call that targets are for. */
interface TargetedCall {
  readonly callee: string;
  /** What the gateway is to know the switch by; '' = what its network is told. */
  readonly local: string;
  /** What its certificate must prove. @default the name, or address, by which it is called */
  readonly certificate?: string | undefined;
  /** Its Request-URI says that the callee is a number, where it is one (RFC 3261 §19.1.1). @default false */
  readonly isPhone?: boolean;
}

/** All targets of a gateway for one call, in the order in which they are to be tried. @param random in [0, 1) */
export function targetsOfPlaces(
  places: readonly Place[],
  call: TargetedCall,
  random: () => number,
): Target[] {
  return places.flatMap((place) => {
    if (place.kind === 'name') return targetsOfName(place.name, call, random);
    const { address, transport } = place;
    // In the Request-URI of what goes there (RFC 3261 §16.6 step 2): a target of its own.
    return [target(call, address, { transport, addresses: [address] })];
  });
}

/** The name that keeps a gateway from having any address; undefined where it has some. */
export function unresolvedName(places: readonly Place[]): SipName | undefined {
  let unresolved: SipName | undefined;
  for (const place of places) {
    if (place.kind === 'address' || (place.name.servers ?? []).length > 0) return undefined;
    unresolved ??= place.name;
  }
  return unresolved;
}

/**
 * Servers in the order of RFC 2782: by priority, and among equals drawn by weight, so that each is first as often as its share
 * says; those of weight 0 have a small chance.
 */
export function orderServers(
  servers: readonly NamedServer[],
  random: () => number,
): readonly NamedServer[] {
  if (servers.length < 2) return servers;
  const byPriority = Map.groupBy(servers, ({ priority }) => priority);
  return [...byPriority.keys()]
    .sort((one, other) => one - other)
    .flatMap((priority) => drawn(byPriority.get(priority) ?? [], random));
}

function drawn(servers: readonly NamedServer[], random: () => number): NamedServer[] {
  // RFC 2782: those of weight 0 stand first, so that a draw of 0 finds them.
  const left = servers.toSorted((one, other) => Math.sign(one.weight) - Math.sign(other.weight));
  const order: NamedServer[] = [];
  while (left.length > 0) {
    const sum = left.reduce((total, { weight }) => total + weight, 0);
    const draw = Math.floor(random() * (sum + 1));
    let running = 0;
    const at = left.findIndex(({ weight }) => (running += weight) >= draw);
    order.push(...left.splice(Math.max(at, 0), 1));
  }
  return order;
}

/** RFC 3263 §4.3: one request is tried at each address; its URI names what was asked for. */
function targetsOfName(
  { text, servers = [] }: SipName,
  call: TargetedCall,
  random: () => number,
): Target[] {
  return byTransport(orderServers(servers, random)).map((reached) => target(call, text, reached));
}

/** @param uri a URI whose host the name is: the Request-URI of what goes there (RFC 3261 §8.1.3.4) */
export function targetsOfUri(
  uri: string,
  { servers = [] }: SipName,
  random: () => number,
): Target[] {
  const ordered = orderServers(servers, random);
  return byTransport(ordered).map((reached) => ({ uri, flow: '', path: [], ...reached }));
}

interface Reached {
  readonly transport: TransportName;
  readonly addresses: string[];
}

/** Servers that follow each other by the same transport are addresses of one target. */
function byTransport(servers: readonly NamedServer[]): Reached[] {
  const reached: Reached[] = [];
  for (const { transport, addresses } of servers) {
    const last = reached.at(-1);
    if (last?.transport === transport) last.addresses.push(...addresses);
    else reached.push({ transport, addresses: [...addresses] });
  }
  return reached;
}

function requestUri({ callee, isPhone = false }: TargetedCall, host: string): string {
  return `${numberUri(callee, host)}${isPhone && NUMBER.test(callee) ? ';user=phone' : ''}`;
}

/** @param host with its port, where it has one */
function target(call: TargetedCall, host: string, { transport, addresses }: Reached): Target {
  const told = { uri: requestUri(call, host), transport, addresses, flow: '', path: [] };
  const isSecure = transportNamed(transport)?.isSecure === true;
  return {
    ...told,
    ...(call.local === '' ? {} : { local: call.local }),
    ...(isSecure ? { certificate: call.certificate ?? hostOf(host) } : {}),
  };
}

function hostOf(text: string): string {
  const place = parseHostPort(text, 0);
  return typeof place === 'string' ? text : place.host;
}

import { formatHostPort, parseHostPort, unusableAddress, unusableNetwork } from '@tandem/config';
import type { HostPort, Mistake } from '@tandem/config';
import type { LocalAddressGiven } from './core/network/local-addresses.ts';
import { ipLiteral } from './core/network/peer-address.ts';
import { plainTransports, servedTransport } from './core/network/served-transports.ts';
import { speaks } from './core/network/local-addresses.ts';
import type { SipListen } from './network/network.ts';

const SIP_PORT = 5060;
const anywhere = new Set(['0.0.0.0', '::']);

/**
 * Reads `udp:127.0.0.1:5060,tcp:127.0.0.1:5060`; where an address names no transport it is listened on by these two. Behind `=` stands
 * what the peers of that listener are told: `udp:10.0.0.5:5060=203.0.113.1:5060`. Undefined for anything else.
 */
export function sipAddresses(text: string): readonly SipListen[] | undefined {
  const listen: SipListen[] = [];
  for (const part of text.split(',')) {
    const [place = '', told, ...more] = part.trim().split('=');
    const { transport, rest } = withTransport(place);
    const port = transport?.defaultPort;
    const bound = ipAddress(rest, port);
    const advertised = told === undefined ? undefined : reachable(told, port);
    if (bound === undefined || more.length > 0) return undefined;
    if (told !== undefined && advertised === undefined) return undefined;
    const named = transport === undefined ? plainTransports : [transport];
    for (const { name } of named) {
      const one = { transport: name, ...bound };
      listen.push(advertised === undefined ? one : { ...one, advertised });
    }
  }
  return listen;
}

/**
 * Reads `203.0.113.1:5060,[2001:db8::1]:5060,10.0.0.0/8=10.0.0.5:5060`: what peers are told, and those of a network before all
 * others; each may be of one transport, such as `tls:`, else it is for UDP and TCP. Undefined for anything else.
 */
export function advertisedAddresses(text: string): readonly LocalAddressGiven[] | undefined {
  const addresses: LocalAddressGiven[] = [];
  for (const part of text.split(',')) {
    const { transport, rest } = withTransport(part.trim());
    const [first = '', second, ...more] = rest.split('=');
    const told = reachable(second ?? first, transport?.defaultPort);
    if (told === undefined || more.length > 0) return undefined;
    if (second !== undefined && unusableNetwork(first) !== undefined) return undefined;
    addresses.push({
      address: told.host,
      port: told.port,
      ...(transport === undefined ? {} : { transport: transport.name }),
      ...(second === undefined ? {} : { network: first }),
    });
  }
  return addresses;
}

/** What listeners and advertised addresses do not say together (CALL-07). `isAlone`: requests leave by these listeners only. */
export function placeMistakes(
  listen: readonly SipListen[],
  advertised: readonly LocalAddressGiven[],
  isAlone: boolean,
): Mistake[] {
  const messages = new Set([
    ...advertised.flatMap((given, at) => networkMistakes(given, advertised.slice(0, at))),
    ...(isAlone ? idleMistakes(listen, advertised) : []),
    ...listen.flatMap((one) => listenerMistake(one, listen, advertised)),
  ]);
  return Array.from(messages, (message) => ({ path: 'TANDEM_SIP_ADVERTISED', message }));
}

function networkMistakes(given: LocalAddressGiven, before: readonly LocalAddressGiven[]): string[] {
  const { address, network, transport } = given;
  if (network === undefined) return [];
  const told = `tells the peers in ${network} ${shown(given)}`;
  const isAgain = before.some(
    (other) => other.transport === transport && other.network === network,
  );
  const isOther = (versionOf(address) ?? versionOf(network)) !== versionOf(network);
  return [
    ...(isAgain ? [`${told} too: leave one of the two`] : []),
    ...(isOther ? [`${told}, which is of the other IP version`] : []),
  ];
}

/** Addresses that no listener is left for. */
function idleMistakes(
  listen: readonly SipListen[],
  advertised: readonly LocalAddressGiven[],
): string[] {
  const used = new Set(listen.map((one) => givenFor(one, listen, advertised)));
  return advertised
    .filter((given) => given.network === undefined && !used.has(given))
    .map((given) => {
      return `has ${shown(given)}, but TANDEM_SIP_LISTEN has no listener of its IP version and transport that is not told of otherwise`;
    });
}

function listenerMistake(
  one: SipListen,
  listen: readonly SipListen[],
  advertised: readonly LocalAddressGiven[],
): string[] {
  const told = toldBy(one, listen, advertised);
  if (!anywhere.has(told.address)) return [];
  const version = told.address.includes(':') ? 'IPv6' : 'IPv4';
  const isPlain = speaks({ transport: undefined }, one.transport);
  const how = isPlain ? '' : `, write one for it with ${one.transport}: before it`;
  return [
    `is not set for ${version} listener ${shown(one)}: peers cannot reach ${told.address}${how}`,
  ];
}

function shown({ address, port }: { readonly address: string; readonly port: number }): string {
  return formatHostPort({ host: address, port });
}

/**
 * All addresses that peers are told: those for networks, then by listener what stands behind its `=`, else what is advertised for
 * its IP version and transport, to each listener the next, else where it is bound; last, unless requests leave by these
 * listeners alone, what is advertised for the sockets of others.
 * @param listening with the ports that were given
 */
export function localAddressesOf(
  advertised: readonly LocalAddressGiven[],
  listening: readonly SipListen[],
  isAlone: boolean,
): readonly LocalAddressGiven[] {
  const plain = advertised.filter(({ network }) => network === undefined);
  const blocks = advertised.filter(({ network }) => network !== undefined);
  const named = listening.map((one) => {
    const { address, port, transport } = one;
    return { ...toldBy(one, listening, plain), transport, bound: { address, port } };
  });
  return isAlone ? [...blocks, ...named] : [...blocks, ...named, ...plain];
}

/** What the peers of a listener are told. */
function toldBy(
  one: SipListen,
  listening: readonly SipListen[],
  advertised: readonly LocalAddressGiven[],
): { readonly address: string; readonly port: number } {
  const { advertised: own, address, port } = one;
  if (own !== undefined) return { address: own.host, port: own.port };
  const given = givenFor(one, listening, advertised);
  return given === undefined ? { address, port } : { address: given.address, port: given.port };
}

/** The advertised address of a listener that has none of its own: the next one for each of an IP version and transport. */
function givenFor(
  one: SipListen,
  listening: readonly SipListen[],
  advertised: readonly LocalAddressGiven[],
): LocalAddressGiven | undefined {
  if (one.advertised !== undefined) return undefined;
  const alike = listening.filter((each) => each.advertised === undefined && isAlike(each, one));
  const fitting = advertised.filter((each) => each.network === undefined && isTold(one, each));
  return fitting[alike.indexOf(one)];
}

function isAlike(one: SipListen, other: SipListen): boolean {
  return one.transport === other.transport && versionOf(one.address) === versionOf(other.address);
}

/** Whether peers of a listener may be told this address. */
function isTold(
  { address: bound, transport: spoken }: SipListen,
  { address, transport }: Pick<LocalAddressGiven, 'address' | 'transport'>,
): boolean {
  const version = versionOf(address);
  return (version === undefined || version === versionOf(bound)) && speaks({ transport }, spoken);
}

/** Of an address or block; undefined for a name. */
function versionOf(address: string): 4 | 6 | undefined {
  if (address.includes(':')) return 6;
  return ipLiteral(address.split('/')[0] ?? '') === undefined ? undefined : 4;
}

function withTransport(text: string): {
  readonly transport: ReturnType<typeof servedTransport>;
  readonly rest: string;
} {
  const [, name = '', rest = ''] = /^([a-z]+):(.*)$/.exec(text) ?? [];
  const transport = servedTransport(name);
  return transport === undefined ? { transport, rest: text } : { transport, rest };
}

function ipAddress(text: string, port = SIP_PORT): { address: string; port: number } | undefined {
  const parsed = parseHostPort(text, port);
  if (typeof parsed === 'string') return undefined;
  const address = ipLiteral(parsed.host);
  return address === undefined ? undefined : { address, port: parsed.port };
}

/** Port 0 is a free one where we listen, but no place that peers could send to; nor are 0.0.0.0 and its like. */
function reachable(text: string, port = SIP_PORT): HostPort | undefined {
  const parsed = parseHostPort(text, port);
  if (typeof parsed === 'string' || parsed.port === 0) return undefined;
  return unusableAddress(parsed.host) === undefined ? parsed : undefined;
}

import { formatHostPort, parseAddress, parseHostPort, parseNetwork } from './network.ts';
import type { Network } from './network.ts';

/** A block in which nobody can be reached, or from which nobody sends. */
interface UnusableBlock {
  readonly network: Network;
  /** What is there, after "is". */
  readonly what: string;
}

const SIP_PORT = 5060;
const LINK_LOCAL = 'fe80::/10';

// RFC 6890 and the registries that it began; the first that holds an address names it.
const unusable: readonly UnusableBlock[] = (
  [
    ['0.0.0.0', 'no address, but what a socket listens on for all'],
    ['0.0.0.0/8', 'of "this network" (RFC 1122 §3.2.1.3), which nobody is at'],
    ['255.255.255.255', 'the broadcast address'],
    ['224.0.0.0/4', 'a multicast address'],
    ['240.0.0.0/4', 'reserved (RFC 1112 §4), which nobody is at'],
    ['::', 'no address, but what a socket listens on for all'],
    ['ff00::/8', 'a multicast address'],
    [LINK_LOCAL, 'link-local, which leads nowhere without a zone, and SIP carries none'],
  ] as const
).map(([text, what]) => ({ network: networkOf(text), what }));

// RFC 1918, 6598 (carrier-grade NAT), 4193; loopback.
const notPublic = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '127.0.0.0/8',
  'fc00::/7',
  '::1',
].map(networkOf);

/**
 * Why nothing can be sent to this address, or come from it, in words that say what would be right; undefined where something can.
 * @param host a literal without brackets
 */
export function unusableAddress(host: string): string | undefined {
  const [bare = '', zone] = host.split('%', 2);
  if (zone !== undefined && parseAddress(bare) !== undefined) {
    return `has the zone "%${zone}", which holds on one machine alone and no SIP message carries: write a global or unique local address (fd00::/8)`;
  }
  const address = parseAddress(host);
  if (address === undefined) return undefined;
  const found = unusable.find(({ network }) => holds(network, address));
  return found === undefined ? undefined : `is ${found.what}: write an address of a machine`;
}

/** Whether an address can be reached from everywhere; a name may be. */
export function isPublicAddress(host: string): boolean {
  const address = parseAddress(host);
  return address === undefined || !notPublic.some((network) => holds(network, address));
}

/** What is wrong with an address that calls are sent to; undefined where it is right. */
export function gatewayAddressMistake(text: string): string | undefined {
  const zoned = zoneMistake(text);
  if (zoned !== undefined) return zoned;
  const parsed = parseHostPort(text, SIP_PORT);
  if (typeof parsed === 'string') return parsed;
  const { host, port } = parsed;
  const address = parseAddress(host);
  if (address?.version === 4 && host.includes(':')) {
    const plain = formatHostPort({ host: dotted(address.value), port });
    return `"${text}" is an IPv4 address written as IPv6: write ${plain}`;
  }
  return placeMistake(text, parsed);
}

/** What is wrong with `auto`, or with what a gateway is to know the switch by; undefined where it is right. */
export function localAddressMistake(text: string): string | undefined {
  if (text === 'auto') return undefined;
  const parsed = zoneMistake(text) ?? parseHostPort(text, SIP_PORT);
  if (typeof parsed === 'string') return `${parsed}, or auto`;
  return placeMistake(text, parsed);
}

/** What is wrong with an address and port that a gateway calls from; undefined where it is right. */
export function sourceSocketMistake(text: string): string | undefined {
  const zoned = zoneMistake(text);
  if (zoned !== undefined) return zoned;
  const parsed = parseHostPort(text);
  if (typeof parsed === 'string') return parsed;
  if (parseAddress(parsed.host) === undefined) {
    return `"${text}" is a name, which no packet comes from: write an IP address and a port, such as 192.0.2.1:5060`;
  }
  return placeMistake(text, parsed);
}

/** What is wrong with a block that peers send from; undefined where it is right. */
export function unusableNetwork(text: string): string | undefined {
  const zoned = zoneMistake(text);
  if (zoned !== undefined) return zoned;
  const network = parseNetwork(text);
  if (typeof network === 'string') return network;
  const found = unusable.find(({ network: block }) => isWithin(network, block));
  return found === undefined
    ? undefined
    : `"${text}" is ${found.what}: write the block that the peers' packets come from`;
}

function placeMistake(
  text: string,
  { host, port }: { readonly host: string; readonly port: number },
): string | undefined {
  const why = unusableAddress(host);
  if (why !== undefined) return `"${text}" ${why}`;
  return port === 0
    ? `"${text}" has port 0, where nobody listens: write ${formatHostPort({ host, port: SIP_PORT })}`
    : undefined;
}

function zoneMistake(text: string): string | undefined {
  const host = /^\[?([0-9a-f:.]+%[^\]/]+)/i.exec(text)?.[1];
  const why = host === undefined ? undefined : unusableAddress(host);
  return why === undefined ? undefined : `"${text}" ${why}`;
}

function holds(network: Network, address: { version: 4 | 6; value: bigint }): boolean {
  return (
    network.version === address.version &&
    network.first <= address.value &&
    address.value <= network.last
  );
}

function isWithin(inner: Network, outer: Network): boolean {
  return inner.version === outer.version && outer.first <= inner.first && inner.last <= outer.last;
}

function networkOf(text: string): Network {
  const network = parseNetwork(text);
  if (typeof network === 'string') throw new RangeError(network);
  return network;
}

function dotted(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 0xffn)).join('.');
}

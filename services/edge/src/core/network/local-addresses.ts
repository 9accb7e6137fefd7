import { parseAddress, parseNetwork } from '@tandem/config';
import type { Network } from '@tandem/config';
import type { AdvertisedAddress } from '@tandem/proto/edge';
import { transportOf, transports } from '@tandem/sip';
import type { Endpoint, TransportName } from '@tandem/sip';
import type { LocalIdentity } from './local-identity.ts';
import { formatPeerAddress, hostOf } from './peer-address.ts';
import type { PeerAddress } from './peer-address.ts';

/** What the switch calls itself towards a peer, in Via, Contact and From. */
export interface LocalName {
  /** Host, IPv6 in brackets. */
  readonly host: string;
  /** `host:port`, as it stands in Via and Contact. */
  readonly hostPort: string;
  /** Value of Server and User-Agent. @default neither is written */
  readonly product?: string | undefined;
}

/** An advertised address before it is ready for use. */
export interface LocalAddressGiven {
  /** Literal without brackets, or a name. */
  readonly address: string;
  readonly port: number;
  /** @default any of the port 5060 */
  readonly transport?: TransportName | undefined;
  /** CIDR block of the peers that are told it. @default all that no other block holds */
  readonly network?: string | undefined;
  /** The socket of this process that peers reach by it. @default one of another process, or any */
  readonly bound?: Endpoint | undefined;
}

/** An advertised address, and towards whom it is one. */
export interface LocalAddress extends LocalName {
  /** Literal without brackets, or a name. */
  readonly address: string;
  readonly port: number;
  /** Stands for the name where there is little room; the same on all pods, never 0. */
  readonly id: number;
  readonly transport: TransportName | undefined;
  /** The IP version of its listener, else of the literal; undefined for a name, which may be of either. */
  readonly version: 4 | 6 | undefined;
  readonly network: Network | undefined;
  /** The block as it was written; '' where there is none. */
  readonly networkText: string;
  readonly bound: Endpoint | undefined;
}

/** The same few peers are asked about in every message. */
const MOST_KNOWN = 2000;

/** All addresses that the switch is reached by (CALL-07): which of them a peer is told. The same on all pods of a cluster. */
export class LocalAddresses {
  readonly all: readonly LocalAddress[];
  readonly #plain: readonly LocalAddress[];
  /** The most specific blocks first. */
  readonly #blocks: readonly LocalAddress[];
  readonly #known = new Map<string, LocalAddress | undefined>();

  /**
   * @param given those without a block in the order of preference
   * @param product what the switch calls itself. @default it tells nobody what it is
   */
  constructor(given: readonly LocalAddressGiven[], product?: string) {
    this.all = given.map((each) => ({ ...localAddress(each), product }));
    this.#plain = this.all.filter(({ network }) => network === undefined);
    this.#blocks = this.all
      .filter(({ network }) => network !== undefined)
      .toSorted((one, other) => compare(sizeOf(one), sizeOf(other)));
  }

  /**
   * What a peer is told: the address of the listener that it was heard by or that is set for its gateway, else that for its
   * network, else the first of its IP version and transport. Undefined where none fits: then nothing of ours can reach it.
   */
  towards(peer: PeerAddress): LocalAddress | undefined {
    return this.named(peer) ?? this.#byDefault(peer);
  }

  /** The address that is set for a peer; undefined where it is none of ours, or of another IP version or transport. */
  named(peer: PeerAddress): LocalAddress | undefined {
    const { listener } = peer;
    if (listener === undefined) return undefined;
    return this.all.find((each) => each.id === listener && fits(each, peer));
  }

  #byDefault(peer: PeerAddress): LocalAddress | undefined {
    const special = this.#blocks.length === 0 ? undefined : this.#byNetwork(peer);
    return special ?? this.#plain.find((each) => fits(each, peer));
  }

  /** As operators and other services are told of them. */
  get told(): readonly AdvertisedAddress[] {
    return this.all.map(({ transport = '', networkText, hostPort }) => {
      return { transport, network: networkText, address: hostPort };
    });
  }

  /** Whether a message to this address would come back. */
  isOwn({ address, port }: PeerAddress): boolean {
    return this.all.some((each) => each.port === port && each.address === address);
  }

  #byNetwork(peer: PeerAddress): LocalAddress | undefined {
    const { name } = transportOf(peer);
    const key = `${name} ${peer.address}`;
    if (this.#known.has(key)) return this.#known.get(key);
    const address = parseAddress(peer.address);
    const found = this.#blocks.find((each) => {
      const { network } = each;
      return (
        address !== undefined &&
        network?.version === address.version &&
        network.first <= address.value &&
        address.value <= network.last &&
        speaks(each, name)
      );
    });
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    this.#known.set(key, found);
    return found;
  }
}

/** What a gateway that a call is to go to is told of the switch, or why it cannot go there. */
export function nameForGateway(
  local: LocalIdentity,
  gateway: PeerAddress,
): LocalName | 'no-listener' | 'own-address' {
  const { addresses } = local;
  if (addresses === undefined) return local;
  if (addresses.isOwn(gateway)) return 'own-address';
  const found =
    gateway.listener === undefined ? addresses.towards(gateway) : addresses.named(gateway);
  return found ?? 'no-listener';
}

/** What a peer that was heard, or that a call has been sent to, is told of the switch. */
export function nameTowards(local: LocalIdentity, peer: PeerAddress): LocalName {
  return local.addresses?.towards(peer) ?? local;
}

function localAddress(given: LocalAddressGiven): LocalAddress {
  const { address, port, transport, network: text, bound } = given;
  const peer = { address, port };
  const hostPort = formatPeerAddress(peer);
  const network = text === undefined ? undefined : parseNetwork(text);
  return {
    address,
    port,
    id: listenerId(hostPort),
    host: hostOf(peer),
    hostPort,
    transport,
    // By a name a socket is reached as what it is.
    version: parseAddress(bound?.address ?? address)?.version,
    network: typeof network === 'string' ? undefined : network,
    networkText: text ?? '',
    bound,
  };
}

/** Whether this may be told over a transport: what names none is for those of one port. */
export function speaks(
  { transport }: Pick<LocalAddress, 'transport'>,
  name: TransportName,
): boolean {
  if (transport !== undefined) return transport === name;
  return transportOf({ transport: name }).defaultPort === transports.udp.defaultPort;
}

/** A socket speaks one IP version: whoever is told of the other cannot answer. */
function fits(each: LocalAddress, peer: PeerAddress): boolean {
  const { version } = each;
  return (
    (version === undefined || (version === 6) === peer.address.includes(':')) &&
    speaks(each, transportOf(peer).name)
  );
}

function sizeOf({ network }: LocalAddress): bigint {
  return network === undefined ? 0n : network.last - network.first;
}

function compare(one: bigint, other: bigint): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/**
 * What stands for an advertised `host:port` where there is little room: FNV-1a, 32 bits. There are a handful of them, and
 * start-up refuses two with one id.
 */
export function listenerId(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  }
  return hash === 0 ? 1 : hash;
}

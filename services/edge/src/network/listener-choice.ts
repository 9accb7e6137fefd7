import { isSameTransport } from '@tandem/sip';
import type { Endpoint } from '@tandem/sip';
import type { LocalAddress, LocalAddresses } from '../core/network/local-addresses.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';

/** The address of a listener of this process. */
interface BoundAddress extends LocalAddress {
  readonly bound: Endpoint;
}

/** Which of several listeners a message leaves by: the one whose address the peer is told (CALL-07). */
export class ListenerChoice {
  readonly #addresses: LocalAddresses;
  /** Of those that are not the only one of their IP version and transport. */
  readonly #several: readonly BoundAddress[];

  constructor(addresses: LocalAddresses) {
    this.#addresses = addresses;
    const bound = addresses.all.filter(isBound);
    this.#several = bound.filter((one) =>
      bound.some((other) => one !== other && isAlike(one, other)),
    );
  }

  /** The listener for a message to this peer; undefined where there is but one, or none is better than another. */
  leavesBy(to: PeerAddress): Endpoint | undefined {
    if (this.#several.length === 0) return undefined;
    const id = this.#addresses.towards(to)?.id;
    return this.#several.find((one) => one.id === id && speaks(one, to))?.bound;
  }

  /** What `PeerAddress.listener` is of a peer that was heard by the listener at `local`. */
  heardBy(peer: PeerAddress, local: Endpoint): number | undefined {
    if (this.#several.length === 0) return undefined;
    const heard = this.#several.find((one) => isAt(one.bound, local) && speaks(one, peer));
    return heard?.id === this.#addresses.towards(peer)?.id ? undefined : heard?.id;
  }
}

function isBound(address: LocalAddress): address is BoundAddress {
  return address.bound !== undefined;
}

function isAlike(one: BoundAddress, other: BoundAddress): boolean {
  return isSameVersion(one.bound, other.bound) && isSameTransport(one, other);
}

function speaks(one: BoundAddress, peer: PeerAddress): boolean {
  return isSameVersion(one.bound, peer) && isSameTransport(one, peer);
}

function isSameVersion(one: Endpoint, other: Endpoint): boolean {
  return one.address.includes(':') === other.address.includes(':');
}

function isAt(one: Endpoint, other: Endpoint): boolean {
  return one.port === other.port && one.address === other.address;
}

import type { Transport } from '@tandem/sip';
import type { SimulatedNetwork } from '@tandem/testing';
import { LocalAddresses } from '../../src/core/network/local-addresses.ts';
import type { LocalAddressGiven } from '../../src/core/network/local-addresses.ts';
import type { PeerAddress } from '../../src/core/network/peer-address.ts';
import type { MessageListener } from '../../src/network/message-listener.ts';
import { ListenerChoice } from '../../src/network/listener-choice.ts';
import { listenerOf } from './listener-of.ts';

/** The sockets of a switch on the simulated network, chosen between as the real ones are. */
export class EdgeSockets {
  readonly addresses: LocalAddresses;
  readonly #choice: ListenerChoice;
  readonly #open: readonly Transport[];

  /** @param places where each listens, and what its peers are told where that differs */
  constructor(
    network: SimulatedNetwork,
    places: readonly LocalAddressGiven[],
    listener: MessageListener,
  ) {
    const bound = places.map((place) => {
      const { address, port, network: block } = place;
      return block === undefined ? { bound: { address, port }, ...place } : place;
    });
    this.addresses = new LocalAddresses(bound);
    this.#choice = new ListenerChoice(this.addresses);
    const heard = listenerOf(listener, '', (source, local) => this.#choice.heardBy(source, local));
    this.#open = bound.flatMap(({ bound: at }) =>
      at === undefined ? [] : [network.open({ ...at, listener: heard })],
    );
  }

  send(bytes: Buffer, to: PeerAddress): void {
    const chosen = this.#choice.leavesBy(to);
    const socket =
      this.#open.find(
        ({ local }) => local.address === chosen?.address && local.port === chosen.port,
      ) ?? this.#open.find(({ local }) => local.address.includes(':') === to.address.includes(':'));
    socket?.send(bytes, to.address, to.port);
  }
}

import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

/** One server behind an address. */
export interface Peer {
  /** IP address. */
  readonly host: string;
  readonly port: number;
  /** As it was configured: what its certificate says. */
  readonly name: string;
  /** `host:port` as it was configured. */
  readonly authority: string;
}

/** The servers behind `host:port,…`, each in its turn, so that the streams of all pods are shared among them. */
export class PeerChoice {
  readonly #addresses: readonly Omit<Peer, 'host'>[];
  #turn = Math.floor(Math.random() * 1024);

  constructor(address: string) {
    this.#addresses = address.split(',').map((authority) => {
      const end = authority.lastIndexOf(':');
      const name = authority.slice(0, end).replace(/^\[(.*)\]$/, '$1');
      return { name, authority, port: Number(authority.slice(end + 1)) };
    });
  }

  /** All there are now, beginning with another one each time; none where the names are not known. */
  async next(): Promise<readonly Peer[]> {
    const peers = (await Promise.all(this.#addresses.map(resolve))).flat();
    const first = this.#turn++ % Math.max(1, peers.length);
    return [...peers.slice(first), ...peers.slice(0, first)];
  }
}

async function resolve(address: Omit<Peer, 'host'>): Promise<readonly Peer[]> {
  if (isIP(address.name) !== 0) return [{ ...address, host: address.name }];
  try {
    const found = await lookup(address.name, { all: true });
    return found.map(({ address: host }) => ({ ...address, host }));
  } catch {
    // Not known now: the next stream asks again.
    return [];
  }
}

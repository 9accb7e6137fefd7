import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

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

/** Finds the IP addresses of a name; rejects as `dns.lookup` does. */
type FindHosts = (name: string) => Promise<readonly string[]>;

/** The servers behind `host:port,…`, each in its turn, so that the streams of all pods are shared among them. */
export class PeerChoice {
  readonly #names: readonly NamedPeers[];
  #turn = Math.floor(Math.random() * 1024);

  constructor(address: string, find: FindHosts = hostsOf) {
    this.#names = address.split(',').map((authority) => {
      const end = authority.lastIndexOf(':');
      const name = authority.slice(0, end).replace(/^\[(.*)\]$/, '$1');
      return new NamedPeers({ name, authority, port: Number(authority.slice(end + 1)) }, find);
    });
  }

  /** All there are now, beginning with another one each time; none where the names are not known. */
  async next(): Promise<readonly Peer[]> {
    const peers = (await Promise.all(this.#names.map((each) => each.peers()))).flat();
    const first = this.#turn++ % Math.max(1, peers.length);
    return [...peers.slice(first), ...peers.slice(0, first)];
  }
}

/** A name server that is on a machine without power is silent, too: what it said last holds until it speaks. */
const KNOWN_AFTER_MS = 200;

/** What stands behind one name. */
class NamedPeers {
  readonly #address: Omit<Peer, 'host'>;
  readonly #find: FindHosts;
  #known: readonly Peer[] = [];
  #asking: Promise<void> | undefined;

  constructor(address: Omit<Peer, 'host'>, find: FindHosts) {
    this.#address = address;
    this.#find = find;
  }

  async peers(): Promise<readonly Peer[]> {
    if (isIP(this.#address.name) !== 0) return [{ ...this.#address, host: this.#address.name }];
    this.#asking ??= this.#ask();
    if (this.#known.length === 0) await this.#asking;
    else await Promise.race([this.#asking, sleep(KNOWN_AFTER_MS, undefined, { ref: false })]);
    return this.#known;
  }

  /** Never rejects: where nothing is known, the next stream asks again. */
  async #ask(): Promise<void> {
    try {
      const hosts = await this.#find(this.#address.name);
      // Name servers shuffle them, and a turn is to be of another one.
      this.#known = hosts.toSorted().map((host) => ({ ...this.#address, host }));
    } catch (error) {
      const isSilent = error instanceof Error && 'code' in error && error.code === 'EAI_AGAIN';
      if (!isSilent) this.#known = [];
    }
    this.#asking = undefined;
  }
}

async function hostsOf(name: string): Promise<readonly string[]> {
  const found = await lookup(name, { all: true });
  return found.map(({ address }) => address);
}

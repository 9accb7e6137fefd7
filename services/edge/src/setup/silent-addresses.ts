import type { PeerAddress } from '../core/network/peer-address.ts';
import { formatPeerAddress } from '../core/network/peer-address.ts';
import type { NetworkLook } from '../gateway-checks/gateway-checks.ts';
import type { Clock } from '../ports.ts';

/** So long what the network has said of an address is told of others that go there. */
const KEPT_MS = 5000;
/** Addresses that are remembered; one more lets the first go. */
const MOST = 1000;

interface Looked {
  readonly words: Promise<string>;
  readonly untilMs: number;
}

/**
 * What the network says of addresses that keep silent (DENY-14): that nobody listens there, or that they cannot be reached. The
 * socket that SIP runs on is not told of ICMP messages, so one of its own asks, at most once in five seconds for each address.
 */
export class SilentAddresses {
  readonly #look: NetworkLook;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #looked = new Map<string, Looked>();

  constructor(look: NetworkLook, clock: Pick<Clock, 'now'>) {
    this.#look = look;
    this.#clock = clock;
  }

  /** '' where it says nothing. Never rejects. */
  look(to: PeerAddress): Promise<string> {
    const { certificate, transport = 'udp' } = to;
    const address = formatPeerAddress(to);
    const key = `${transport} ${address}`;
    const nowMs = this.#clock.now();
    const known = this.#looked.get(key);
    if (known !== undefined && known.untilMs > nowMs) return known.words;
    const words = this.#look({ address, certificate, transport }).catch(() => '');
    this.#looked.delete(key);
    this.#looked.set(key, { words, untilMs: nowMs + KEPT_MS });
    if (this.#looked.size > MOST) {
      const [first] = this.#looked.keys();
      if (first !== undefined) this.#looked.delete(first);
    }
    return words;
  }
}

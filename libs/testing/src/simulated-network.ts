import type {
  Endpoint,
  ParseLimits,
  TimerPort,
  Transport,
  TransportCounters,
  TransportListener,
} from '@tandem/sip';
import { DatagramReader } from '@tandem/sip';
import { seededRandom } from './seeded-random.ts';

/** How the network treats datagrams. Everything is drawn from one seed, so a run can be repeated. */
export interface SimulatedNetworkOptions {
  readonly clock: TimerPort;
  /** @default 1 */
  readonly seed?: number;
  /** Share of datagrams that never arrive. @default 0 */
  readonly loss?: number;
  /** Share of datagrams that arrive twice. @default 0 */
  readonly duplication?: number;
  /** Shortest way, in ms. @default 1 */
  readonly minLatencyMs?: number;
  /** Longest way, in ms; later datagrams may overtake when it is longer than the shortest. @default `minLatencyMs` */
  readonly maxLatencyMs?: number;
  /** Share of datagrams that are held back by `reorderDelayMs` on top. @default 0 */
  readonly reordering?: number;
  /** @default 50 */
  readonly reorderDelayMs?: number;
}

/** How a transport of the simulated network is opened. */
export interface SimulatedTransportOptions extends Endpoint {
  readonly listener: TransportListener;
  readonly limits?: Partial<ParseLimits>;
}

/** One datagram as it was sent. */
export interface SentDatagram {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly bytes: Buffer;
  /** How many times it will arrive: 0 when lost, 2 when doubled. */
  readonly copies: number;
}

type Draws = Required<Omit<SimulatedNetworkOptions, 'clock' | 'seed'>>;

/** A network in memory, with loss, duplicates, latency and reordering, for deterministic tests. */
export class SimulatedNetwork {
  readonly #clock: TimerPort;
  readonly #random: () => number;
  readonly #draws: Draws;
  readonly #bound = new Map<string, SimulatedTransport>();
  readonly #sent: SentDatagram[] = [];
  readonly #cut = new Set<string>();

  constructor(options: SimulatedNetworkOptions) {
    const { clock, seed = 1, loss = 0, duplication = 0, minLatencyMs = 1 } = options;
    const { maxLatencyMs = minLatencyMs, reordering = 0, reorderDelayMs = 50 } = options;
    this.#clock = clock;
    this.#random = seededRandom(seed);
    this.#draws = { loss, duplication, minLatencyMs, maxLatencyMs, reordering, reorderDelayMs };
  }

  /** Every datagram since the network was made, lost ones too. */
  get sent(): readonly SentDatagram[] {
    return this.#sent;
  }

  /** Binds an address. @throws when it is taken. */
  open(options: SimulatedTransportOptions): Transport {
    const key = keyOf(options);
    if (this.#bound.has(key)) throw new Error(`${key} is bound already`);
    const transport = new SimulatedTransport(options, {
      send: (bytes, to) => {
        this.#carry(bytes, transport.local, to);
      },
      close: () => this.#bound.delete(key),
    });
    this.#bound.set(key, transport);
    return transport;
  }

  /** From now on nothing from or to this address arrives. */
  cut(address: string): void {
    this.#cut.add(address);
  }

  /** Undoes {@link SimulatedNetwork.cut}. */
  restore(address: string): void {
    this.#cut.delete(address);
  }

  #carry(bytes: Buffer, from: Endpoint, to: Endpoint): void {
    const { loss, duplication } = this.#draws;
    const isCut = this.#cut.has(from.address) || this.#cut.has(to.address);
    const isLost = this.#random() < loss || isCut;
    const isDoubled = this.#random() < duplication;
    const copies = isLost ? 0 : isDoubled ? 2 : 1;
    // As a kernel does: the sender may use its buffer again.
    const copy = Buffer.from(bytes);
    this.#sent.push({ from, to, bytes: copy, copies });
    for (let left = copies; left > 0; left--) {
      this.#clock.start(this.#latencyMs(), () => {
        this.#bound.get(keyOf(to))?.arrive(copy, from);
      });
    }
  }

  #latencyMs(): number {
    const { minLatencyMs, maxLatencyMs, reordering, reorderDelayMs } = this.#draws;
    const wayMs = minLatencyMs + this.#random() * (maxLatencyMs - minLatencyMs);
    return this.#random() < reordering ? wayMs + reorderDelayMs : wayMs;
  }
}

interface Link {
  send(bytes: Buffer, to: Endpoint): void;
  close(): void;
}

class SimulatedTransport implements Transport {
  readonly local: Endpoint;
  readonly #link: Link;
  readonly #reader: DatagramReader;
  #isOpen = true;

  constructor(options: SimulatedTransportOptions, link: Link) {
    this.local = { address: options.address, port: options.port };
    this.#link = link;
    this.#reader = new DatagramReader(options.listener, options.limits);
  }

  get counters(): Readonly<TransportCounters> {
    return this.#reader.counters;
  }

  send(bytes: Buffer, address: string, port: number): void {
    if (!this.#isOpen) throw new Error('the transport is closed');
    this.#reader.counters.sent++;
    this.#link.send(bytes, { address, port });
  }

  close(): Promise<void> {
    this.#isOpen = false;
    this.#link.close();
    return Promise.resolve();
  }

  arrive(bytes: Buffer, source: Endpoint): void {
    this.#reader.read(bytes, { source, local: this.local });
  }
}

function keyOf({ address, port }: Endpoint): string {
  return address.includes(':') ? `[${address}]:${String(port)}` : `${address}:${String(port)}`;
}

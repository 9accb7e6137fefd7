import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import type { LinkEndpoint } from './endpoint.ts';
import { LinkCodec } from './link-codec.ts';
import type { LinkDatagram } from './link-codec.ts';
import { LinkProbes } from './link-probes.ts';
import { LinkWatch, PING_MS } from './link-watch.ts';
import { parseEndpoint } from './endpoint.ts';

/** Receives what comes over a link. None of them may throw. */
export interface LinkReader {
  /** A datagram of another pod, its MAC checked; pings and pongs are answered here. */
  onDatagram(datagram: LinkDatagram, from: LinkEndpoint): void;
  /** A datagram that was not written with the cluster's key, or is not understood; it was counted and dropped. */
  onRefused?(from: LinkEndpoint): void;
  /** The socket reported an error; it goes on. */
  onError?(error: Error): void;
}

/** Counts since the link was opened. */
export interface LinkCounters {
  received: number;
  sent: number;
  sendErrors: number;
  /** Not written with the cluster's key, or not understood: dropped. */
  refused: number;
}

/** How a link is opened. */
export interface PodLinkSocketOptions {
  /** IPv4 or IPv6 literal to bind. */
  readonly address: string;
  /** @default 0, a free port */
  readonly port?: number;
  /** What other pods reach this one by, where that is not what is bound; a port of 0 stands for the bound one. */
  readonly advertised?: LinkEndpoint | undefined;
  /** The cluster's secrets: the first writes, all read. */
  readonly secrets: readonly Buffer[];
  readonly reader: LinkReader;
  /** Each way, as far as the kernel grants it. @default 8 MiB */
  readonly bufferBytes?: number;
  /** What measures how long datagrams wait in the receive queue. @default nothing does */
  readonly marker?: ((socket: Socket) => LinkMarker) | undefined;
}

/** Measures a receive queue by datagrams of its own that go through it. */
export interface LinkMarker {
  /** Whether a datagram is one of these. */
  take(bytes: Buffer): boolean;
  /** How long the last one waited, ms; sends the next one. */
  delayMs(): number;
}

const eightMebibytes = 8 * 1024 * 1024;
const empty = Buffer.alloc(0);

/** One UDP socket for everything between this pod and the others, but the questions whether they live. */
export class PodLinkSocket {
  /** What other pods reach this one by. */
  readonly local: LinkEndpoint;
  readonly #counters: LinkCounters = { received: 0, sent: 0, sendErrors: 0, refused: 0 };
  readonly #watch = new LinkWatch();
  readonly #probes: LinkProbes;
  readonly #socket: Socket;
  readonly #codec: LinkCodec;
  readonly #marker: LinkMarker | undefined;
  readonly #reader: LinkReader;
  readonly #onSent: (error: Error | null) => void;
  #pings: NodeJS.Timeout | undefined;
  #isClosed = false;

  private constructor(socket: Socket, options: PodLinkSocketOptions) {
    const { address, port } = socket.address();
    const { advertised } = options;
    const reached = advertised ?? { address, port };
    this.local = { address: reached.address, port: reached.port === 0 ? port : reached.port };
    this.#socket = socket;
    this.#codec = new LinkCodec(options.secrets);
    this.#marker = options.marker?.(socket);
    this.#reader = options.reader;
    this.#onSent = (error) => {
      if (error !== null) this.#failed(error);
    };
    this.#probes = new LinkProbes({
      onAnswer: (bytes, from) => {
        this.#receive(bytes, from);
      },
      onRefused: (end) => {
        this.#watch.refused(end);
      },
    });
  }

  /**
   * Binds the socket and begins to receive.
   * @throws the system's error when the address cannot be bound.
   */
  static async bind(options: PodLinkSocketOptions): Promise<PodLinkSocket> {
    const isVersion6 = isIPv6(options.address);
    const socket = createSocket({
      type: isVersion6 ? 'udp6' : 'udp4',
      ipv6Only: isVersion6,
      // Addresses are literals: Node's own lookup would cost a turn of the tick queue per datagram.
      lookup: (host, _options, done) => {
        done(null, host, isVersion6 ? 6 : 4);
      },
    });
    // The lookup above is done at once, and so is the binding.
    const listening = once(socket, 'listening');
    socket.bind({ address: options.address, port: options.port ?? 0 });
    await listening;
    const bytes = options.bufferBytes ?? eightMebibytes;
    socket.setRecvBufferSize(bytes);
    socket.setSendBufferSize(bytes);
    const link = new PodLinkSocket(socket, options);
    socket.on('message', (datagram, from) => {
      if (link.#marker?.take(datagram) === true) return;
      link.#receive(datagram, { address: from.address, port: from.port });
    });
    socket.on('error', (error) => {
      link.#failed(error);
    });
    return link;
  }

  get counters(): Readonly<LinkCounters> {
    return this.#counters;
  }

  /** How late a datagram is when it is read, ms; 0 where it cannot be known. To ask has it measured again. */
  queueDelayMs(): number {
    return this.#isClosed ? 0 : (this.#marker?.delayMs() ?? 0);
  }

  /** Puts a datagram on the wire. Never waits, never throws: what cannot be sent is counted. */
  send(datagram: LinkDatagram, to: LinkEndpoint): void {
    if (this.#isClosed) return;
    let bytes: Buffer;
    try {
      bytes = this.#codec.encode(datagram);
    } catch (error) {
      // A peer chose what cannot be carried: a port of 0, a message as long as a stream allows.
      this.#failed(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    if (to.port === 0) {
      this.#counters.sendErrors++;
      return;
    }
    this.#counters.sent++;
    this.#socket.send(bytes, to.port, to.address, this.#onSent);
  }

  /** The ends (`ip:port`) of which {@link isSilent} can tell from now on. */
  watch(addresses: readonly string[]): void {
    this.#watch.watch(addresses, parseEndpoint);
    this.#probes.keep(addresses);
    if (this.#watch.isAsking(performance.now())) this.#startAsking();
  }

  /**
   * Whether a watched end that used to answer has been silent for this long, or no process has its port any more. For the next seconds it is asked every 100 ms, unless
   * it is heard of anyway.
   * @param silentMs @default 350
   */
  isSilent(address: string, silentMs?: number): boolean {
    this.#startAsking();
    return this.#watch.isSilent(address, performance.now(), silentMs);
  }

  /** Stops receiving and frees the address. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#pings);
    this.#probes.keep([]);
    await new Promise<void>((resolve) => {
      this.#socket.close(() => {
        resolve();
      });
    });
  }

  #receive(bytes: Buffer, from: LinkEndpoint): void {
    this.#counters.received++;
    const datagram = this.#codec.decode(bytes);
    if (datagram === undefined) {
      this.#counters.refused++;
      this.#reader.onRefused?.(from);
      return;
    }
    if (datagram.kind === 'ping') {
      // Who asks lives.
      this.#watch.heard(datagram.gate, performance.now());
      // The gate of a ping is who asks; that of the pong is who answers, as it was asked for.
      this.send({ ...datagram, kind: 'pong', gate: datagram.peer }, from);
    } else if (datagram.kind === 'pong') {
      this.#watch.heard(datagram.gate, performance.now());
    } else {
      // Of messages from a peer the gate is who gives them to us.
      if (datagram.kind === 'received') this.#watch.heard(datagram.gate, performance.now());
      this.#reader.onDatagram(datagram, from);
    }
  }

  /** Until nobody wants to know any more. */
  #startAsking(): void {
    if (this.#pings !== undefined || this.#isClosed) return;
    this.#pings = setInterval(() => {
      const nowMs = performance.now();
      for (const endpoint of this.#watch.toAsk(nowMs)) this.#ping(endpoint);
      if (this.#watch.isAsking(nowMs)) return;
      clearInterval(this.#pings);
      this.#pings = undefined;
    }, PING_MS).unref();
  }

  #ping(to: LinkEndpoint): void {
    const gate = this.local;
    const parts = { peer: to, gate, transport: 0, connection: 0, payload: empty };
    this.#counters.sent++;
    this.#probes.ask(to, this.#codec.encode({ kind: 'ping', ...parts }));
  }

  #failed(error: Error): void {
    this.#counters.sendErrors++;
    this.#reader.onError?.(error);
  }
}

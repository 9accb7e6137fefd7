import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ParseLimits } from '../message/limits.ts';
import { DatagramReader } from './datagram-reader.ts';
import { QueueMarker } from './queue-marker.ts';
import type { Endpoint, Transport, TransportCounters, TransportListener } from './transport.ts';

/** How a UDP transport is opened. */
export interface UdpTransportOptions {
  /** IPv4 or IPv6 literal to bind; an IPv6 one takes IPv6 only. */
  readonly address: string;
  /** @default 0, a free port */
  readonly port?: number;
  readonly listener: TransportListener;
  readonly limits?: Partial<ParseLimits>;
  /**
   * Bytes that the kernel keeps while the event loop is busy. The default of most systems holds about a hundred
   * SIP messages, which one garbage collection can lose. The kernel caps it at `net.core.rmem_max`.
   * @default 8 MiB
   */
  readonly receiveBufferBytes?: number;
  /** Capped at `net.core.wmem_max`. @default 8 MiB */
  readonly sendBufferBytes?: number;
  /** Lets several processes bind the same port; the kernel spreads the senders over them. @default false */
  readonly isPortShared?: boolean;
}

const eightMebibytes = 8 * 1024 * 1024;
/** What libuv reads of a socket in one turn of the event loop: after fewer there was nothing left. */
const READ_IN_ONE_TURN = 32;
/** Who is sent more than it can read would never end: the kernel held no more than this. */
const MOST_TURNS = 1000;

/** SIP over one UDP socket. */
export class UdpTransport implements Transport {
  readonly local: Endpoint;
  /** What the kernel granted; twice what was asked for on Linux, less when capped. */
  readonly receiveBufferBytes: number;
  readonly #socket: Socket;
  readonly #reader: DatagramReader;
  readonly #onSent: (error: Error | null) => void;
  readonly #marker: QueueMarker | undefined;
  #closing: Promise<void> | undefined;
  #isClosed = false;

  private constructor(
    socket: Socket,
    reader: DatagramReader,
    { listener, isPortShared }: UdpTransportOptions,
  ) {
    this.#socket = socket;
    // Of a port that is shared the kernel may give it to somebody else.
    this.#marker = isPortShared === true ? undefined : new QueueMarker(socket);
    this.#reader = reader;
    this.#onSent = (error) => {
      if (error === null) return;
      reader.counters.sendErrors++;
      listener.onError?.(error);
    };
    const { address, port } = socket.address();
    this.local = { address, port };
    this.receiveBufferBytes = socket.getRecvBufferSize();
  }

  /**
   * Binds the socket and begins to receive.
   * @throws the system's error when the address cannot be bound.
   */
  static async bind(options: UdpTransportOptions): Promise<UdpTransport> {
    const { address, port = 0, listener } = options;
    const isVersion6 = isIPv6(address);
    const socket = createSocket({
      type: isVersion6 ? 'udp6' : 'udp4',
      ipv6Only: isVersion6,
      reusePort: options.isPortShared ?? false,
      // Addresses are literals. Node's own lookup costs a turn of the tick queue per datagram; this one none.
      lookup: (host, _options, done) => {
        done(null, host, isVersion6 ? 6 : 4);
      },
    });
    // The lookup above is done at once, and so is the binding.
    const listening = once(socket, 'listening');
    socket.bind({ address, port });
    await listening;
    socket.setRecvBufferSize(options.receiveBufferBytes ?? eightMebibytes);
    socket.setSendBufferSize(options.sendBufferBytes ?? eightMebibytes);
    const reader = new DatagramReader(listener, options.limits);
    const transport = new UdpTransport(socket, reader, options);
    const { local } = transport;
    const marker = transport.#marker;
    socket.on('message', (bytes, source) => {
      if (marker?.take(bytes) === true) return;
      reader.read(bytes, { source: { address: source.address, port: source.port }, local });
    });
    socket.on('error', (error) => {
      listener.onError?.(error);
    });
    return transport;
  }

  get counters(): Readonly<TransportCounters> {
    return this.#reader.counters;
  }

  /**
   * How late a datagram is when it is read, ms: what waits in the kernel shows in no measure of the event loop. 0 where it cannot
   * be known. To ask has it measured again.
   */
  queueDelayMs(): number {
    return this.#isClosed ? 0 : (this.#marker?.delayMs() ?? 0);
  }

  send(bytes: Buffer, address: string, port: number): void {
    if (this.#isClosed || !isPort(port)) {
      // Node throws here, and who sends may be in the middle of something: a peer may have written 0 into its Via, and a
      // transaction may have a timer left when the socket has been closed.
      this.#reader.counters.sendErrors++;
      return;
    }
    this.#reader.counters.sent++;
    // One callback for all: without any, Node drops the error of a failed send in silence.
    this.#socket.send(bytes, port, address, this.#onSent);
  }

  /** Reads what the kernel has taken by now, which would be lost with the socket, and frees the address. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    await this.#readRest();
    this.#isClosed = true;
    await new Promise<void>((resolve) => {
      this.#socket.close(() => {
        resolve();
      });
    });
  }

  async #readRest(): Promise<void> {
    // Of the turn that is under way the reading may be over.
    await nextTurn();
    for (let turn = 0; turn < MOST_TURNS; turn++) {
      const { received } = this.counters;
      await nextTurn();
      if (this.counters.received - received < READ_IN_ONE_TURN) return;
    }
  }
}

function isPort(port: number): boolean {
  return port > 0 && port <= 65_535;
}

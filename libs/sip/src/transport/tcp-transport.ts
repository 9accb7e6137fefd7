import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, isIP, isIPv6 } from 'node:net';
import type { Server, Socket } from 'node:net';
import type { ParseLimits } from '../message/limits.ts';
import { DatagramReader } from './datagram-reader.ts';
import { TcpConnection } from './tcp-connection.ts';
import type { Arrival, Endpoint, TransportCounters, TransportListener } from './transport.ts';

/** How a TCP transport is opened. */
export interface TcpTransportOptions {
  /** IPv4 or IPv6 literal to listen on; connections that are opened leave from it too, unless it stands for all. */
  readonly address: string;
  /** @default 0, a free port */
  readonly port?: number;
  readonly listener: TransportListener;
  /** A request, or response, that never left: its connection could not be opened, or is full. @default nobody is told */
  readonly onUndelivered?: (bytes: Buffer, to: Endpoint) => void;
  /** A connection is gone. @default nobody is told */
  readonly onClosed?: (connection: number) => void;
  readonly limits?: Partial<ParseLimits>;
  /** Lets several processes listen on the same port; the kernel spreads the connections over them. @default false */
  readonly isPortShared?: boolean;
  /** Connections at a time; more are closed at once. @default 20,000 */
  readonly maxConnections?: number;
  /** The most that waits for one peer that does not read before it is dropped. @default 1 MiB */
  readonly maxBufferBytes?: number;
  /** How long a connection may take to open. @default 5 s */
  readonly connectMs?: number;
  /** How long a connection lives on which nothing passes. @default 15 min */
  readonly idleMs?: number;
  /** How long one message may take to come. @default 30 s */
  readonly messageMs?: number;
}

/** What {@link TransportCounters} counts, and connections. */
export interface TcpTransportCounters extends TransportCounters {
  /** Connections that peers opened. */
  accepted: number;
  /** Connections that were opened to peers. */
  opened: number;
  /** Connections refused for want of room, dropped as idle, too slow, not reading, or broken in their framing. */
  dropped: number;
}

const defaults = {
  maxConnections: 20_000,
  maxBufferBytes: 1024 * 1024,
  connectMs: 5000,
  idleMs: 15 * 60_000,
  messageMs: 30_000,
} as const;

type Settings = Omit<TcpTransportOptions, keyof typeof defaults> &
  Readonly<Record<keyof typeof defaults, number>>;

/** Connections are looked at this often for idleness. */
const SWEEP_MS = 1000;

/** SIP over TCP (RFC 3261 §18): takes connections, opens them on demand, and uses what is open for both directions. */
export class TcpTransport {
  readonly local: Endpoint;
  readonly #options: Settings;
  readonly #server: Server;
  readonly #reader: DatagramReader;
  readonly #byId = new Map<number, TcpConnection>();
  /** By remote address; the last one that was opened. */
  readonly #byRemote = new Map<string, TcpConnection>();
  readonly #connections = { accepted: 0, opened: 0, dropped: 0 };
  readonly #sweep: NodeJS.Timeout;
  /** Begins anywhere below 2^47, so that no start of the process uses the numbers of another. */
  #nextId = Math.floor(randomBytes(6).readUIntBE(0, 6) / 2) + 1;
  #isClosed = false;

  private constructor(server: Server, options: TcpTransportOptions) {
    this.#options = { ...defaults, ...options };
    this.#server = server;
    this.#reader = new DatagramReader(options.listener, options.limits);
    const place = server.address();
    if (place === null || typeof place === 'string') throw new TypeError('not a TCP server');
    this.local = { address: place.address, port: place.port };
    server.on('connection', (socket) => {
      this.#accept(socket);
    });
    server.on('error', (error) => {
      options.listener.onError?.(error);
    });
    this.#sweep = setInterval(() => {
      this.#dropStale();
    }, SWEEP_MS).unref();
  }

  /**
   * Listens and begins to take connections.
   * @throws the system's error when the address cannot be bound.
   */
  static async listen(options: TcpTransportOptions): Promise<TcpTransport> {
    const { address, port = 0, isPortShared = false } = options;
    const server = createServer();
    server.listen({ host: address, port, ipv6Only: isIPv6(address), reusePort: isPortShared });
    await once(server, 'listening');
    return new TcpTransport(server, options);
  }

  get counters(): Readonly<TcpTransportCounters> {
    return { ...this.#reader.counters, ...this.#connections };
  }

  /** Connections that are open, or being opened. */
  get size(): number {
    return this.#byId.size;
  }

  /** Whether this connection is open, or being opened. */
  has(connection: number): boolean {
    return usable(this.#byId.get(connection)) !== undefined;
  }

  /**
   * Sends by the connection that is named, else by one to that address, else by a new one. Never waits, never throws; what
   * never leaves is given to `onUndelivered`, perhaps before this returns.
   * @returns the connection that took it; 0 where none did
   */
  send(bytes: Buffer, to: Endpoint, connection = 0): number {
    const open =
      usable(this.#byId.get(connection)) ?? usable(this.#byRemote.get(keyOf(to))) ?? this.#open(to);
    if (open?.send(bytes) === true) {
      this.#reader.counters.sent++;
      return open.id;
    }
    this.#reader.counters.sendErrors++;
    if (open?.isUsable === false) this.#connections.dropped++;
    this.#options.onUndelivered?.(bytes, to);
    return 0;
  }

  /** Closes one connection, at once. */
  drop(connection: number): void {
    this.#byId.get(connection)?.drop();
  }

  /** Frees the address; connections send what is left and close. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#sweep);
    for (const connection of this.#byId.values()) connection.end();
    await new Promise<void>((resolve) => {
      // A peer that does not read would hold the server open.
      const limit = setTimeout(() => {
        for (const connection of this.#byId.values()) connection.drop();
      }, SWEEP_MS);
      this.#server.close(() => {
        clearTimeout(limit);
        resolve();
      });
    });
  }

  #accept(socket: Socket): void {
    const { remoteAddress, remotePort } = socket;
    if (this.#isFull() || remoteAddress === undefined || remotePort === undefined) {
      this.#connections.dropped++;
      socket.destroy();
      return;
    }
    this.#connections.accepted++;
    const remote = { address: remoteAddress, port: remotePort };
    this.#keep(socket, remote, true);
  }

  #open(remote: Endpoint): TcpConnection | undefined {
    if (this.#isFull() || !isPort(remote.port) || isIP(remote.address) === 0) return undefined;
    this.#connections.opened++;
    const { address } = this.local;
    const isAnywhere = address === '0.0.0.0' || address === '::';
    const isSameVersion = isIPv6(address) === isIPv6(remote.address);
    const socket = connect({
      host: remote.address,
      port: remote.port,
      ...(isAnywhere || !isSameVersion ? {} : { localAddress: address }),
    });
    const connection = this.#keep(socket, remote, false);
    connection.awaitOpen(this.#options.connectMs);
    return connection;
  }

  #keep(socket: Socket, remote: Endpoint, isOpen: boolean): TcpConnection {
    const id = this.#nextId++;
    const key = keyOf(remote);
    const { limits, maxBufferBytes, onUndelivered, onClosed } = this.#options;
    const arrival: Arrival = {
      source: remote,
      local: this.local,
      transport: 'tcp',
      connection: id,
    };
    const connection = new TcpConnection({
      id,
      socket,
      remote,
      isOpen,
      limits,
      maxBufferBytes,
      user: {
        onMessage: (bytes) => {
          this.#reader.read(bytes, arrival);
        },
        onBroken: (error) => {
          this.#connections.dropped++;
          this.#reader.broken(error, arrival);
        },
        onPing: () => {
          this.#reader.counters.keepalives++;
        },
        onClosed: (unsent) => {
          this.#byId.delete(id);
          if (this.#byRemote.get(key) === connection) this.#byRemote.delete(key);
          this.#reader.counters.sendErrors += unsent.length;
          onClosed?.(id);
          for (const bytes of unsent) onUndelivered?.(bytes, remote);
        },
      },
    });
    this.#byId.set(id, connection);
    this.#byRemote.set(key, connection);
    return connection;
  }

  #dropStale(): void {
    const now = performance.now();
    const { idleMs, messageMs } = this.#options;
    for (const connection of this.#byId.values()) {
      if (!connection.isStale(now, idleMs, messageMs)) continue;
      this.#connections.dropped++;
      connection.drop();
    }
  }

  #isFull(): boolean {
    return this.#isClosed || this.#byId.size >= this.#options.maxConnections;
  }
}

function usable(connection: TcpConnection | undefined): TcpConnection | undefined {
  return connection?.isUsable === true ? connection : undefined;
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port <= 65_535;
}

function keyOf({ address, port }: Endpoint): string {
  return `${address} ${String(port)}`;
}

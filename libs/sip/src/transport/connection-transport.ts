import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, isIP, isIPv6 } from 'node:net';
import type { Server, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { WebSocket } from 'ws';
import { defaultParseLimits } from '../message/limits.ts';
import type { ParseLimits } from '../message/limits.ts';
import { DatagramReader } from './datagram-reader.ts';
import { joinedNames } from './certificate-names.ts';
import { TcpConnection } from './tcp-connection.ts';
import type { PeerConnection, TcpConnectionUser } from './tcp-connection.ts';
import { TlsAcceptor } from './tls-acceptor.ts';
import { ConnectionFault } from './connection-fault.ts';
import { distrustOf, provedNames } from './tls-contexts.ts';
import type { TlsContexts } from './tls-contexts.ts';
import type { Arrival, Endpoint, TransportCounters, TransportListener } from './transport.ts';
import { transports } from './transports.ts';
import type { TransportName } from './transports.ts';
import { WebSocketAcceptor } from './web-socket-acceptor.ts';
import type { WebSocketTerms } from './web-socket-acceptor.ts';
import { WebSocketConnection } from './web-socket-connection.ts';

/** Where something is sent, and what the peer's certificate has to prove where a connection is opened for it. */
export interface ConnectedEnd extends Endpoint {
  /** Names that it must prove, with commas; '': any will do. @default its address */
  readonly certificate?: string | undefined;
}

/** How a transport with connections is opened. */
export interface ConnectionTransportOptions {
  /** @default 'tcp' */
  readonly transport?: TransportName;
  /** What a secure transport speaks TLS with. */
  readonly tls?: TlsContexts | undefined;
  /** Which handshakes a transport of frames takes. @default all at '/' */
  readonly webSocket?: WebSocketTerms | undefined;
  /** IPv4 or IPv6 literal to listen on; connections that are opened leave from it too, unless it stands for all. */
  readonly address: string;
  /** @default 0, a free port */
  readonly port?: number;
  readonly listener: TransportListener;
  /** A request, or response, that never left: its connection could not be opened, or is full. @default nobody is told */
  readonly onUndelivered?: (bytes: Buffer, to: ConnectedEnd) => void;
  /**
   * A handshake came to nothing; `to` is whom we have called, undefined where it was a peer that connected: `from`, where that is known.
   * @default nobody is told
   */
  readonly onHandshakeFailed?:
    ((error: Error, to: Endpoint | undefined, from: Endpoint | undefined) => void) | undefined;
  /** As counted in {@link ConnectionTransportCounters.dropped}. @default nobody is told */
  readonly onDropped?: (() => void) | undefined;
  /** A connection is gone. @default nobody is told */
  readonly onClosed?: (connection: number) => void;
  readonly limits?: Partial<ParseLimits>;
  /** Lets several processes listen on the same port; the kernel spreads the connections over them. @default false */
  readonly isPortShared?: boolean;
  /** Connections at a time; more are closed at once. @default 20,000 */
  readonly maxConnections?: number;
  /** Of them from one address. @default 5,000 */
  readonly maxPerSource?: number;
  /** The most that waits for one peer that does not read before it is dropped. @default 1 MiB */
  readonly maxBufferBytes?: number;
  /** How long a connection may take to open. @default 5 s */
  readonly connectMs?: number;
  /** How long a connection lives on which nothing passes. @default 15 min */
  readonly idleMs?: number;
  /** How long one message may take to come. @default 30 s */
  readonly messageMs?: number;
  /** How long a peer that connects may take for what comes before its first message. @default 10 s */
  readonly handshakeMs?: number;
  /** How often a peer with a WebSocket is asked whether it lives. @default 30 s */
  readonly pingMs?: number;
}

/** What {@link TransportCounters} counts, and connections. */
export interface ConnectionTransportCounters extends TransportCounters {
  /** Connections that peers opened. */
  accepted: number;
  /** Connections that were opened to peers. */
  opened: number;
  /** Connections refused for want of room, dropped as idle, too slow, not reading, or broken in their framing. */
  dropped: number;
  /** Handshakes that came to nothing, of either side: no TLS, no cipher in common, a certificate that does not prove a name. */
  handshakeErrors: number;
}

const defaults = {
  maxConnections: 20_000,
  maxPerSource: 5000,
  maxBufferBytes: 1024 * 1024,
  connectMs: 5000,
  idleMs: 15 * 60_000,
  messageMs: 30_000,
  handshakeMs: 10_000,
  pingMs: 30_000,
} as const;

type Settings = Omit<ConnectionTransportOptions, keyof typeof defaults> &
  Readonly<Record<keyof typeof defaults, number>>;

/** Connections are looked at this often for idleness. */
const SWEEP_MS = 1000;

/**
 * SIP over TCP, TLS (RFC 3261 §18, §26.2) and WebSockets (RFC 7118): takes connections, opens them on demand, where a peer listens
 * for any, and uses what is open for both directions.
 */
export class ConnectionTransport {
  readonly local: Endpoint;
  readonly #options: Settings;
  readonly #server: Server;
  readonly #reader: DatagramReader;
  readonly #name: TransportName;
  readonly #tls: TlsAcceptor | undefined;
  readonly #webSockets: WebSocketAcceptor | undefined;
  readonly #byId = new Map<number, PeerConnection>();
  /** This side of those that were opened here. */
  readonly #locals = new Map<number, Endpoint>();
  /** By remote address and what was to be proved there; the last one that was opened. */
  readonly #byRemote = new Map<string, PeerConnection>();
  /** All that were taken, those that still shake hands too. */
  readonly #taken = new Set<Socket>();
  readonly #perSource = new Map<string, number>();
  readonly #connections = { accepted: 0, opened: 0, dropped: 0, handshakeErrors: 0 };
  /** Being opened, or opened by us. */
  #opened = 0;
  readonly #sweep: NodeJS.Timeout;
  /** Begins anywhere below 2^47, so that no start of the process uses the numbers of another. */
  #nextId = Math.floor(randomBytes(6).readUIntBE(0, 6) / 2) + 1;
  #isClosed = false;

  private constructor(server: Server, options: ConnectionTransportOptions) {
    const settings = { ...defaults, ...options };
    const { handshakeMs, tls, transport = transports.tcp.name } = settings;
    this.#options = settings;
    this.#name = transport;
    if (transports[transport].isSecure) {
      if (tls === undefined) throw new TypeError(`${transport} needs a certificate`);
      this.#tls = new TlsAcceptor({
        contexts: tls,
        // A browser that is asked for a certificate asks whoever sits before it, or closes the connection.
        asksPeers: transports[transport].unit !== 'frame',
        handshakeMs,
        onSecure: (socket) => {
          this.#lookAtPeer(socket);
          this.#accepted(socket);
        },
        onFailed: (error, from) => {
          this.#failed(error, undefined, from);
        },
      });
    }
    if (transports[transport].unit === 'frame') {
      const { maxMessageBytes } = { ...defaultParseLimits, ...options.limits };
      this.#webSockets = new WebSocketAcceptor({
        ...options.webSocket,
        handshakeMs,
        maxMessageBytes,
        onOpen: (webSocket, socket) => {
          this.#ready(socket, webSocket);
        },
        onFailed: (error, socket) => {
          this.#failed(error, undefined, endOf(socket));
        },
      });
    }
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
  static async listen(options: ConnectionTransportOptions): Promise<ConnectionTransport> {
    const { address, port = 0, isPortShared = false } = options;
    const server = createServer();
    server.listen({ host: address, port, ipv6Only: isIPv6(address), reusePort: isPortShared });
    await once(server, 'listening');
    return new ConnectionTransport(server, options);
  }

  get transport(): TransportName {
    return this.#name;
  }

  get counters(): Readonly<ConnectionTransportCounters> {
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

  /** This side of a connection: of one that was opened here its own port, once it is open; else where is listened. */
  localOf(connection: number): Endpoint {
    return this.#locals.get(connection) ?? this.local;
  }

  /**
   * Sends by the connection that is named, else by one to that address, else by a new one. Never waits, never throws; what
   * never leaves is given to `onUndelivered`, perhaps before this returns.
   * @returns the connection that took it; 0 where none did
   */
  send(bytes: Buffer, to: ConnectedEnd, connection = 0): number {
    const open =
      usable(this.#byId.get(connection)) ??
      usable(this.#byRemote.get(keyOf(to, this.#provedAt(to)))) ??
      this.#open(to);
    if (open?.send(bytes) === true) {
      this.#reader.counters.sent++;
      return open.id;
    }
    this.#reader.counters.sendErrors++;
    if (open?.isUsable === false) this.#dropped();
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
        for (const socket of this.#taken) socket.destroy();
      }, SWEEP_MS);
      this.#server.close(() => {
        clearTimeout(limit);
        resolve();
      });
    });
  }

  #accept(socket: Socket): void {
    const { remoteAddress, remotePort } = socket;
    const isFull =
      this.#isFull() ||
      (this.#perSource.get(remoteAddress ?? '') ?? 0) >= this.#options.maxPerSource;
    if (isFull || remoteAddress === undefined || remotePort === undefined) {
      this.#dropped();
      socket.destroy();
      return;
    }
    this.#taken.add(socket);
    // What is wrong with it is seen by its end; between handshakes nobody else listens.
    socket.on('error', () => undefined);
    this.#perSource.set(remoteAddress, (this.#perSource.get(remoteAddress) ?? 0) + 1);
    socket.once('close', () => {
      this.#taken.delete(socket);
      const left = (this.#perSource.get(remoteAddress) ?? 1) - 1;
      if (left === 0) this.#perSource.delete(remoteAddress);
      else this.#perSource.set(remoteAddress, left);
    });
    if (this.#tls === undefined) this.#accepted(socket);
    else this.#tls.accept(socket);
  }

  /** A connection is ready for messages, or for the handshake that is above TLS. */
  #accepted(socket: Socket): void {
    if (this.#isClosed) socket.destroy();
    else if (this.#webSockets === undefined) this.#ready(socket);
    else this.#webSockets.accept(socket);
  }

  #ready(socket: Socket, webSocket?: WebSocket): void {
    const { remoteAddress: address, remotePort: port } = socket;
    if (address === undefined || port === undefined || this.#isClosed) {
      socket.destroy();
      return;
    }
    this.#connections.accepted++;
    const certificate = this.#tls === undefined ? undefined : joinedNames(provedNames(socket));
    this.#keep({ address, port, certificate }, (id, user) => {
      const { limits, maxBufferBytes, pingMs } = this.#options;
      return webSocket === undefined
        ? new TcpConnection({ id, socket, isOpen: true, limits, maxBufferBytes, user })
        : new WebSocketConnection({ id, socket: webSocket, maxBufferBytes, pingMs, user });
    });
  }

  #open(remote: ConnectedEnd): TcpConnection | undefined {
    // RFC 7118 §5: only the other side opens WebSockets.
    if (this.#webSockets !== undefined) return undefined;
    if (this.#isFull() || !isPort(remote.port) || isIP(remote.address) === 0) return undefined;
    this.#connections.opened++;
    this.#opened++;
    const { address } = this.local;
    const isAnywhere = address === '0.0.0.0' || address === '::';
    const isSameVersion = isIPv6(address) === isIPv6(remote.address);
    const place = {
      host: remote.address,
      port: remote.port,
      ...(isAnywhere || !isSameVersion ? {} : { localAddress: address }),
    };
    const { tls } = this.#options;
    const names = this.#provedAt(remote);
    const isSecure = tls !== undefined && names !== undefined;
    const socket = isSecure ? tls.connect({ ...place, names }) : connect(place);
    if (isSecure) this.#watchHandshake(socket, remote);
    socket.once('close', () => {
      this.#opened--;
    });
    socket.once('connect', () => {
      const { localAddress, localPort } = socket;
      if (localAddress === undefined || localPort === undefined) return;
      this.#locals.set(connection.id, { address: localAddress, port: localPort });
    });
    const { address: host, port } = remote;
    const end = { address: host, port, certificate: names };
    const connection = this.#keep(end, (id, user) => {
      const { limits, maxBufferBytes } = this.#options;
      return new TcpConnection({ id, socket, isOpen: false, limits, maxBufferBytes, user });
    });
    connection.awaitOpen(this.#options.connectMs, isSecure ? 'secureConnect' : 'connect');
    return connection;
  }

  /** That nobody is there is no fault of a handshake. */
  #watchHandshake(socket: Socket, to: Endpoint): void {
    let isConnected = false;
    socket.once('connect', () => {
      isConnected = true;
    });
    const failed = (error: Error): void => {
      if (isConnected) this.#failed(error, to);
    };
    socket.once('error', failed);
    socket.once('secureConnect', () => {
      socket.off('error', failed);
    });
  }

  /** A peer whose certificate proves nothing, or that leaves without a word, was not let down by TLS itself. */
  #lookAtPeer(socket: TLSSocket): void {
    const from = endOf(socket);
    const tell = (fault: Error): void => {
      this.#options.onHandshakeFailed?.(fault, undefined, from);
    };
    const distrust = distrustOf(socket);
    if (distrust !== undefined) tell(distrust);
    let isHeard = false;
    socket.once('data', () => {
      isHeard = true;
    });
    // What a peer has against our certificate it may say when the handshake is over already.
    let alert: Error | undefined;
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code?.startsWith('ERR_SSL_') === true) alert = error;
    });
    socket.once('close', () => {
      if (!isHeard) tell(alert ?? new ConnectionFault('unused', 'it was closed without a message'));
    });
  }

  #dropped(): void {
    this.#connections.dropped++;
    this.#options.onDropped?.();
  }

  #failed(error: Error, to: Endpoint | undefined, from?: Endpoint): void {
    this.#connections.handshakeErrors++;
    this.#options.onHandshakeFailed?.(error, to, from);
  }

  /** What a peer that we connect to has to prove; undefined where it can prove nothing. */
  #provedAt({ address, certificate }: ConnectedEnd): string | undefined {
    return this.#tls === undefined ? undefined : (certificate ?? address);
  }

  #keep<Kept extends PeerConnection>(
    end: ConnectedEnd,
    kept: (id: number, user: TcpConnectionUser) => Kept,
  ): Kept {
    const id = this.#nextId++;
    const { address, port, certificate } = end;
    const remote = { address, port };
    const key = keyOf(remote, certificate);
    const { onUndelivered, onClosed } = this.#options;
    const heard = { source: remote, local: this.local, transport: this.#name, connection: id };
    const arrival: Arrival = certificate === undefined ? heard : { ...heard, certificate };
    const told: ConnectedEnd = certificate === undefined ? remote : end;
    const connection = kept(id, {
      onMessage: (bytes) => {
        this.#reader.read(bytes, arrival);
      },
      onBroken: (error) => {
        this.#dropped();
        this.#reader.broken(error, arrival);
      },
      onPing: () => {
        this.#reader.counters.keepalives++;
      },
      onClosed: (unsent) => {
        this.#byId.delete(id);
        this.#locals.delete(id);
        if (this.#byRemote.get(key) === connection) this.#byRemote.delete(key);
        this.#reader.counters.sendErrors += unsent.length;
        onClosed?.(id);
        for (const bytes of unsent) onUndelivered?.(bytes, told);
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
      this.#dropped();
      connection.drop();
    }
  }

  #isFull(): boolean {
    return this.#isClosed || this.#taken.size + this.#opened >= this.#options.maxConnections;
  }
}

function usable(connection: PeerConnection | undefined): PeerConnection | undefined {
  return connection?.isUsable === true ? connection : undefined;
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port <= 65_535;
}

function keyOf({ address, port }: Endpoint, names = ''): string {
  return `${address} ${String(port)} ${names}`;
}

/** Undefined where it is gone already. */
function endOf({ remoteAddress: address, remotePort: port }: Socket): Endpoint | undefined {
  return address === undefined || port === undefined ? undefined : { address, port };
}

import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { type Endpoint, noteSource, parseMessage, StreamFramer } from '@tandem/sip';
import type { Connection, Wire, WireListener, WireOptions } from './wire.ts';

/** An endpoint that listens for TCP and opens connections where it has none (RFC 3261 §18). */
export class TcpWire implements Wire {
  readonly transport = 'tcp';
  readonly local: Endpoint;
  readonly #server: Server;
  readonly #listener: WireListener;
  readonly #connections = new Set<TcpConnection>();

  private constructor(server: Server, local: Endpoint, listener: WireListener) {
    this.#server = server;
    this.local = local;
    this.#listener = listener;
    server.on('connection', (socket) => {
      this.#take(socket, remoteOf(socket));
    });
  }

  static async open({ address, port = 0, listener }: WireOptions): Promise<TcpWire> {
    const server = createServer({ noDelay: true });
    server.listen(port, address);
    await once(server, 'listening');
    const bound = server.address();
    if (bound === null || typeof bound === 'string') throw new Error('no port');
    return new TcpWire(server, { address, port: bound.port }, listener);
  }

  send(bytes: Buffer, to: Endpoint, via?: Connection): Connection {
    // RFC 3261 §18.2.2: the connection of the request while it is open, else one to the address.
    const connection =
      (via instanceof TcpConnection && via.isOpen ? via : undefined) ?? this.#connectionTo(to);
    connection.socket.write(bytes);
    return connection;
  }

  async close(): Promise<void> {
    for (const { socket } of this.#connections) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #connectionTo(to: Endpoint): TcpConnection {
    for (const connection of this.#connections) {
      const { remote, isOpen } = connection;
      if (isOpen && remote.address === to.address && remote.port === to.port) return connection;
    }
    const socket = connect({
      host: to.address,
      port: to.port,
      localAddress: this.local.address,
      noDelay: true,
    });
    return this.#take(socket, to);
  }

  #take(socket: Socket, remote: Endpoint): TcpConnection {
    const connection = new TcpConnection(socket, remote);
    const framer = new StreamFramer({
      onMessage: (bytes) => {
        // One that could not be read has ended the connection.
        if (connection.isOpen) this.#read(connection, bytes);
      },
      onPing: () => undefined,
      onBroken: ({ code, message }) => {
        this.#giveUp(connection, `${code}: ${message}`);
      },
    });
    this.#connections.add(connection);
    socket.on('data', (bytes) => {
      framer.push(bytes);
    });
    // The end follows as 'close'.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#connections.delete(connection);
      this.#listener.onConnectionLost(connection);
    });
    return connection;
  }

  #read(connection: TcpConnection, bytes: Buffer): void {
    try {
      const message = parseMessage(bytes);
      if (message.kind === 'request') noteSource(message, connection.remote);
      this.#listener.onMessage(message, { source: connection.remote, connection });
    } catch (error) {
      this.#giveUp(connection, error instanceof Error ? error.message : String(error));
    }
  }

  #giveUp({ socket }: TcpConnection, cause: string): void {
    this.#listener.onGarbage(cause);
    socket.destroy();
  }
}

class TcpConnection implements Connection {
  readonly socket: Socket;
  readonly remote: Endpoint;

  constructor(socket: Socket, remote: Endpoint) {
    this.socket = socket;
    this.remote = remote;
  }

  get isOpen(): boolean {
    return !this.socket.destroyed && !this.socket.writableEnded;
  }
}

function remoteOf({ remoteAddress = '', remotePort = 0 }: Socket): Endpoint {
  return { address: remoteAddress, port: remotePort };
}

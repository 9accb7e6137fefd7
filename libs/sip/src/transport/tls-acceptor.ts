import { AsyncLocalStorage } from 'node:async_hooks';
import type { Socket } from 'node:net';
import type { Server, TLSSocket } from 'node:tls';
import type { TlsContexts } from './tls-contexts.ts';
import type { Endpoint } from './transport.ts';

/** What a {@link TlsAcceptor} works with. */
export interface TlsAcceptorOptions {
  readonly contexts: TlsContexts;
  /** Whether peers are asked for a certificate, where there is an authority for them. */
  readonly asksPeers: boolean;
  /** How long a handshake may take. */
  readonly handshakeMs: number;
  readonly onSecure: (socket: TLSSocket) => void;
  /** The connection is closed. @param from who had opened it; undefined where it is gone already */
  readonly onFailed: (error: Error, from: Endpoint | undefined) => void;
}

/** Makes connections with TLS of those that a listener takes, with the certificates that are current when each comes. */
export class TlsAcceptor {
  readonly #options: TlsAcceptorOptions;
  #server: Server | undefined;
  #version: object | undefined;
  /** Who has opened the connection of which something is told: where its peer has reset it, its socket does not say so any more. */
  readonly #opener = new AsyncLocalStorage<Endpoint | undefined>();

  constructor(options: TlsAcceptorOptions) {
    this.#options = options;
  }

  accept(socket: Socket): void {
    const { contexts } = this.#options;
    if (this.#server === undefined || this.#version !== contexts.version) {
      this.#version = contexts.version;
      this.#server = this.#newServer();
    }
    const server = this.#server;
    this.#opener.run(endpointOf(socket), () => server.emit('connection', socket));
  }

  #newServer(): Server {
    const { asksPeers, contexts, handshakeMs, onFailed, onSecure } = this.#options;
    const server = contexts.server(handshakeMs, asksPeers);
    server.on('secureConnection', onSecure);
    server.on('tlsClientError', (error, socket) => {
      const from = endpointOf(socket) ?? this.#opener.getStore();
      socket.on('error', () => undefined);
      socket.destroy();
      onFailed(error, from);
    });
    return server;
  }
}

function endpointOf({ remoteAddress: address, remotePort: port }: Socket): Endpoint | undefined {
  return address === undefined || port === undefined ? undefined : { address, port };
}

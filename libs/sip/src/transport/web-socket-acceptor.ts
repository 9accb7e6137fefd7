import { STATUS_CODES, createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import { Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { ConnectionFault } from './connection-fault.ts';

/** Which handshakes are taken. */
export interface WebSocketTerms {
  /** @default '/' */
  readonly path?: string | undefined;
  /**
   * Origins of the pages that may connect (RFC 6454), such as `https://phone.example`; a peer that names none is no browser, and may.
   * @default any
   */
  readonly origins?: readonly string[] | undefined;
}

/** What a {@link WebSocketAcceptor} works with. */
export interface WebSocketAcceptorOptions extends WebSocketTerms {
  /** How long a handshake may take. */
  readonly handshakeMs: number;
  /** The longest message; a longer frame closes its connection. */
  readonly maxMessageBytes: number;
  readonly onOpen: (webSocket: WebSocket, socket: Socket) => void;
  /** The connection is closed. */
  readonly onFailed: (error: Error, socket: Socket) => void;
}

/** RFC 7118 §4.1. */
const SUBPROTOCOL = 'sip';
const MOST_HEADER_BYTES = 16_384;

/** Makes WebSockets with SIP of connections that a listener takes, plain or with TLS (RFC 6455, RFC 7118). */
export class WebSocketAcceptor {
  readonly #options: WebSocketAcceptorOptions;
  readonly #http: Server;
  readonly #webSockets: WebSocketServer;
  /** Until the handshake is done. */
  readonly #limits = new Map<Socket, NodeJS.Timeout>();

  constructor(options: WebSocketAcceptorOptions) {
    this.#options = options;
    this.#webSockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      maxPayload: options.maxMessageBytes,
      // SIP messages are short; what a peer may have inflated is not.
      perMessageDeflate: false,
      handleProtocols: () => SUBPROTOCOL,
    });
    this.#http = createServer({ maxHeaderSize: MOST_HEADER_BYTES, keepAlive: false });
    this.#http.on('request', (request, response) => {
      const code = this.#isPath(request) ? 426 : 404;
      response.writeHead(code, { Connection: 'close', Upgrade: 'websocket' });
      response.end();
      const fault = code === 404 ? this.#wrongPath(request) : 'it asked for a page by HTTP';
      options.onFailed(refused({ code, fault }), request.socket);
    });
    this.#http.on('upgrade', (request, socket, head) => {
      if (socket instanceof Socket) this.#upgrade(request, socket, head);
    });
    this.#http.on('clientError', (error, socket) => {
      if (socket instanceof Socket) options.onFailed(error, socket);
      socket.destroy();
    });
  }

  accept(socket: Socket): void {
    const limit = setTimeout(() => {
      const fault = 'it was not over in time';
      this.#options.onFailed(new ConnectionFault('web-socket', fault), socket);
      socket.destroy();
    }, this.#options.handshakeMs);
    this.#limits.set(socket, limit);
    // From the end of HTTP to the beginning of the WebSocket nobody else listens.
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.#done(socket);
    });
    this.#http.emit('connection', socket);
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const refusal = this.#refusal(request);
    if (refusal !== undefined) {
      const { code } = refusal;
      this.#options.onFailed(refused(refusal), socket);
      socket.end(
        `HTTP/1.1 ${String(code)} ${STATUS_CODES[code] ?? ''}\r\nConnection: close\r\n\r\n`,
      );
      return;
    }
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      this.#done(socket);
      this.#options.onOpen(webSocket, socket);
    });
  }

  #refusal(request: IncomingMessage): Refusal | undefined {
    const { origins } = this.#options;
    const { origin } = request.headers;
    if (!this.#isPath(request)) return { code: 404, fault: this.#wrongPath(request) };
    if (origins !== undefined && origin !== undefined && !origins.includes(origin.toLowerCase())) {
      const fault = `its page is of ${origin}, and those of ${origins.join(', ')} may connect`;
      return { code: 403, fault };
    }
    const offered = request.headers['sec-websocket-protocol'] ?? '';
    if (offered.split(',').some((each) => each.trim() === SUBPROTOCOL)) return undefined;
    const others = offered === '' ? 'none' : offered;
    return { code: 400, fault: `it offers no subprotocol ${SUBPROTOCOL} (offered: ${others})` };
  }

  #wrongPath({ url = '' }: IncomingMessage): string {
    return `it asked for path ${url.split('?')[0] ?? ''}, and SIP is at ${this.#options.path ?? '/'}`;
  }

  #isPath({ url = '' }: IncomingMessage): boolean {
    return url.split('?')[0] === (this.#options.path ?? '/');
  }

  #done(socket: Socket): void {
    clearTimeout(this.#limits.get(socket));
    this.#limits.delete(socket);
  }
}

interface Refusal {
  readonly code: 400 | 403 | 404 | 426;
  /** Why, in words. */
  readonly fault: string;
}

function refused({ code, fault }: Refusal): ConnectionFault {
  return new ConnectionFault('web-socket', `${fault}; answered ${String(code)}`);
}

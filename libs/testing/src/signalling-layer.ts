import {
  ackForFailure,
  ClientTransaction,
  clientKeyOf,
  clientTransactionKey,
  parseMessage,
  responseAddress,
  responseTo,
  serialize,
  ServerTransaction,
  serverTransactionKey,
  SipParseError,
  timerValues,
  topVia,
  transportOf,
  type Endpoint,
  type SipMessage,
  type SipRequest,
  type SipResponse,
  type TimerOptions,
  type TimerPort,
  type TimerValues,
  type TransactionFailure,
  type TransportListener,
} from '@tandem/sip';
import { randomBytes } from 'node:crypto';
import { IncomingRequest } from './incoming-request.ts';
import type { LocalPlace } from './message-templates.ts';
import { Transcript } from './transcript.ts';

/** What a peer does with the requests that reach it. */
export interface RequestHandler {
  /** A request, once; ACK never comes here. */
  onRequest(request: IncomingRequest): void;
  /** The ACK of a 2xx, each time it comes. */
  onAck(ack: SipRequest): void;
}

/** What comes back on a request. */
export interface ResponseHandler {
  onResponse(response: SipResponse): void;
  onFailure(failure: TransactionFailure): void;
}

/** What carries a peer's messages. */
export interface PeerSocket {
  readonly local: LocalPlace;
  send(bytes: Buffer, address: string, port: number): void;
  close(): Promise<void>;
}

/** What a layer needs. */
export interface SignallingLayerOptions {
  readonly clock: TimerPort;
  readonly timers?: TimerOptions | undefined;
  readonly handler: RequestHandler;
}

/** The transactions of a scripted peer over its transport. */
export class SignallingLayer {
  readonly clock: TimerPort;
  readonly transcript = new Transcript();
  /** Give it to the transport that is then attached. */
  readonly listener: TransportListener;
  /** Durations of the transactions' timers. */
  readonly timers: TimerValues;
  readonly #handler: RequestHandler;
  readonly #clients = new Map<string, ClientTransaction<SipResponse>>();
  readonly #servers = new Map<string, ServerTransaction<SipRequest>>();
  #transport: PeerSocket | undefined;

  constructor({ clock, timers, handler }: SignallingLayerOptions) {
    this.clock = clock;
    this.timers = timerValues(timers);
    this.#handler = handler;
    this.listener = {
      onMessage: (message, { source }) => {
        this.transcript.add({ direction: 'received', peer: source, message });
        try {
          if (message.kind === 'request') this.#receiveRequest(message, source);
          else this.#clients.get(clientTransactionKey(message))?.receive(message);
        } catch (error) {
          // Nobody is waited for who sends back what a test has broken.
          if (!(error instanceof SipParseError)) throw error;
        }
      },
    };
  }

  attach(transport: PeerSocket): void {
    this.#transport = transport;
  }

  get local(): LocalPlace {
    return this.#attached.local;
  }

  newBranch(): string {
    return `z9hG4bK${newToken()}`;
  }

  /** Sends a request in a transaction of its own. */
  request(request: SipRequest, to: Endpoint, handler: ResponseHandler): void {
    const key = clientKeyOf(topVia(request).branch ?? '', request.method);
    const transaction = new ClientTransaction<SipResponse>({
      kind: request.method === 'INVITE' ? 'invite' : 'non-invite',
      request: serialize(request),
      timers: this.timers,
      clock: this.clock,
      user: {
        send: (bytes) => {
          this.#sendBytes(bytes, to);
        },
        acknowledge: (response) => serialize(ackForFailure(request, response)),
        onResponse: (response) => {
          handler.onResponse(response);
        },
        onFailure: (failure) => {
          handler.onFailure(failure);
        },
        onTerminated: () => this.#clients.delete(key),
      },
    });
    this.#clients.set(key, transaction);
    transaction.start();
  }

  /** Sends a message outside of any transaction: the ACK of a 2xx, or something broken. */
  send(message: SipMessage, to: Endpoint): void {
    this.#sendBytes(serialize(message), to);
  }

  /** Sends bytes that need not be a message. */
  sendRaw(bytes: Buffer, to: Endpoint): void {
    this.#attached.send(bytes, to.address, to.port);
  }

  /** Stops every transaction and closes the transport. */
  async close(): Promise<void> {
    for (const transaction of this.#clients.values()) transaction.abandon();
    for (const transaction of this.#servers.values()) transaction.abandon();
    this.#clients.clear();
    this.#servers.clear();
    await this.#attached.close();
  }

  get #attached(): PeerSocket {
    if (this.#transport === undefined) throw new Error('no transport is attached');
    return this.#transport;
  }

  #sendBytes(bytes: Buffer, to: Endpoint): void {
    this.transcript.add({ direction: 'sent', peer: to, message: parseMessage(bytes) });
    this.#attached.send(bytes, to.address, to.port);
  }

  #receiveRequest(request: SipRequest, source: Endpoint): void {
    const key = serverTransactionKey(request);
    const known = this.#servers.get(key);
    if (known !== undefined) known.receive(request);
    else if (request.method === 'ACK') this.#handler.onAck(request);
    else this.#serve(key, request, source);
  }

  #serve(key: string, request: SipRequest, source: Endpoint): void {
    // RFC 3261 §18.2.2: over a stream by the connection that the request came by.
    const { isConnectionBound } = transportOf(this.local);
    const answerTo = isConnectionBound ? source : responseAddress(request);
    const transaction = new ServerTransaction<SipRequest>({
      kind: request.method === 'INVITE' ? 'invite' : 'non-invite',
      request,
      timers: this.timers,
      clock: this.clock,
      user: {
        send: (bytes) => {
          this.#sendBytes(bytes, answerTo);
        },
        trying: () => serialize(responseTo(request, 100, 'Trying')),
        onRequest: (received) => {
          if (received.method === 'ACK') this.#handler.onAck(received);
          else this.#handler.onRequest(new IncomingRequest({ request, source, key, transaction }));
        },
        onFailure: () => undefined,
        onTerminated: () => this.#servers.delete(key),
      },
    });
    this.#servers.set(key, transaction);
    transaction.start();
  }
}

/** A token that is used once: tag, branch or Call-ID. */
export function newToken(): string {
  return randomBytes(9).toString('base64url').replaceAll('-', 'a').replaceAll('_', 'b');
}

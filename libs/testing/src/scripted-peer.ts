import {
  cancelledTransactionKey,
  systemTimers,
  ConnectionTransport,
  TlsContexts,
  UdpTransport,
  type Endpoint,
  type SipRequest,
  type SipResponse,
  type TimerOptions,
  type TimerPort,
  type TlsMaterial,
  type TransportListener,
  type TransportName,
} from '@tandem/sip';
import { BrowserSocket } from './browser-socket.ts';
import type { Call, CallContext } from './call.ts';
import { answeredRequest, type PeerCredentials } from './digest-answer.ts';
import { Inbox } from './inbox.ts';
import { IncomingCall } from './incoming-call.ts';
import type { IncomingRequest } from './incoming-request.ts';
import { requestFrom, type ExtraHeaders } from './message-templates.ts';
import { OutgoingCall, type InviteOptions } from './outgoing-call.ts';
import { newToken, SignallingLayer } from './signalling-layer.ts';
import type { SimulatedNetwork } from './simulated-network.ts';
import type { Transcript } from './transcript.ts';

/** Who a peer is and how patient. */
export interface ScriptedPeerOptions {
  /** User part of From and Contact. @default 'peer' */
  readonly user?: string;
  /** Answers challenges with it; without one a 401 or 407 is final. */
  readonly credentials?: PeerCredentials;
  /** @default '127.0.0.1' */
  readonly address?: string;
  /** @default 0, a free port; a simulated network needs one */
  readonly port?: number;
  readonly timers?: TimerOptions;
  /** How long a wait may take, in ms of its clock. @default 30000 */
  readonly timeoutMs?: number;
}

/** What a request out of a dialog is made of. */
export interface OutOfDialogOptions {
  readonly to: Endpoint;
  /** @default the address it is sent to */
  readonly requestUri?: string;
  readonly from?: string;
  readonly headers?: ExtraHeaders;
}

/** A SIP endpoint that does what a test's script says: caller, callee or carrier. */
export class ScriptedPeer {
  readonly #context: CallContext;
  readonly #requests: Inbox<IncomingRequest>;
  readonly #incomingCalls: Inbox<IncomingCall>;
  readonly #calls = new Set<Call>();
  readonly #byInvite = new Map<string, IncomingCall>();

  private constructor(options: ScriptedPeerOptions, clock: TimerPort) {
    const layer = new SignallingLayer({
      clock,
      timers: options.timers,
      handler: {
        onRequest: (incoming) => {
          this.#receive(incoming);
        },
        onAck: (ack) => {
          this.#callOf(ack)?.acceptAck(ack);
        },
      },
    });
    const { user = 'peer', credentials, timeoutMs = 30_000 } = options;
    this.#context = { layer, user, credentials, timeoutMs };
    const describe = (): string => layer.transcript.toString();
    this.#requests = new Inbox(clock, describe);
    this.#incomingCalls = new Inbox(clock, describe);
  }

  /** A peer on a real UDP socket. */
  static async onUdp(options: ScriptedPeerOptions = {}): Promise<ScriptedPeer> {
    const peer = new ScriptedPeer(options, systemTimers);
    const { layer } = peer.#context;
    const { address = '127.0.0.1', port = 0 } = options;
    layer.attach(await UdpTransport.bind({ address, port, listener: layer.listener }));
    return peer;
  }

  /** A peer that takes TCP connections, and opens its own where none is open. */
  static onTcp(options: ScriptedPeerOptions = {}): Promise<ScriptedPeer> {
    return ScriptedPeer.#onConnections(options, {});
  }

  /**
   * The same over TLS, with certificates of its own.
   * @param certificate names that must be proved where it connects, as `ConnectionTransport.send` takes them
   */
  static onTls(
    options: ScriptedPeerOptions & { readonly tls: TlsMaterial; readonly certificate: string },
  ): Promise<ScriptedPeer> {
    const { certificate, tls } = options;
    return ScriptedPeer.#onConnections(options, {
      transport: 'tls',
      tls: new TlsContexts(tls),
      certificate,
    });
  }

  /** A peer as a browser is one: it has a WebSocket to a server, and opens a new one where that is gone. */
  static async onWebSocket(
    options: ScriptedPeerOptions & { readonly url: string },
  ): Promise<ScriptedPeer> {
    const timers = { ...options.timers, isReliable: true };
    const peer = new ScriptedPeer({ ...options, timers }, systemTimers);
    const { layer } = peer.#context;
    layer.attach(await BrowserSocket.open(options.url, layer.listener));
    return peer;
  }

  static async #onConnections(
    options: ScriptedPeerOptions,
    {
      certificate,
      tls,
      transport = 'tcp',
    }: {
      readonly transport?: TransportName;
      readonly tls?: TlsContexts;
      readonly certificate?: string;
    },
  ): Promise<ScriptedPeer> {
    const timers = { ...options.timers, isReliable: true };
    const peer = new ScriptedPeer({ ...options, timers }, systemTimers);
    const { layer } = peer.#context;
    const { address = '127.0.0.1', port = 0 } = options;
    // By remote address: what was heard by a connection is answered by it.
    const heard = new Map<string, number>();
    const listener: TransportListener = {
      onMessage: (message, arrival) => {
        const { source, connection = 0 } = arrival;
        heard.set(`${source.address} ${String(source.port)}`, connection);
        layer.listener.onMessage(message, arrival);
      },
    };
    const connected = await ConnectionTransport.listen({ transport, tls, address, port, listener });
    layer.attach({
      local: { ...connected.local, transport },
      send: (bytes, toAddress, toPort) => {
        const known = heard.get(`${toAddress} ${String(toPort)}`);
        connected.send(bytes, { address: toAddress, port: toPort, certificate }, known);
      },
      close: () => connected.close(),
    });
    return peer;
  }

  /** A peer on a simulated network, in the time of its clock. */
  static onNetwork(
    network: SimulatedNetwork,
    clock: TimerPort,
    options: ScriptedPeerOptions & Endpoint,
  ): ScriptedPeer {
    const peer = new ScriptedPeer(options, clock);
    const { layer } = peer.#context;
    const { address, port } = options;
    layer.attach(network.open({ address, port, listener: layer.listener }));
    return peer;
  }

  /** Where the peer is bound. */
  get local(): Endpoint {
    return this.#context.layer.local;
  }

  /** Every message sent and received, retransmissions included. */
  get transcript(): Transcript {
    return this.#context.layer.transcript;
  }

  /** Sends an INVITE. */
  invite(options: InviteOptions): OutgoingCall {
    const call = new OutgoingCall(this.#context, options);
    this.#calls.add(call);
    return call.start();
  }

  /** The next call that comes in. @throws when none comes in time. */
  receiveCall(timeoutMs = this.#context.timeoutMs): Promise<IncomingCall> {
    return this.#incomingCalls.take({ what: 'INVITE', timeoutMs });
  }

  /** The next request of this method that belongs to no call. @throws when none comes in time. */
  receive(method: string, timeoutMs = this.#context.timeoutMs): Promise<IncomingRequest> {
    const matches = (incoming: IncomingRequest): boolean => incoming.method === method;
    return this.#requests.take({ what: method, matches, timeoutMs });
  }

  /** Sends a request out of a dialog (OPTIONS, REGISTER) and gives its final response; a challenge is answered once. */
  async request(method: string, options: OutOfDialogOptions): Promise<SipResponse> {
    const { layer, user, credentials } = this.#context;
    const { to, from, headers } = options;
    const host = to.address.includes(':') ? `[${to.address}]` : to.address;
    const request = requestFrom({
      method,
      requestUri: options.requestUri ?? `sip:${host}:${String(to.port)}`,
      local: layer.local,
      user,
      branch: layer.newBranch(),
      callId: newToken(),
      fromTag: newToken(),
      cseq: 1,
      headers,
      ...(from === undefined ? {} : { from }),
    });
    const response = await this.#exchange(request, to);
    if (credentials === undefined) return response;
    const branch = layer.newBranch();
    const answered = answeredRequest(request, response, { ...credentials, branch });
    return answered === undefined ? response : this.#exchange(answered, to);
  }

  /** Sends bytes, SIP or not, outside of any transaction. */
  sendRaw(bytes: Buffer | string, to: Endpoint): void {
    const raw = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
    this.#context.layer.sendRaw(raw, to);
  }

  /** Stops all timers and frees the address. */
  async close(): Promise<void> {
    for (const call of this.#byInvite.values()) call.stop();
    await this.#context.layer.close();
  }

  #exchange(request: SipRequest, to: Endpoint): Promise<SipResponse> {
    const { layer } = this.#context;
    return new Promise((resolve, reject) => {
      layer.request(request, to, {
        onResponse: (response) => {
          if (response.status >= 200) resolve(response);
        },
        onFailure: (failure) => {
          reject(new Error(`${request.method}: ${failure}\n${layer.transcript.toString()}`));
        },
      });
    });
  }

  #receive(incoming: IncomingRequest): void {
    if (incoming.method === 'CANCEL') {
      const call = this.#byInvite.get(cancelledTransactionKey(incoming.request));
      if (call === undefined) incoming.respond(481);
      else call.cancel(incoming);
      return;
    }
    const known = this.#callOf(incoming.request);
    if (known !== undefined) {
      known.accept(incoming);
    } else if (incoming.method === 'INVITE') {
      const call = new IncomingCall(this.#context, incoming);
      this.#calls.add(call);
      this.#byInvite.set(incoming.key, call);
      this.#incomingCalls.push(call);
    } else {
      this.#requests.push(incoming);
    }
  }

  #callOf(request: SipRequest): Call | undefined {
    for (const call of this.#calls) {
      if (call.holds(request)) return call;
    }
    return undefined;
  }
}

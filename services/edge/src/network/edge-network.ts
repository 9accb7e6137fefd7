import { PodLinkSocket, formatEndpoint } from '@tandem/pod-link';
import type { LinkDatagram, LinkEndpoint } from '@tandem/pod-link';
import type { MessageLog } from '@tandem/events';
import type { Logger } from '@tandem/service';
import {
  DatagramReader,
  QueueMarker,
  SipRequest,
  parseMessage,
  readOutline,
  serialize,
  transportById,
  transports,
} from '@tandem/sip';
import type {
  Arrival,
  MessageOutline,
  SipMessage,
  SipResponse,
  TransportListener,
  WebSocketTerms,
} from '@tandem/sip';
import { Barrier, guardedListener } from '../barrier.ts';
import type { LocalAddresses } from '../core/network/local-addresses.ts';
import { isFlowOnly } from '../core/network/peer-address.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import { locate, podOfBranch, saidIn, saidInBranch } from '../core/pods/locate.ts';
import type { PodsView } from '../core/pods/locate.ts';
import type { Clock, EdgeRole, PeerTransport, Pod, PodLink } from '../ports.ts';
import {
  handshakesFailed,
  messagesDropped,
  messagesHanded,
  openConnections,
} from '../telemetry.ts';
import { chooseGate, otherAddresses } from './gate-choice.ts';
import { GateLosses } from './gate-losses.ts';
import type { GateView } from './gate-choice.ts';
import { LinkWriter, nowhere, toldOf } from './link-writer.ts';
import { noListener } from './message-listener.ts';
import type { MessageListener } from './message-listener.ts';
import { readUnread } from './read-unread.ts';
import { RecordedTraffic } from './recorded-traffic.ts';
import { SipSockets } from './sip-sockets.ts';
import type { SipListen, SipSocketCounters } from './sip-sockets.ts';
import { SipTls } from './sip-tls.ts';
import type { SipTlsFiles } from './sip-tls.ts';
import { workerByCallId, workerFor } from './worker-choice.ts';

/** How a pod is put on the network. */
export interface EdgeNetworkOptions {
  readonly role: EdgeRole;
  /** Not used in role `worker`. */
  readonly sipListen: readonly SipListen[];
  readonly isSipPortShared: boolean;
  /** What is spoken TLS with; there wherever `sipListen` has a secure transport. */
  readonly sipTlsFiles?: SipTlsFiles | undefined;
  /** Which WebSocket handshakes are taken. @default all at '/' */
  readonly sipWebSocket?: WebSocketTerms | undefined;
  /** Link addresses of fronts that are not in the registry. */
  readonly sipFronts: readonly string[];
  /** Where datagrams of other pods are taken; undefined: there are no other pods. */
  readonly podListen?: LinkEndpoint | undefined;
  readonly podAdvertised?: LinkEndpoint | undefined;
  /** The cluster's keys: the first writes, all read. */
  readonly secrets: readonly Buffer[];
  /** In role `front`: whether a message is to be dropped, for the front has more to do than it can (CALL-11). @default none is */
  readonly sheds?: ((outline: MessageOutline, source: string) => boolean) | undefined;
  /** Where all that passes the SIP sockets is kept. @default nowhere */
  readonly messages?: MessageLog | undefined;
  /** A peer connected, and came to no TLS. @default nobody is told */
  readonly onHandshakeFailed?: ((error: Error, from: LinkEndpoint) => void) | undefined;
  /** All that live, this pod among them. */
  readonly pods: () => readonly Pod[];
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Where a message was heard that came by way of another pod. */
interface RelayedArrival extends Arrival {
  readonly gate?: string;
  readonly listener?: number | undefined;
}

/** How often it is looked whether there are other pods to watch: one that has just joined is taken for alive. */
const WATCH_MS = 1000;
const noCounters: SipSocketCounters = { received: 0, sent: 0, malformed: 0, garbage: 0 };

/**
 * The sockets of a pod or front and what leads messages between them, its calls and the other pods (edge.md §3): the one place
 * where a message comes in or leaves.
 */
export class EdgeNetwork implements PeerTransport, PodLink {
  readonly #options: EdgeNetworkOptions;
  readonly #barrier: Barrier;
  readonly #reader: DatagramReader;
  readonly #view: GateView & PodsView;
  readonly #losses: GateLosses;
  readonly #traffic: RecordedTraffic;
  #listener: MessageListener = noListener;
  #sockets: SipSockets | undefined;
  #tls: SipTls | undefined;
  #unwatch: () => void = () => undefined;
  #link: PodLinkSocket | undefined;
  #writer: LinkWriter | undefined;
  #own = '';
  #watchTimer: NodeJS.Timeout | undefined;
  #watched: readonly Pod[] | undefined;

  private constructor(options: EdgeNetworkOptions) {
    this.#options = options;
    this.#barrier = new Barrier(options);
    this.#traffic = new RecordedTraffic(options.messages);
    this.#view = viewOf(
      this,
      options,
      (address, silentMs) => this.#link?.isSilent(address, silentMs) ?? false,
    );
    this.#losses = new GateLosses({
      clock: options.clock,
      isSilent: (gate) => this.#view.isSilent(gate),
      again: (bytes, to) => {
        this.send(bytes, to);
      },
    });
    this.#reader = new DatagramReader(guardedListener(this.#relayedListener(), this.#barrier));
  }

  /** Opens all sockets. @throws the system's error where an address cannot be bound. */
  static async open(options: EdgeNetworkOptions): Promise<EdgeNetwork> {
    const network = new EdgeNetwork(options);
    try {
      await network.#open();
    } catch (error) {
      await network.close();
      throw error;
    }
    return network;
  }

  /** From now on messages are given to `listener`. What came before is dropped: peers ask again. A front never listens. */
  listen(listener: MessageListener): void {
    this.#listener = listener;
  }

  /** Link address of this pod, for the registry; '' where it takes no datagrams of others. */
  get address(): string {
    return this.#own;
  }

  /** SIP sockets with their ports; none in role `worker`. */
  get listening(): readonly SipListen[] {
    return this.#sockets?.listening ?? [];
  }

  /** When the first certificate of SIP over TLS expires; undefined where there is none. */
  get certificateExpiresMs(): number | undefined {
    return this.#tls?.contexts.expiresMs;
  }

  /** Open connections of peers. */
  get connections(): number {
    return (this.#sockets?.connections ?? []).reduce((sum, { open }) => sum + open, 0);
  }

  /** What passed the sockets, and what was found to be no message here though a front or another pod took it. */
  get counters(): SipSocketCounters {
    const counters = this.#sockets?.counters ?? noCounters;
    const { malformed, garbage } = this.#reader.counters;
    return {
      ...counters,
      malformed: counters.malformed + malformed,
      garbage: counters.garbage + garbage,
    };
  }

  /** How late a datagram is when it is read, ms, on the socket where it is latest. To ask has it measured again. */
  queueDelayMs(): number {
    return Math.max(this.#sockets?.queueDelayMs() ?? 0, this.#link?.queueDelayMs() ?? 0);
  }

  send(bytes: Buffer, to: PeerAddress): void {
    const gate = chooseGate(to, this.#view);
    if (gate !== undefined && this.#isFlowGone(to, gate)) {
      this.#undelivered(bytes, to);
    } else if (gate === '') {
      this.#sockets?.send(bytes, to);
    } else if (gate === undefined || this.#writer === undefined) {
      this.#undelivered(bytes, to);
    } else {
      const connection = to.flow?.gate === gate ? to.flow.connection : 0;
      this.#writer.put('send', { bytes, peer: to, gate, connection }, gate);
      this.#losses.sent(bytes, to, gate);
      if (this.#isForeign(gate)) this.#traffic.sentBy(bytes, to, connection);
    }
  }

  /** From now on what leaves by the sockets of this process does so by the one whose address its peer is told. */
  advertise(addresses: LocalAddresses): void {
    this.#sockets?.advertise(addresses);
    this.#traffic.advertise(addresses);
  }

  hand(message: SipRequest | SipResponse | Buffer, from: PeerAddress, to: Pod): void {
    const isUnread = Buffer.isBuffer(message);
    messagesHanded.add(1, { kind: isUnread ? 'response' : message.kind });
    const bytes = isUnread ? message : serialize(message);
    this.#writer?.relay('handed', bytes, { from, to: to.address });
  }

  offer(id: string, to: Pod): void {
    const parts = { bytes: Buffer.from(id), peer: nowhere, gate: this.#own, connection: 0 };
    this.#writer?.put('offer', parts, to.address);
  }

  hangUp(id: string, operator: string, to: Pod): void {
    const bytes = Buffer.from(`${id}\n${operator}`);
    this.#writer?.put(
      'hang-up',
      { bytes, peer: nowhere, gate: this.#own, connection: 0 },
      to.address,
    );
  }

  /** Frees all addresses. */
  async close(): Promise<void> {
    clearInterval(this.#watchTimer);
    this.#losses.close();
    this.#unwatch();
    this.#tls?.close();
    await this.#sockets?.close();
    await this.#link?.close();
  }

  async #open(): Promise<void> {
    const { role, sipListen, sipTlsFiles, sipWebSocket, isSipPortShared, logger } = this.#options;
    const { podListen, podAdvertised, secrets } = this.#options;
    if (podListen !== undefined) {
      this.#link = await PodLinkSocket.bind({
        ...podListen,
        advertised: podAdvertised,
        secrets,
        marker: (socket) => new QueueMarker(socket),
        reader: {
          onDatagram: (datagram) => {
            this.#barrier.run(this.#receive.bind(this, datagram), {});
          },
          onRefused: () => {
            messagesDropped.add(1, { cause: 'foreign-link' });
          },
          onError: (error) => {
            this.#options.logger.debug({ err: error }, 'link error');
          },
        },
      });
      this.#own = formatEndpoint(this.#link.local);
      this.#writer = new LinkWriter(this.#link, this.#own);
      this.#watchTimer = setInterval(() => {
        this.#watchOthers();
      }, WATCH_MS).unref();
    }
    if (role === 'worker') return;
    if (sipTlsFiles !== undefined) this.#tls = new SipTls({ files: sipTlsFiles, logger });
    this.#sockets = await SipSockets.open({
      listen: sipListen,
      isPortShared: isSipPortShared,
      tls: this.#tls?.contexts,
      webSocket: sipWebSocket,
      listener: guardedListener(
        role === 'front' ? this.#frontListener() : this.#ownListener(),
        this.#barrier,
      ),
      clock: this.#options.clock,
      messages: this.#options.messages,
      onHandshakeFailed: (error, to, from) => {
        this.#handshakeFailed(error, to);
        if (from !== undefined) this.#options.onHandshakeFailed?.(error, from);
      },
      onUndelivered: (bytes, to) => {
        this.#undelivered(bytes, to);
      },
      onClosed: (connection, phone) => {
        if (phone !== undefined) this.#phoneGone(connection, phone);
        this.#barrier.run(() => this.#listener.onClosed?.(connection), {});
      },
    });
    this.#unwatch = openConnections(() => this.#sockets?.connections ?? []);
  }

  /** Strangers fail all day; that a gateway cannot be called is for the operator. */
  #handshakeFailed(error: Error, to: LinkEndpoint | undefined): void {
    const { logger } = this.#options;
    const direction = to === undefined ? 'in' : 'out';
    handshakesFailed.add(1, { direction });
    if (to === undefined) logger.debug({ err: error }, 'handshake failed');
    else logger.warn({ err: error, peer: formatEndpoint(to) }, 'TLS handshake failed');
  }

  #watchOthers(): void {
    const { pods } = this.#view;
    if (pods === this.#watched) return;
    this.#watched = pods;
    this.#link?.watch(otherAddresses(this.#view));
  }

  /** A front reads of a message only what tells whose it is. */
  #frontListener(): TransportListener {
    const { sheds } = this.#options;
    return {
      onMessage: () => undefined,
      onBytes: (bytes, arrival) => {
        const from = this.#peer(arrival);
        const outline = readOutline(bytes);
        if (outline !== undefined && sheds?.(outline, from.address) === true) return;
        const worker =
          outline === undefined ? workerByCallId('', this.#view) : workerFor(outline, this.#view);
        // RFC 3261 §17: who gets no answer asks again, and a worker may be back by then.
        if (worker !== undefined)
          this.#writer?.relay('received', bytes, { from, to: worker.address });
      },
      onError: (error) => {
        this.#options.logger.warn({ err: error }, 'socket error');
      },
    };
  }

  #ownListener(): TransportListener {
    return {
      takes: (bytes, arrival) => this.#listener.passOn(bytes, this.#peer(arrival)),
      onMessage: (message, arrival) => {
        const from = this.#peer(arrival);
        const worker = this.#otherWorker(message);
        if (worker === undefined) this.#listener.onMessage(message, from);
        else this.#writer?.relay('received', serialize(message), { from, to: worker.address });
      },
      onMalformed: (error, arrival) => {
        this.#listener.onMalformed(error, this.#peer(arrival));
      },
      onError: (error) => {
        this.#listener.onError(error);
      },
    };
  }

  #relayedListener(): TransportListener {
    return {
      takes: (bytes, arrival) => this.#listener.passOn(bytes, this.#peer(arrival)),
      onMessage: (message, arrival) => {
        this.#listener.onMessage(message, this.#peer(arrival));
      },
      onMalformed: (error, arrival) => {
        this.#listener.onMalformed(error, this.#peer(arrival));
      },
    };
  }

  /** With several pods the Call-ID spreads new calls over them, even those of one trunk (edge.md §3). */
  #otherWorker(message: SipMessage): Pod | undefined {
    if (message.kind !== 'request' || this.#own === '' || this.#view.pods.length < 2) {
      return undefined;
    }
    const said = saidIn(message);
    if (locate(said, this.#view).kind !== 'anyone') return undefined;
    const worker = workerByCallId(said.callId, this.#view);
    return worker === undefined || worker.address === this.#own ? undefined : worker;
  }

  #receive(datagram: LinkDatagram): void {
    const { kind, connection, payload } = datagram;
    const gate = formatEndpoint(datagram.gate);
    const transport = transportById(datagram.transport)?.name;
    // A pod of a later version may serve more transports.
    if (transport === undefined) return;
    const told = toldOf(datagram);
    const peer = { ...datagram.peer, transport, ...told };
    const flow = { gate, connection };
    switch (kind) {
      case 'received': {
        const { peer: source, gate: local } = datagram;
        const arrival: RelayedArrival = { source, local, gate, transport, connection, ...told };
        this.#read(payload, arrival);
        break;
      }
      case 'handed':
        this.#handed(payload, { ...peer, flow });
        break;
      case 'send':
        this.#sockets?.send(payload, { ...peer, flow });
        break;
      case 'undelivered':
        this.#toldUndelivered(payload, { ...peer, flow });
        break;
      case 'offer':
        this.#listener.onOffer(payload.toString());
        break;
      case 'hang-up': {
        const [callId = '', operator = ''] = payload.toString().split('\n', 2);
        this.#listener.onHangUp(callId, operator);
        break;
      }
      case 'closed':
        this.#listener.onFlowClosed(flow);
        break;
      case 'ping':
      case 'pong':
        break;
    }
  }

  /** A front that is none of the pods records nothing. */
  #isForeign(gate: string): boolean {
    return this.#options.sipFronts.includes(gate);
  }

  #read(payload: Buffer, arrival: RelayedArrival): void {
    if (this.#isForeign(arrival.gate ?? '')) this.#traffic.receivedBy(payload, arrival);
    this.#reader.read(payload, arrival);
  }

  /** A front asks a worker to tell: it knows no registrar. */
  #phoneGone(connection: number, peer: PeerAddress): void {
    const gate = this.#own;
    if (this.#options.role !== 'front') {
      this.#listener.onFlowClosed({ gate, connection });
      return;
    }
    const worker = workerByCallId(String(connection), this.#view);
    if (worker === undefined) return;
    const from = { ...peer, flow: { gate, connection } };
    this.#writer?.relay('closed', Buffer.alloc(0), { from, to: worker.address });
  }

  #handed(payload: Buffer, from: PeerAddress): void {
    const message = readUnread(payload);
    if (message !== undefined) this.#listener.onHanded(message, from);
  }

  /** Whoever held the connection does not live, and no other connection would do. */
  #isFlowGone(to: PeerAddress, gate: string): boolean {
    const { flow } = to;
    if (flow === undefined || flow.connection === 0) return false;
    const isHolder = gate === flow.gate || (gate === '' && flow.gate === this.#own);
    return !isHolder && isFlowOnly(to);
  }

  /** Tells the pod whose request did not leave: it would get the response. Any may hear of what has no owner. */
  #undelivered(bytes: Buffer, to: PeerAddress): void {
    const outline = readOutline(bytes);
    if (outline?.method === undefined || outline.method === 'ACK') return;
    const location = locate(saidInBranch(outline.branch), this.#view);
    let owner = location.kind === 'pod' ? location.pod : undefined;
    if (location.kind === 'here') {
      owner = podOfBranch(outline.branch, this.#view) ?? workerByCallId(outline.callId, this.#view);
    }
    if (owner === undefined || owner.address === this.#own || this.#own === '') {
      this.#toldUndelivered(bytes, to);
    } else {
      this.#writer?.relay('undelivered', bytes, { from: to, to: owner.address });
    }
  }

  #toldUndelivered(bytes: Buffer, to: PeerAddress): void {
    const request = parsed(bytes);
    // Never within `send`: who sends is in the middle of something.
    this.#options.clock.start(0, () => {
      if (request instanceof SipRequest) this.#listener.onUndelivered(request, to);
    });
  }

  #peer(arrival: RelayedArrival): PeerAddress {
    const { source, transport = transports.udp.name, connection = 0, gate } = arrival;
    const { address, port } = source;
    const flow = { gate: gate ?? this.#own, connection };
    const listener = gate === undefined ? this.#sockets?.heardBy(arrival) : arrival.listener;
    const { certificate } = arrival;
    if (certificate === undefined) {
      return listener === undefined
        ? { address, port, transport, flow }
        : { address, port, transport, flow, listener };
    }
    return { address, port, transport, flow, listener, certificate };
  }
}

/** One object, which is asked for each message. Which calls are in memory is for the listener to say, who sees it next. */
function viewOf(
  network: { readonly address: string },
  { pods, role, sipFronts }: EdgeNetworkOptions,
  isSilent: GateView['isSilent'],
): GateView & PodsView {
  return {
    place: undefined,
    get own() {
      return network.address;
    },
    isGate: role !== 'worker',
    fronts: sipFronts,
    get pods() {
      return pods();
    },
    isSilent,
    has: () => false,
  };
}

function parsed(bytes: Buffer): SipRequest | SipResponse | undefined {
  try {
    return parseMessage(bytes);
  } catch {
    return undefined; // Pods write what can be read: this is from a later version, or not from a pod.
  }
}

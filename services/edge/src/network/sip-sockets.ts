import {
  ConnectionTransport,
  DatagramReader,
  StreamRepeats,
  UdpTransport,
  isSameTransport,
  nextDomain,
  reconnectionPort,
  transportOf,
  transports,
} from '@tandem/sip';
import type {
  Arrival,
  Endpoint,
  ParseLimits,
  TlsContexts,
  TransportListener,
  TransportName,
  WebSocketTerms,
} from '@tandem/sip';
import type { HostPort } from '@tandem/config';
import type { MessageLog } from '@tandem/events';
import type { LocalAddresses } from '../core/network/local-addresses.ts';
import { isFlowOnly } from '../core/network/peer-address.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import type { Clock } from '../ports.ts';
import { connectionsDropped } from '../telemetry.ts';
import { ListenerChoice } from './listener-choice.ts';
import { RecordedTraffic } from './recorded-traffic.ts';

/** Where SIP is listened for. */
export interface SipListen {
  readonly transport: TransportName;
  /** IPv4 or IPv6 literal. */
  readonly address: string;
  /** 0: any free one, the same for UDP and TCP of an address. */
  readonly port: number;
  /** What its peers are told. @default see `localAddressesOf` */
  readonly advertised?: HostPort | undefined;
}

/** How the SIP sockets of a process are opened. */
export interface SipSocketsOptions {
  readonly listen: readonly SipListen[];
  /** Another pod or front on this machine listens on the same port. */
  readonly isPortShared: boolean;
  /** What is spoken TLS with; there wherever a transport is secure. */
  readonly tls?: TlsContexts | undefined;
  /** Which WebSocket handshakes are taken. @default all at '/' */
  readonly webSocket?: WebSocketTerms | undefined;
  readonly listener: TransportListener;
  readonly clock: Clock;
  /** A message did not leave: its connection could not be opened, or closed before any answer came. */
  readonly onUndelivered: (bytes: Buffer, to: PeerAddress) => void;
  /** A connection is gone; `phone` is the peer of one over which a REGISTER came. @default nobody is told */
  readonly onClosed?: ((connection: number, phone: PeerAddress | undefined) => void) | undefined;
  /** A TLS handshake came to nothing; `to` is whom we have called, undefined where it was a peer that connected, `from`. */
  readonly onHandshakeFailed?:
    ((error: Error, to: Endpoint | undefined, from: Endpoint | undefined) => void) | undefined;
  readonly limits?: Partial<ParseLimits> | undefined;
  /** Where all that passes is kept. @default nowhere */
  readonly messages?: MessageLog | undefined;
}

/** What passed all sockets since they were opened. */
export interface SipSocketCounters {
  readonly received: number;
  readonly sent: number;
  readonly malformed: number;
  readonly garbage: number;
}

/** How many connections there are by one transport. */
export interface OpenConnections {
  readonly transport: TransportName;
  readonly open: number;
}

/** How often a free port is looked for that UDP and TCP can have. */
const PORT_TRIES = 20;

/** The SIP sockets of one process: UDP, and what has connections, IPv4 and IPv6. */
export class SipSockets {
  readonly #options: SipSocketsOptions;
  readonly #reader: DatagramReader;
  readonly #repeats: StreamRepeats;
  readonly #traffic: RecordedTraffic;
  readonly #udp: UdpTransport[] = [];
  readonly #connected: ConnectionTransport[] = [];
  readonly #byTransport = new Map<TransportName, ConnectionTransport[]>();
  /** The ends of open connections over which something has passed. */
  readonly #arrivals = new Map<number, Arrival>();
  /** Open connections over which a REGISTER came. */
  readonly #phones = new Set<number>();
  #choice: ListenerChoice | undefined;

  private constructor(options: SipSocketsOptions) {
    this.#options = options;
    this.#reader = new DatagramReader(options.listener, options.limits);
    this.#traffic = new RecordedTraffic(options.messages);
    this.#repeats = new StreamRepeats({
      clock: options.clock,
      onAgain: (bytes, connection) => {
        const arrival = this.#arrivals.get(connection);
        if (arrival !== undefined) this.#reader.read(bytes, arrival);
      },
      onUnanswered: (bytes, connection) => {
        const arrival = this.#arrivals.get(connection);
        if (arrival !== undefined) options.onUndelivered(bytes, peerOf(arrival));
      },
    });
  }

  /** @throws the system's error when an address cannot be bound. */
  static async open(options: SipSocketsOptions): Promise<SipSockets> {
    const sockets = new SipSockets(options);
    try {
      await sockets.#openAll();
    } catch (error) {
      await sockets.close();
      throw error;
    }
    return sockets;
  }

  /** What is listened on, with the ports that were given; UDP first. */
  get listening(): readonly SipListen[] {
    return [
      ...this.#udp.map(({ local }) => this.#listenOf(transports.udp.name, local)),
      ...this.#connected.map(({ local, transport }) => this.#listenOf(transport, local)),
    ];
  }

  /** From now on what has several listeners to leave by takes the one whose address the peer is told. */
  advertise(addresses: LocalAddresses): void {
    this.#choice = new ListenerChoice(addresses);
    this.#traffic.advertise(addresses);
  }

  /** What `PeerAddress.listener` is of a peer that was heard here. */
  heardBy({ source, local, transport }: Arrival): number | undefined {
    return this.#choice?.heardBy({ ...source, transport }, local);
  }

  get counters(): SipSocketCounters {
    const sum = { received: 0, sent: 0, malformed: 0, garbage: 0 };
    for (const { counters } of [...this.#udp, ...this.#connected]) {
      sum.received += counters.received;
      sum.sent += counters.sent;
      sum.malformed += counters.malformed;
      sum.garbage += counters.garbage;
    }
    // What came by connections is read here.
    sum.malformed += this.#reader.counters.malformed;
    sum.garbage += this.#reader.counters.garbage;
    return sum;
  }

  /** How late a datagram is when it is read, ms, on the UDP socket where it is latest. To ask has it measured again. */
  queueDelayMs(): number {
    return this.#udp.reduce((most, udp) => Math.max(most, udp.queueDelayMs()), 0);
  }

  /** By transport. */
  get connections(): readonly OpenConnections[] {
    return Array.from(this.#byTransport, ([transport, alike]) => {
      return { transport, open: alike.reduce((sum, { size }) => sum + size, 0) };
    });
  }

  /** Sends by the peer's connection, by a new one, or by UDP. Never waits, never throws. */
  send(bytes: Buffer, to: PeerAddress): void {
    if (transportOf(to).isConnectionBound) {
      this.#sendByConnection(bytes, to);
      return;
    }
    const udp = this.#listenerTo(this.#udp, to);
    if (udp === undefined) {
      this.#options.onUndelivered(bytes, to);
      return;
    }
    udp.send(bytes, to.address, to.port);
    this.#traffic.sent(bytes, udp.local, to);
  }

  /** Frees all addresses. */
  async close(): Promise<void> {
    this.#repeats.close();
    await Promise.all([...this.#udp, ...this.#connected].map((transport) => transport.close()));
  }

  #sendByConnection(bytes: Buffer, to: PeerAddress): void {
    const connection = to.flow?.connection ?? 0;
    const alike = this.#connectedBy(transportOf(to).name);
    const holder = alike.find((one) => one.has(connection));
    const chosen = holder ?? (isFlowOnly(to) ? undefined : this.#listenerTo(alike, to));
    if (chosen === undefined) {
      this.#options.onUndelivered(bytes, to);
      return;
    }
    if (!this.#repeats.isToSend(bytes, (one) => chosen.has(one))) return;
    const { address, port } = to;
    const isHeld = holder !== undefined;
    const source = { address, port: isHeld ? port : reconnectionPort(bytes, port) };
    const certificate = isHeld ? to.certificate : certificateFor(bytes, to);
    const taken = chosen.send(bytes, { ...source, certificate }, connection);
    if (taken === 0) {
      this.#options.onUndelivered(bytes, to);
      return;
    }
    if (!this.#arrivals.has(taken)) {
      const { local, transport } = chosen;
      const heard = { source, local, transport, connection: taken };
      this.#arrivals.set(taken, certificate === undefined ? heard : { ...heard, certificate });
    }
    this.#repeats.sent(bytes, taken);
    this.#traffic.sent(bytes, chosen.localOf(taken), { ...source, transport: to.transport }, taken);
  }

  #connectedBy(transport: TransportName): readonly ConnectionTransport[] {
    return this.#byTransport.get(transport) ?? [];
  }

  #add(opened: ConnectionTransport): void {
    this.#connected.push(opened);
    const alike = this.#byTransport.get(opened.transport);
    if (alike === undefined) this.#byTransport.set(opened.transport, [opened]);
    else alike.push(opened);
  }

  #listenerTo<Listener extends { readonly local: Endpoint }>(
    listeners: readonly Listener[],
    to: PeerAddress,
  ): Listener | undefined {
    const chosen = this.#choice?.leavesBy(to);
    const named = chosen && listeners.find(({ local }) => isSameEnd(local, chosen));
    return named ?? listeners.find(({ local }) => isSameFamily(local.address, to.address));
  }

  #listenOf(transport: TransportName, { address, port }: Endpoint): SipListen {
    const asked = this.#options.listen.find(
      (one) =>
        one.transport === transport &&
        one.address === address &&
        (one.port === port || one.port === 0),
    );
    const { advertised } = asked ?? {};
    return advertised === undefined
      ? { transport, address, port }
      : { transport, address, port, advertised };
  }

  async #openAll(): Promise<void> {
    const { listen } = this.#options;
    for (const { address, port } of listen.filter(isByDatagram)) {
      if (port === 0 && hasFreeConnections(listen, address)) await this.#openPair(address);
      else this.#udp.push(await this.#bindUdp(address, port));
    }
    for (const one of listen.filter(isByConnection)) {
      const isOpen =
        one.port === 0 &&
        this.#connectedBy(one.transport).some(({ local }) => local.address === one.address);
      if (!isOpen) this.#add(await this.#listenFor(one));
    }
  }

  /** One free port for both: what is free for UDP may be taken for TCP. */
  async #openPair(address: string): Promise<void> {
    for (let tries = 1; ; tries++) {
      const udp = await this.#bindUdp(address, 0);
      try {
        const place = { transport: transports.tcp.name, address, port: udp.local.port };
        this.#add(await this.#listenFor(place));
        this.#udp.push(udp);
        return;
      } catch (error) {
        await udp.close();
        if (tries === PORT_TRIES) throw error;
      }
    }
  }

  #bindUdp(address: string, port: number): Promise<UdpTransport> {
    const { limits = {}, isPortShared } = this.#options;
    const listener = this.#traffic.heardBy(this.#options.listener);
    return UdpTransport.bind({ address, port, listener, limits, isPortShared });
  }

  #listenFor({ transport, address, port }: SipListen): Promise<ConnectionTransport> {
    const {
      listener,
      limits = {},
      isPortShared,
      onHandshakeFailed,
      tls,
      webSocket,
    } = this.#options;
    return ConnectionTransport.listen({
      onHandshakeFailed,
      onDropped: () => {
        connectionsDropped.add(1, { transport });
      },
      transport,
      webSocket,
      tls: transports[transport].isSecure ? tls : undefined,
      address,
      port,
      limits,
      isPortShared,
      listener: {
        onMessage: () => undefined,
        onBytes: (bytes, arrival) => {
          this.#received(bytes, arrival);
        },
        onMalformed: (error, arrival) => listener.onMalformed?.(error, arrival),
        onError: (error) => listener.onError?.(error),
      },
      onClosed: (connection) => {
        this.#repeats.closed(connection);
        const arrival = this.#arrivals.get(connection);
        this.#arrivals.delete(connection);
        const isPhone = this.#phones.delete(connection) && arrival !== undefined;
        this.#options.onClosed?.(connection, isPhone ? peerOf(arrival) : undefined);
      },
    });
  }

  #received(bytes: Buffer, arrival: Arrival): void {
    const { connection = 0 } = arrival;
    this.#arrivals.set(connection, arrival);
    if (isRegister(bytes)) this.#phones.add(connection);
    this.#traffic.received(bytes, arrival);
    this.#repeats.received(bytes, connection);
    this.#reader.read(bytes, arrival);
  }
}

const REGISTER = Buffer.from('REGISTER ');

function isRegister(bytes: Buffer): boolean {
  return bytes[0] === REGISTER[0] && bytes.subarray(0, REGISTER.length).equals(REGISTER);
}

function isSameEnd(one: Endpoint, other: Endpoint): boolean {
  return one.port === other.port && one.address === other.address;
}

function isByConnection(one: SipListen): boolean {
  return transportOf(one).isConnectionBound;
}

function isByDatagram(one: SipListen): boolean {
  return !isByConnection(one);
}

function hasFreeConnections(listen: readonly SipListen[], address: string): boolean {
  return listen.some(
    (one) => isSameTransport(one, overTcp) && one.address === address && one.port === 0,
  );
}

const overTcp = { transport: transports.tcp.name };

function peerOf({ source, transport, certificate }: Arrival): PeerAddress {
  return certificate === undefined
    ? { ...source, transport }
    : { ...source, transport, certificate };
}

/** RFC 5922 §7.3: what a peer has to prove where nothing is known of it is the domain that the message is on its way to. */
function certificateFor(bytes: Buffer, to: PeerAddress): string | undefined {
  if (!transportOf(to).isSecure) return undefined;
  return to.certificate ?? nextDomain(bytes);
}

/** Both are literals, so a colon tells; Node's `isIPv6` is a regular expression, and this is asked for each message. */
function isSameFamily(one: string, other: string): boolean {
  return one.includes(':') === other.includes(':');
}

/** The name of a transport, as configuration, events and URI parameters write it. */
export type TransportName = 'udp' | 'tcp' | 'tls' | 'ws' | 'wss';

/** What a transport means for those who speak SIP over it. */
export interface SipTransport {
  readonly name: TransportName;
  /** What stands for it in packed forms. Never given to another. */
  readonly id: number;
  /** As in a Via (RFC 3261 §25.1, RFC 7118 §5.2). */
  readonly viaName: string;
  /** Nothing is repeated over it (RFC 3261 §17). */
  readonly isReliable: boolean;
  /** What is sent cannot be read on the way: what a sips URI asks of each hop (RFC 3261 §26.2.2). */
  readonly isSecure: boolean;
  /** A peer is reached by the connection that it has made (RFC 5626), else by any socket. */
  readonly isConnectionBound: boolean;
  /** What a message is on it: a datagram, a length of a stream, or a frame (RFC 7118 §4.2). */
  readonly unit: 'datagram' | 'length' | 'frame';
  /** Value of `transport` in a URI; undefined where a URI says it by saying nothing. */
  readonly uriParameter: string | undefined;
  /** Of a URI without a port (RFC 3261 §19.1.2, RFC 7118 §5.4). */
  readonly defaultPort: number;
}

/** A peer whose transport may have gone without saying. */
interface Reached {
  /** @default 'udp' */
  readonly transport?: TransportName | undefined;
}

/** Every transport of SIP: the one place that knows what its name stands for. */
export const transports: Readonly<Record<TransportName, SipTransport>> = {
  udp: {
    name: 'udp',
    id: 0,
    viaName: 'UDP',
    isReliable: false,
    isSecure: false,
    isConnectionBound: false,
    unit: 'datagram',
    uriParameter: undefined,
    defaultPort: 5060,
  },
  tcp: {
    name: 'tcp',
    id: 1,
    viaName: 'TCP',
    isReliable: true,
    isSecure: false,
    isConnectionBound: true,
    unit: 'length',
    uriParameter: 'tcp',
    defaultPort: 5060,
  },
  tls: {
    name: 'tls',
    id: 2,
    viaName: 'TLS',
    isReliable: true,
    isSecure: true,
    isConnectionBound: true,
    unit: 'length',
    uriParameter: 'tls',
    defaultPort: 5061,
  },
  ws: {
    name: 'ws',
    id: 3,
    viaName: 'WS',
    isReliable: true,
    isSecure: false,
    isConnectionBound: true,
    unit: 'frame',
    uriParameter: 'ws',
    defaultPort: 80,
  },
  // RFC 7118 §5.3: a URI says `ws` for both.
  wss: {
    name: 'wss',
    id: 4,
    viaName: 'WSS',
    isReliable: true,
    isSecure: true,
    isConnectionBound: true,
    unit: 'frame',
    uriParameter: 'ws',
    defaultPort: 443,
  },
};

const all: readonly SipTransport[] = Object.values(transports);
const byId: readonly SipTransport[] = all.toSorted((one, other) => one.id - other.id);
const byViaName = new Map(all.map((transport) => [transport.viaName, transport]));

const secured = new Map([
  [transports.tcp, transports.tls],
  [transports.tls, transports.tls],
  [transports.ws, transports.wss],
  [transports.wss, transports.wss],
]);

/** How a peer is reached. */
export function transportOf({ transport = 'udp' }: Reached): SipTransport {
  return transports[transport];
}

/** The transport of this name, in whatever case; undefined where there is none. */
export function transportNamed(name: string): SipTransport | undefined {
  const lower = name.toLowerCase();
  return Object.hasOwn(transports, lower) ? transports[lower as TransportName] : undefined;
}

/** The transport with this id; undefined where there is none. */
export function transportById(id: number): SipTransport | undefined {
  return byId[id];
}

/** The transport of a Via, in whatever case (RFC 3261 §7.3.1); undefined for one that is not known here. */
export function transportOfVia(viaName: string): SipTransport | undefined {
  return byViaName.get(viaName) ?? byViaName.get(viaName.toUpperCase());
}

/**
 * The transport that a URI names by its scheme and its `transport`; undefined where it names none, or one that is not known here.
 * With `sips` all is secure (RFC 3261 §26.2.2): what it names by TCP is TLS.
 */
export function transportOfUri(
  scheme: string,
  parameter: string | undefined,
): SipTransport | undefined {
  if (scheme !== 'sips') return parameter === undefined ? undefined : transportNamed(parameter);
  const named = transportNamed(parameter ?? transports.tls.name);
  return named === undefined ? undefined : secured.get(named);
}

/** Whether both are reached the same way. */
export function isSameTransport(one: Reached, other: Reached): boolean {
  return transportOf(one) === transportOf(other);
}

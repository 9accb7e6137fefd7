import { topVia } from '../message/typed-headers.ts';
import type { SipMessage } from '../message/message.ts';
import { parseMessage } from '../message/parse-message.ts';
import { bareHost } from '../uri/host-port.ts';
import { parseNameAddr } from '../uri/name-addr.ts';
import { parseUri } from '../uri/sip-uri.ts';
import type { Endpoint } from './transport.ts';
import { transportOfVia, transports } from './transports.ts';

/**
 * Where a response to this request goes over an unreliable transport (RFC 3261 §18.2.2, RFC 3581 §4): `received`
 * (or the sent-by, which then is the same) and `rport`, else the port of the sent-by. `maddr` is for multicast,
 * which is not spoken here; obeyed, it would let a client have others flooded with our responses.
 * @param message a received request (its Via filled by the transport), or a response made from it.
 * @throws SipParseError when the top Via is malformed.
 */
export function responseAddress(message: SipMessage): Endpoint {
  const { host, port, params } = topVia(message);
  const received = params.get('received');
  const reported = params.get('rport');
  return {
    address: typeof received === 'string' ? received : bareHost(host),
    port: typeof reported === 'string' ? Number(reported) : (port ?? 5060),
  };
}

/**
 * The port of a new connection for what cannot leave by the one on which its peer was heard (RFC 3261 §18.2.2): for a response
 * the sent-by of the top Via, for the port that the client connected from takes no connections; else `port`.
 */
export function reconnectionPort(bytes: Buffer, port: number): number {
  try {
    const message = parseMessage(bytes);
    if (message.kind !== 'response') return port;
    const via = topVia(message);
    return via.port ?? (transportOfVia(via.transport) ?? transports.udp).defaultPort;
  } catch {
    return port; // Not to be read as a message: it goes where it was to go.
  }
}

/**
 * The host that a message is on its way to, which its certificate has to prove where a connection is opened for it (RFC 5922 §7.3):
 * of the first route, else of the Request-URI; of a response that of the top Via. Undefined where it cannot be read.
 */
export function nextDomain(bytes: Buffer): string | undefined {
  try {
    const message = parseMessage(bytes);
    if (message.kind === 'response') return bareHost(topVia(message).host);
    const [route] = message.headers.list('Route');
    return bareHost(parseUri(route === undefined ? message.uri : parseNameAddr(route).uri).host);
  } catch {
    return undefined;
  }
}

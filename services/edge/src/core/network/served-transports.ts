import { transportNamed, transportOfUri, transports } from '@tandem/sip';
import type { SipTransport, SipUri } from '@tandem/sip';

/** The transports that the edge has sockets for, in the order in which they are opened and told of. */
export const servedTransports: readonly SipTransport[] = [
  transports.udp,
  transports.tcp,
  transports.tls,
  transports.ws,
  transports.wss,
];

/** Those of the port 5060: what an address is listened on by, and told for, where it names no transport. */
export const plainTransports: readonly SipTransport[] = servedTransports.filter(
  ({ defaultPort }) => defaultPort === transports.udp.defaultPort,
);

/** The transport of this name, in whatever case, where the edge has sockets for it. */
export function servedTransport(name: string): SipTransport | undefined {
  const named = transportNamed(name);
  return named !== undefined && servedTransports.includes(named) ? named : undefined;
}

/** The transport that a URI names, where the edge has sockets for it. */
export function servedTransportOf({
  scheme,
  params,
}: Pick<SipUri, 'scheme' | 'params'>): SipTransport | undefined {
  const parameter = params.get('transport');
  const named = transportOfUri(scheme, typeof parameter === 'string' ? parameter : undefined);
  return named !== undefined && servedTransports.includes(named) ? named : undefined;
}

import { transportNamed, transports } from '@tandem/sip';
import type { SipTransport } from '@tandem/sip';

/** The transports that the edge has sockets for, in the order in which they are opened and told of. */
export const servedTransports: readonly SipTransport[] = [transports.udp, transports.tcp];

/** The transport of this name, in whatever case, where the edge has sockets for it. */
export function servedTransport(name: string): SipTransport | undefined {
  const named = transportNamed(name);
  return named !== undefined && servedTransports.includes(named) ? named : undefined;
}

import { formatHostPort, parseAddress, parseHostPort } from '@tandem/config';
import { transports } from '@tandem/sip';
import type { SipTransport, TransportName } from '@tandem/sip';
import type { Place, SipName } from './places.ts';
import type { NameTarget } from './sip-lookup.ts';

/** What gives names their addresses. */
export interface NameSource {
  name(target: NameTarget): SipName;
}

const SIP_PORT = 5060;

/** Where one of the addresses of a gateway is. @param transport by which it is reached; `auto`: by UDP, or as its name says */
export function placeOf(
  address: string,
  transport: 'auto' | TransportName,
  names: NameSource,
): Place {
  const place = parseHostPort(address, SIP_PORT);
  const plain = transportOfPlaces(transport);
  if (typeof place === 'string' || parseAddress(place.host) !== undefined) {
    return { kind: 'address', address: withPort(address, transport), transport: plain.name };
  }
  const hasPort = typeof parseHostPort(address) !== 'string';
  return {
    kind: 'name',
    name: names.name({
      host: place.host,
      port: hasPort ? place.port : undefined,
      transport: transport === 'auto' ? undefined : transport,
    }),
  };
}

/** How addresses are reached: by UDP, where nothing is said (RFC 3263 §4.1). */
export function transportOfPlaces(transport: 'auto' | TransportName): SipTransport {
  return transport === 'auto' ? transports.udp : transports[transport];
}

/** An address with the port of its transport, where it has none of its own. */
export function withPort(address: string, transport: 'auto' | TransportName): string {
  const parsed = parseHostPort(address, transportOfPlaces(transport).defaultPort);
  return typeof parsed === 'string' ? address : formatHostPort(parsed);
}

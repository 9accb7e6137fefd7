import { parseAddress, parseHostPort } from '@tandem/config';
import { bareHost, parseUri, transportNamed, transports } from '@tandem/sip';
import type { SipUri } from '@tandem/sip';

/** What a REGISTER says of where its sender is, and where it was heard. */
export interface Heard {
  /** The URI of the Contact. */
  readonly contact: string;
  /** `ip:port`, `[v6]:port`. */
  readonly source: string;
  readonly transport: string;
  readonly path: readonly string[];
}

/**
 * Whether the contact is not where its sender was heard (REG-04). Over a connection the port says nothing: a client's is
 * always another. Behind the proxies of a Path nothing is known of it.
 */
export function isBehindNat({ contact, path, source, transport: name }: Heard): boolean {
  if (path.length > 0) return false;
  const heard = parseHostPort(source);
  if (typeof heard === 'string') return false;
  const uri = parseUri(contact);
  const transport = transportNamed(name) ?? transports.udp;
  const own = parseAddress(bareHost(uri.host));
  const seen = parseAddress(heard.host);
  // RFC 7118 §5: a web phone has a name that no one else knows.
  if (own === undefined) return !transport.isConnectionBound;
  if (own.version !== seen?.version || own.value !== seen.value) return true;
  return !transport.isConnectionBound && portOf(uri) !== heard.port;
}

function portOf({ port, scheme }: SipUri): number {
  return port ?? (scheme === 'sips' ? transports.tls : transports.udp).defaultPort;
}

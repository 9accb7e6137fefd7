import { getServers } from 'node:dns';
import { parseAddress, parseHostPort } from '@tandem/config';
import type { NameServer } from './dns-client.ts';

const DNS_PORT = 53;

/** What `nameServers` reads, in words. */
export const nameServersExpected =
  'IP addresses of name servers, several with commas, such as 192.0.2.53,[2001:db8::53]:53';

/** Reads `192.0.2.53,[2001:db8::53]:5353`; undefined for anything else. */
export function nameServers(text: string): readonly NameServer[] | undefined {
  const servers = text.split(',').map((part) => nameServer(part.trim()));
  return servers.every((server) => server !== undefined) ? servers : undefined;
}

/** Those of the machine (/etc/resolv.conf). */
export function systemNameServers(): readonly NameServer[] {
  return getServers().flatMap((text) => nameServer(text) ?? []);
}

function nameServer(text: string): NameServer | undefined {
  // An IPv6 address may stand without brackets where it has no port.
  if (text.includes(':') && parseAddress(text) !== undefined) {
    return { address: text, port: DNS_PORT };
  }
  const parsed = parseHostPort(text, DNS_PORT);
  if (typeof parsed === 'string' || parsed.port === 0) return undefined;
  const { host: address, port } = parsed;
  return parseAddress(address) === undefined ? undefined : { address, port };
}

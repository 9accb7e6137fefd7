import { COLON, isHostName, parseDigits, trimmedSlice } from '../message/characters.ts';
import { isIpv6, withoutThirdColon } from './ipv6.ts';

/** A host as written (IPv6 in its brackets) and the port, if one is named. */
export interface HostPort {
  readonly host: string;
  readonly port: number | undefined;
}

/**
 * Reads `host`, `host:port`, `[v6]` or `[v6]:port`, blanks allowed around the colon as in Via.
 * Undefined when it is neither; an IPv6 address without brackets is not (RFC 5118 §4.2).
 */
export function parseHostPort(text: string): HostPort | undefined {
  return parsePlain(text) ?? parseAny(text);
}

/** A name or IPv4 address with a port and no blank: what nearly all are, read without a copy but that of the host. */
function parsePlain(text: string): HostPort | undefined {
  const hostEnd = text.indexOf(':');
  if (hostEnd < 0 || !isHostName(text, 0, hostEnd)) {
    return undefined;
  }
  const port = parseDigits(text, hostEnd + 1);
  return port >= 0 && port <= 65_535 ? { host: text.slice(0, hostEnd), port } : undefined;
}

function parseAny(text: string): HostPort | undefined {
  const isReference = text.startsWith('[');
  const hostEnd = isReference ? text.indexOf(']') + 1 : text.indexOf(':');
  if (hostEnd < 0) {
    return isHostName(text) ? { host: text, port: undefined } : undefined;
  }
  const host = trimmedSlice(text, 0, hostEnd);
  const isHost = isReference ? isIpv6(host.slice(1, -1)) : isHostName(host);
  const rest = trimmedSlice(text, hostEnd);
  if (!isHost || rest === '') {
    return isHost ? { host, port: undefined } : undefined;
  }
  const port = parseDigits(trimmedSlice(rest, 1));
  const isPort = rest.charCodeAt(0) === COLON && port >= 0 && port <= 65_535;
  return isPort ? { host, port } : undefined;
}

/** The host without the brackets of an IPv6 reference: what a socket wants. */
export function bareHost(host: string): string {
  return host.startsWith('[') ? withoutThirdColon(host.slice(1, -1)) : host;
}

/** `host` or `host:port`, with brackets around IPv6 whether they were given or not. */
export function formatHostPort(host: string, port?: number): string {
  const written = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  return port === undefined ? written : `${written}:${String(port)}`;
}

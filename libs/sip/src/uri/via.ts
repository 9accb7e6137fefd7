import { isBlank, isToken, skipBlanks, trimmedSlice } from '../message/characters.ts';
import { SipParseError } from '../message/parse-error.ts';
import { formatHostPort, parseHostPort } from './host-port.ts';
import { noParams, Params, type ReadonlyParams } from './params.ts';

/** One element of a Via header. */
export interface Via {
  /** Name and version: `SIP/2.0`. */
  readonly protocol: string;
  /** As written: `UDP`, `TCP`, `TLS`, `WS`, `WSS` or another token. */
  readonly transport: string;
  /** The host of sent-by, IPv6 in its brackets. */
  readonly host: string;
  readonly port: number | undefined;
  readonly branch: string | undefined;
  /** All parameters, the branch, `received` and `rport` (RFC 3581) among them. */
  readonly params: ReadonlyParams;
}

/** The parts that {@link formatVia} needs. */
export interface ViaParts {
  /** @default 'SIP/2.0' */
  readonly protocol?: string;
  readonly transport: string;
  readonly host: string;
  readonly port?: number | undefined;
  /** Written first, unless it is among the parameters. */
  readonly branch?: string | undefined;
  readonly params?: ReadonlyParams;
}

/**
 * Reads one Via element. Blanks are allowed where RFC 3261 §25.1 allows them.
 * @throws SipParseError SIP_BAD_VIA or SIP_BAD_PARAMS
 */
export function parseVia(text: string): Via {
  const semicolon = text.indexOf(';');
  const end = semicolon < 0 ? text.length : semicolon;
  const { protocol, transport, next } = parseProtocol(text);
  const hostPort = parseHostPort(trimmedSlice(text, next, end));
  if (hostPort === undefined) {
    throw badVia('the sent-by is malformed', next);
  }
  const params = semicolon < 0 ? noParams : Params.parse(text.slice(semicolon + 1));
  const branch = params.get('branch');
  return {
    protocol,
    transport,
    host: hostPort.host,
    port: hostPort.port,
    branch: branch === true ? undefined : branch,
    params,
  };
}

/** The element as text. */
export function formatVia(via: ViaParts): string {
  const params = via.params ?? noParams;
  const branch = via.branch === undefined || params.has('branch') ? '' : `;branch=${via.branch}`;
  const sentBy = formatHostPort(via.host, via.port);
  return `${via.protocol ?? 'SIP/2.0'}/${via.transport} ${sentBy}${branch}${params.toString()}`;
}

interface Protocol {
  readonly protocol: string;
  readonly transport: string;
  readonly next: number;
}

const overUdp: Protocol = { protocol: 'SIP/2.0', transport: 'UDP', next: 12 };

// RFC 3261 §25.1 allows any name and version, which a 505 then echoes.
function parseProtocol(text: string): Protocol {
  if (text.startsWith('SIP/2.0/UDP ')) {
    return overUdp;
  }
  const nameEnd = text.indexOf('/');
  const versionEnd = text.indexOf('/', nameEnd + 1);
  if (nameEnd < 0 || versionEnd < 0) {
    throw badVia('there is no protocol with a transport', 0);
  }
  const name = trimmedSlice(text, 0, nameEnd);
  const version = trimmedSlice(text, nameEnd + 1, versionEnd);
  const start = skipBlanks(text, versionEnd + 1);
  const next = blankAfter(text, start);
  if (!isToken(name) || !isToken(version) || !isToken(text, start, next)) {
    throw badVia('there is no protocol with a transport', 0);
  }
  return { protocol: `${name}/${version}`, transport: text.slice(start, next), next };
}

function blankAfter(text: string, start: number): number {
  let at = start;
  while (at < text.length && !isBlank(text.charCodeAt(at))) {
    at++;
  }
  return at;
}

function badVia(message: string, offset: number): SipParseError {
  return new SipParseError('SIP_BAD_VIA', message, { offset });
}

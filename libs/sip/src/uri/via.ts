import { isToken, skipBlanks, trimmedSlice } from '../message/characters.ts';
import { SipParseError } from '../message/parse-error.ts';
import { formatHostPort, parseHostPort } from './host-port.ts';
import { noParams, Params, type ReadonlyParams } from './params.ts';

/** One element of a Via header. */
export interface Via {
  /** `SIP/2.0`. */
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
  const { transport, next } = parseProtocol(text);
  const hostPort = parseHostPort(trimmedSlice(text, next, end));
  if (hostPort === undefined) {
    throw badVia('the sent-by is malformed', next);
  }
  const params = semicolon < 0 ? noParams : Params.parse(text.slice(semicolon + 1));
  const branch = params.get('branch');
  return {
    protocol: 'SIP/2.0',
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
  readonly transport: string;
  readonly next: number;
}

function parseProtocol(text: string): Protocol {
  if (text.startsWith('SIP/2.0/UDP ')) {
    return { transport: 'UDP', next: 12 };
  }
  const name = text.indexOf('/');
  const version = text.indexOf('/', name + 1);
  const transportStart = skipBlanks(text, version + 1);
  const isSip2 =
    version > name &&
    trimmedSlice(text, 0, name).toUpperCase() === 'SIP' &&
    trimmedSlice(text, name + 1, version) === '2.0';
  const blank = text.slice(transportStart).search(/[ \t]/);
  const next = transportStart + blank;
  if (!isSip2 || blank <= 0 || !isToken(text, transportStart, next)) {
    throw badVia('there is no SIP/2.0 with a transport', 0);
  }
  return { transport: text.slice(transportStart, next), next };
}

function badVia(message: string, offset: number): SipParseError {
  return new SipParseError('SIP_BAD_VIA', message, { offset });
}

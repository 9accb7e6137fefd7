import { isToken } from '../message/characters.ts';
import { SipParseError } from '../message/parse-error.ts';
import { RecentMap } from '../recent-map.ts';
import { formatHostPort, parseHostPort } from './host-port.ts';
import { noParams, Params, type ReadonlyParams } from './params.ts';

/** A URI taken apart. User, password, parameters and headers keep their %-escapes. */
export interface SipUri {
  /** Lower case, without the colon. */
  readonly scheme: string;
  /** In a tel URI the number. */
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** IPv6 in its brackets. Empty for other schemes than sip and sips. */
  readonly host: string;
  readonly port: number | undefined;
  readonly params: ReadonlyParams;
  /** What follows the question mark. */
  readonly headers: ReadonlyParams;
  /** What follows the colon, for other schemes than sip, sips and tel. */
  readonly opaque?: string;
}

/** The parts that {@link formatUri} needs. */
export interface SipUriParts {
  /** @default 'sip' */
  readonly scheme?: string;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly host: string;
  readonly port?: number | undefined;
  readonly params?: ReadonlyParams;
  readonly headers?: ReadonlyParams;
  readonly opaque?: string;
}

/** How many URIs are remembered, at least: those of the messages in hand. */
const REMEMBERED = 64;
const recent = new RecentMap<SipUri>(REMEMBERED);

/**
 * Reads a URI: sip and sips fully, tel as number and parameters, of others the scheme. What was read a moment ago is not read
 * again: who handles a message asks for the same URIs up to seven times. The result is shared.
 * @throws SipParseError SIP_BAD_URI or SIP_BAD_PARAMS
 */
export function parseUri(text: string): SipUri {
  const known = recent.get(text);
  if (known !== undefined) {
    return known;
  }
  const uri = readUri(text);
  recent.set(text, uri);
  return uri;
}

function readUri(text: string): SipUri {
  if (text.startsWith('sip:')) {
    assertUriCharacters(text);
    return parseSipUri('sip', text, 4);
  }
  const colon = text.indexOf(':');
  const scheme = text.slice(0, Math.max(colon, 0)).toLowerCase();
  if (!isScheme(scheme)) {
    throw badUri('the URI has no scheme');
  }
  assertUriCharacters(text);
  if (scheme === 'sip' || scheme === 'sips') {
    return parseSipUri(scheme, text, colon + 1);
  }
  const rest = text.slice(colon + 1);
  if (rest === '') {
    throw badUri('there is nothing after the scheme');
  }
  if (scheme === 'tel') {
    return parseTelUri(rest);
  }
  const empty = { user: undefined, password: undefined, host: '', port: undefined };
  return { scheme, ...empty, params: noParams, headers: noParams, opaque: rest };
}

/** Whether it is a sips URI, in whatever case: every hop to it is to be secure (RFC 3261 §26.2.2). */
export function isSipsUri(text: string): boolean {
  return /^sips:/i.test(text);
}

/** The URI as text. */
export function formatUri(uri: SipUriParts): string {
  const scheme = uri.scheme ?? 'sip';
  if (uri.opaque !== undefined) {
    return `${scheme}:${uri.opaque}`;
  }
  const params = uri.params?.toString() ?? '';
  if (scheme === 'tel') {
    return `tel:${uri.user ?? ''}${params}`;
  }
  const password = uri.password === undefined ? '' : `:${uri.password}`;
  const userInfo = uri.user === undefined ? '' : `${uri.user}${password}@`;
  const headers = uri.headers?.toString('&') ?? '';
  const query = headers === '' ? '' : `?${headers.slice(1)}`;
  return `${scheme}:${userInfo}${formatHostPort(uri.host, uri.port)}${params}${query}`;
}

/** Text with its %-escapes resolved, as one character per byte; what is no escape stays (RFC 4475 §3.1.1.5). */
export function unescapeUri(text: string): string {
  if (!text.includes('%')) {
    return text;
  }
  return text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** Text (bytes, one per character) as the user part of a URI: what may not stand there, escaped. */
export function escapeUser(text: string): string {
  return text.replace(
    /[^a-zA-Z0-9\-_.!~*'()&=+$,;?/]/g,
    (character) => '%' + character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0'),
  );
}

// RFC 3261 §19.1.1: everything before the "@" is user information, whatever it holds.
function parseSipUri(scheme: string, text: string, start: number): SipUri {
  const atSign = text.indexOf('@', start);
  let user: string | undefined;
  let password: string | undefined;
  if (atSign >= 0) {
    const colon = text.indexOf(':', start);
    const hasPassword = colon >= 0 && colon < atSign;
    user = text.slice(start, hasPassword ? colon : atSign);
    password = hasPassword ? text.slice(colon + 1, atSign) : undefined;
    if (user === '') {
      throw badUri('the user part is empty');
    }
  }
  const hostStart = atSign < 0 ? start : atSign + 1;
  const question = endOf(text.indexOf('?', hostStart), text);
  const semicolon = Math.min(endOf(text.indexOf(';', hostStart), text), question);
  const hostPort = parseHostPort(text.slice(hostStart, semicolon));
  if (hostPort === undefined) {
    throw badUri('the host or port is malformed');
  }
  return {
    scheme,
    user,
    password,
    host: hostPort.host,
    port: hostPort.port,
    params: semicolon < question ? Params.parse(text.slice(semicolon + 1, question)) : noParams,
    headers: question < text.length ? Params.parse(text.slice(question + 1), '&') : noParams,
  };
}

// RFC 3966 §3.
function parseTelUri(rest: string): SipUri {
  const semicolon = endOf(rest.indexOf(';'), rest);
  return {
    scheme: 'tel',
    user: rest.slice(0, semicolon),
    password: undefined,
    host: '',
    port: undefined,
    params: semicolon < rest.length ? Params.parse(rest.slice(semicolon + 1)) : noParams,
    headers: noParams,
  };
}

function isScheme(scheme: string): boolean {
  return scheme === 'sip' || (isToken(scheme) && /^[a-z][a-z0-9+.-]*$/.test(scheme));
}

// eslint-disable-next-line no-control-regex -- these are what is looked for
const noUriCharacter = /[\x00-\x20"<>\x7f]/;

/** No blank, control character, quote or angle bracket stands in a URI. */
function assertUriCharacters(text: string): void {
  const at = text.search(noUriCharacter);
  if (at >= 0) {
    throw badUri('the URI holds a character that has to be escaped', at);
  }
}

function endOf(position: number, text: string): number {
  return position < 0 ? text.length : position;
}

function badUri(message: string, offset = 0): SipParseError {
  return new SipParseError('SIP_BAD_URI', message, { offset });
}

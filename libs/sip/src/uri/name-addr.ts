import {
  isToken,
  LESS,
  QUOTE,
  quote,
  skipBlanks,
  skipQuoted,
  trimmedSlice,
  unquote,
} from '../message/characters.ts';
import { SipParseError } from '../message/parse-error.ts';
import { noParams, Params, type ReadonlyParams } from './params.ts';

/** The value of From, To, Contact, Route and their like. */
export interface NameAddr {
  /** Without quotes and escapes; empty when there is none. Bytes, one per character. */
  readonly displayName: string;
  /** As text: {@link parseUri} takes it apart. `*` in the Contact that removes all bindings. */
  readonly uri: string;
  /** The header's parameters, not the URI's. */
  readonly params: ReadonlyParams;
  readonly tag: string | undefined;
}

/** The parts that {@link formatNameAddr} needs. */
export interface NameAddrParts {
  readonly displayName?: string;
  readonly uri: string;
  readonly params?: ReadonlyParams;
}

/**
 * Reads one name-addr or addr-spec with its parameters.
 * @throws SipParseError SIP_BAD_NAME_ADDR or SIP_BAD_PARAMS
 */
export function parseNameAddr(text: string): NameAddr {
  const start = skipBlanks(text, 0);
  const first = text.charCodeAt(start);
  if (first === QUOTE) {
    const close = skipQuoted(text, start);
    if (close < 0) {
      throw badNameAddr('the display name is not closed', start);
    }
    const open = skipBlanks(text, close);
    return parseBracketed(text, open, unquote(text.slice(start, close)));
  }
  const open = first === LESS ? start : text.indexOf('<', start);
  if (open < 0) {
    return parseAddrSpec(text, start);
  }
  const displayName = trimmedSlice(text, start, open);
  assertUnquotedName(displayName, start);
  return parseBracketed(text, open, displayName);
}

/** The value as text: the URI always in angle brackets, the display name quoted where it has to be. */
export function formatNameAddr({
  displayName = '',
  uri,
  params = noParams,
}: NameAddrParts): string {
  if (uri === '*') {
    return uri;
  }
  const name = displayName === '' || isToken(displayName) ? displayName : quote(displayName);
  return `${name}${name === '' ? '' : ' '}<${uri}>${params.toString()}`;
}

function parseBracketed(text: string, open: number, displayName: string): NameAddr {
  const close = text.indexOf('>', open + 1);
  if (text.charCodeAt(open) !== LESS || close < 0) {
    throw badNameAddr('the angle brackets are missing or not closed', open);
  }
  return assemble(displayName, trimmedSlice(text, open + 1, close), text.slice(close + 1));
}

// RFC 3261 §20.10: without angle brackets the parameters are the header's, and the URI holds no "?" or ",".
function parseAddrSpec(text: string, start: number): NameAddr {
  const semicolon = text.indexOf(';', start);
  const end = semicolon < 0 ? text.length : semicolon;
  const uri = trimmedSlice(text, start, end);
  if (uri.includes('?') || uri.includes(',')) {
    throw badNameAddr('a URI with question mark or comma has to stand in angle brackets', start);
  }
  return assemble('', uri, text.slice(end));
}

function assemble(displayName: string, uri: string, rest: string): NameAddr {
  const isUri = uri === '*' || uri.indexOf(':') > 0;
  if (!isUri) {
    throw badNameAddr('there is no URI', 0);
  }
  if (rest === '') {
    return { displayName, uri, params: noParams, tag: undefined };
  }
  const semicolon = skipBlanks(rest, 0);
  if (semicolon < rest.length && rest.charAt(semicolon) !== ';') {
    throw badNameAddr('after the URI only parameters may follow', 0);
  }
  const params = Params.parse(rest.slice(semicolon + 1));
  const tag = params.get('tag');
  return { displayName, uri, params, tag: tag === true || tag === '' ? undefined : tag };
}

// RFC 3261 §25.1 wants tokens here. Names in UTF-8 or with brackets go unquoted in practice; what
// could be taken for the end of the value is refused (RFC 4475 §3.1.2.15).
function assertUnquotedName(name: string, offset: number): void {
  if (name.includes(',') || name.includes('"') || name.includes(';')) {
    throw badNameAddr('the display name has to be quoted', offset);
  }
}

function badNameAddr(message: string, offset: number): SipParseError {
  return new SipParseError('SIP_BAD_NAME_ADDR', message, { offset });
}

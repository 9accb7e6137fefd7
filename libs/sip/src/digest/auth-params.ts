import { isToken, skipBlanks, skipQuoted, trimmedSlice, unquote } from '../message/characters.ts';
import { SipParseError, type SipParseErrorCode } from '../message/parse-error.ts';

/**
 * The parameters of a challenge or of credentials by lower-case name, quotes removed.
 * @throws SipParseError `code` when malformed, SIP_UNKNOWN_AUTH_SCHEME when it is not Digest.
 */
export function parseDigestParams(value: string, code: SipParseErrorCode): Map<string, string> {
  const start = skipBlanks(value, 0);
  const schemeEnd = value.indexOf(' ', start);
  const scheme = value.slice(start, schemeEnd < 0 ? value.length : schemeEnd);
  if (scheme.toLowerCase() !== 'digest') {
    throw new SipParseError('SIP_UNKNOWN_AUTH_SCHEME', 'the scheme is not Digest');
  }
  const params = new Map<string, string>();
  let at = start + scheme.length;
  while (at < value.length) {
    const end = elementEnd(value, at, code);
    addParam(params, trimmedSlice(value, at, end), code);
    at = end + 1;
  }
  return params;
}

function elementEnd(value: string, start: number, code: SipParseErrorCode): number {
  let at = start;
  for (;;) {
    const end = value.indexOf(',', at);
    const open = value.indexOf('"', at);
    if (open < 0 || (end >= 0 && end < open)) {
      return end < 0 ? value.length : end;
    }
    at = skipQuoted(value, open);
    if (at < 0) {
      throw new SipParseError(code, 'a quoted value is not closed', { offset: open });
    }
  }
}

function addParam(params: Map<string, string>, text: string, code: SipParseErrorCode): void {
  if (text === '') {
    return;
  }
  const equals = text.indexOf('=');
  const name = trimmedSlice(text, 0, Math.max(equals, 0)).toLowerCase();
  if (!isToken(name)) {
    throw new SipParseError(code, 'a parameter has no proper name');
  }
  if (params.has(name)) {
    // RFC 7616 §3.4: a parameter must not stand there twice; which one counts would be a guess.
    throw new SipParseError(code, `${name.slice(0, 32)} stands there twice`);
  }
  params.set(name, unquote(trimmedSlice(text, equals + 1, text.length)));
}

import { CR, isBlank, isToken, skipBlanks, trimBlanksEnd, trimmedSlice } from './characters.ts';
import { headerKey, knownHeaderKey } from './header-names.ts';
import type { Headers } from './headers.ts';
import type { ParseLimits } from './limits.ts';
import { SipParseError, type SipParseErrorCode } from './parse-error.ts';

/**
 * Reads the header lines that begin at `start`, up to and including the empty line.
 * @returns where the body begins.
 */
export function readHeaderLines(
  text: string,
  start: number,
  { headers, limits }: { headers: Headers; limits: ParseLimits },
): number {
  let at = start;
  let vias = 0;
  for (;;) {
    let end = lineEnd(text, at);
    let next = afterLineBreak(text, end);
    if (end === at) {
      return next;
    }
    const isFolded = isBlank(text.charCodeAt(next));
    if (isFolded) {
      end = foldedEnd(text, end);
      next = afterLineBreak(text, end);
    }
    if (end - at > limits.maxHeaderBytes) {
      fail('SIP_HEADER_TOO_LONG', 'a header is longer than allowed', at);
    }
    const colon = text.indexOf(':', at);
    const { name, key } = headerName(text, at, colon < end ? colon : -1);
    const valueStart = skipBlanks(text, colon + 1, end);
    const value = text.slice(valueStart, trimBlanksEnd(text, valueStart, end));
    headers.appendParsed(name, key, isFolded ? unfold(value) : value);
    vias += key === 'via' ? 1 : 0;
    if (headers.size > limits.maxHeaders) {
      fail('SIP_TOO_MANY_HEADERS', 'there are more headers than allowed', at);
    }
    if (vias > limits.maxVias) {
      fail('SIP_TOO_MANY_VIAS', 'there are more Via headers than allowed', at);
    }
    at = next;
  }
}

/**
 * Where the line that begins at `start` ends, without its CRLF. A bare LF is taken for a line end,
 * as most do; a bare CR is refused, since others take it for one and would read other headers.
 */
export function lineEnd(text: string, start: number): number {
  const lineFeed = text.indexOf('\n', start);
  if (lineFeed < 0) {
    fail('SIP_INCOMPLETE_HEAD', 'the message ends before its headers do', text.length);
  }
  const carriageReturn = text.indexOf('\r', start);
  if (carriageReturn < 0 || carriageReturn > lineFeed) {
    return lineFeed;
  }
  if (carriageReturn !== lineFeed - 1) {
    fail('SIP_BAD_LINE_END', 'a carriage return stands alone', carriageReturn);
  }
  return carriageReturn;
}

/** Where the next line begins, given where this one ends. */
export function afterLineBreak(text: string, end: number): number {
  return text.charCodeAt(end) === CR ? end + 2 : end + 1;
}

// RFC 3261 §7.3.1: a line that begins with a blank continues the one before it.
function foldedEnd(text: string, firstEnd: number): number {
  let end = firstEnd;
  for (;;) {
    const next = afterLineBreak(text, end);
    if (!isBlank(text.charCodeAt(next))) {
      return end;
    }
    end = lineEnd(text, next);
  }
}

/** The value on one line: each break, with the blanks around it, becomes one space. */
function unfold(value: string): string {
  return value
    .split('\n')
    .map((line) => trimmedSlice(line.endsWith('\r') ? line.slice(0, -1) : line))
    .filter((line) => line !== '')
    .join(' ');
}

function headerName(text: string, start: number, colon: number): { name: string; key: string } {
  const end = trimBlanksEnd(text, start, colon);
  const name = text.slice(start, end);
  const known = knownHeaderKey(name);
  if (known !== undefined) {
    return { name, key: known };
  }
  if (colon < 0 || !isToken(name)) {
    fail('SIP_BAD_HEADER', 'a header has no proper name', start);
  }
  return { name, key: headerKey(name) };
}

function fail(code: SipParseErrorCode, message: string, offset: number): never {
  throw new SipParseError(code, message, { offset });
}

import { CR, isBlank, isToken, skipBlanks, trimBlanksEnd, trimmedSlice } from './characters.ts';
import { headerKey, knownHeaderKey } from './header-names.ts';
import type { Headers } from './headers.ts';
import type { ParseLimits } from './limits.ts';
import { SipParseError, type SipParseErrorCode } from './parse-error.ts';

/**
 * Finds line ends. A bare LF is taken for one, as most do; a bare CR is refused, since others take
 * it for one and would read other headers.
 */
export class LineScanner {
  readonly text: string;
  /** The first CR at or after the last line asked for: remembered, so that scanning stays linear. */
  #carriageReturn = -1;

  constructor(text: string) {
    this.text = text;
  }

  /** Where the line that begins at `start` ends, without its line break. Never asked backwards. */
  endOf(start: number): number {
    const { text } = this;
    const lineFeed = text.indexOf('\n', start);
    if (lineFeed < 0) {
      fail('SIP_INCOMPLETE_HEAD', 'the message ends before its headers do', text.length);
    }
    if (this.#carriageReturn < start) {
      const next = text.indexOf('\r', start);
      this.#carriageReturn = next < 0 ? text.length : next;
    }
    if (this.#carriageReturn >= lineFeed) {
      return lineFeed;
    }
    if (this.#carriageReturn !== lineFeed - 1) {
      fail('SIP_BAD_LINE_END', 'a carriage return stands alone', this.#carriageReturn);
    }
    return lineFeed - 1;
  }

  /** Where the next line begins, given where this one ends. */
  after(end: number): number {
    return this.text.charCodeAt(end) === CR ? end + 2 : end + 1;
  }
}

/**
 * Reads the header lines that begin at `start`, up to and including the empty line.
 * @returns where the body begins.
 */
export function readHeaderLines(
  scanner: LineScanner,
  start: number,
  { headers, limits }: { headers: Headers; limits: ParseLimits },
): number {
  const { text } = scanner;
  let at = start;
  let vias = 0;
  for (;;) {
    let end = scanner.endOf(at);
    let next = scanner.after(end);
    if (end === at) {
      return next;
    }
    const isFolded = isBlank(text.charCodeAt(next));
    if (isFolded) {
      end = foldedEnd(scanner, end);
      next = scanner.after(end);
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

// RFC 3261 §7.3.1: a line that begins with a blank continues the one before it.
function foldedEnd(scanner: LineScanner, firstEnd: number): number {
  let end = firstEnd;
  for (;;) {
    const next = scanner.after(end);
    if (!isBlank(scanner.text.charCodeAt(next))) {
      return end;
    }
    end = scanner.endOf(next);
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

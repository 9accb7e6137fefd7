const TAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SPACE = 0x20;
export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const LESS = 0x3c;
export const GREATER = 0x3e;
export const BACKSLASH = 0x5c;

/** RFC 3261 §25.1 `token`: is text[start..end) one? Empty text is none. */
export const isToken = matcherOf(
  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.!%*_+`'~",
);

/** Is text[start..end) a host name or IPv4 address? The underscore is no host character, but in use. */
export const isHostName = matcherOf(
  'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._',
);

/** Is text[start..end) hexadecimal digits, at least one? */
export const isHexDigits = matcherOf('0123456789abcdefABCDEF');

export function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

/** The first position from `start` that holds neither space nor tab. */
export function skipBlanks(text: string, start: number, end = text.length): number {
  let at = start;
  while (at < end && isBlank(text.charCodeAt(at))) {
    at++;
  }
  return at;
}

/** The end of text[start..end) without the blanks before it. */
export function trimBlanksEnd(text: string, start: number, end: number): number {
  let at = end;
  while (at > start && isBlank(text.charCodeAt(at - 1))) {
    at--;
  }
  return at;
}

/**
 * text[start..end) without blanks at either side. `String.trim` would take the byte 0xa0 for a
 * blank too, which is part of many characters in UTF-8.
 */
export function trimmedSlice(text: string, start = 0, end = text.length): string {
  const from = skipBlanks(text, start, end);
  return text.slice(from, trimBlanksEnd(text, from, end));
}

/**
 * The number that text[start..end) consists of, or -1 when that is anything but decimal digits
 * (no sign, no blanks). Numbers above 2^53 come out inexact: callers compare with a smaller limit.
 */
export function parseDigits(text: string, start = 0, end = text.length): number {
  if (start >= end) {
    return -1;
  }
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) {
      return -1;
    }
    value = value * 10 + digit;
  }
  return value;
}

/** The position after the quoted string that opens at `open`, or -1 when it is not closed. */
export function skipQuoted(text: string, open: number): number {
  let at = open + 1;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      return at + 1;
    }
    at += code === BACKSLASH ? 2 : 1;
  }
  return -1;
}

/** The content of a quoted string, escapes resolved; other text comes back as it is. */
export function unquote(text: string): string {
  if (text.charCodeAt(0) !== QUOTE || text.length < 2) {
    return text;
  }
  const inner = text.slice(1, -1);
  if (!inner.includes('\\')) {
    return inner;
  }
  let out = '';
  for (let at = 0; at < inner.length; at++) {
    if (inner.charCodeAt(at) === BACKSLASH && at + 1 < inner.length) {
      at++;
    }
    out += inner.charAt(at);
  }
  return out;
}

/** A quoted string of RFC 3261 §25.1 with this content. */
export function quote(content: string): string {
  if (!content.includes('"') && !content.includes('\\')) {
    return `"${content}"`;
  }
  return `"${content.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/**
 * Text as it goes into a header: UTF-8, held as one character per byte (headers are byte strings
 * here, so that whatever came in goes out unchanged).
 */
export function toWire(text: string): string {
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) > 0x7f) {
      return Buffer.from(text, 'utf8').toString('latin1');
    }
  }
  return text;
}

/** The text that a byte string from a header holds, read as UTF-8. */
export function fromWire(bytes: string): string {
  for (let at = 0; at < bytes.length; at++) {
    if (bytes.charCodeAt(at) > 0x7f) {
      return Buffer.from(bytes, 'latin1').toString('utf8');
    }
  }
  return bytes;
}

/** What a person is shown of one text: more is of no use, and fills records. */
const LONGEST_READABLE = 500;
const PLAIN = /^[ -~]*$/;
// eslint-disable-next-line no-control-regex -- these are what is looked for
const CONTROLS = /[\x00-\x1f\x7f-\x9f]/g;

/**
 * The text that bytes from a message hold, for records and for people: read as UTF-8 (RFC 3261 §25.1), with U+FFFD for what is
 * none and for control characters, which some stores do not take; 500 characters of it at most.
 */
export function readableText(bytes: string): string {
  if (bytes.length <= LONGEST_READABLE && PLAIN.test(bytes)) {
    return bytes;
  }
  const text = fromWire(bytes).replaceAll(CONTROLS, '\ufffd');
  return text.length > LONGEST_READABLE ? text.slice(0, LONGEST_READABLE).toWellFormed() : text;
}

function matcherOf(characters: string): (text: string, start?: number, end?: number) => boolean {
  const table = new Uint8Array(256);
  for (const character of characters) {
    table[character.charCodeAt(0)] = 1;
  }
  return (text, start = 0, end = text.length) => {
    for (let at = start; at < end; at++) {
      if (table[text.charCodeAt(at)] !== 1) {
        return false;
      }
    }
    return start < end;
  };
}

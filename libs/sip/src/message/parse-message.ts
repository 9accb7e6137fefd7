import { CR, LF, parseDigits } from './characters.ts';
import { LineScanner, readHeaderLines } from './header-lines.ts';
import type { Headers } from './headers.ts';
import { defaultParseLimits, type ParseLimits } from './limits.ts';
import type { SipMessage } from './message.ts';
import { SipParseError } from './parse-error.ts';
import { salvageRequest, salvageResponse } from './salvage.ts';
import { parseStartLine } from './start-line.ts';

/**
 * Reads one datagram as a SIP message. Only the framing is read (start line, header lines,
 * Content-Length); what a header says is read when it is asked for.
 * The body shares its memory with the datagram.
 *
 * @param limits what differs from {@link defaultParseLimits}.
 * @throws SipParseError and nothing else; with `request` when a 400 can be sent, with `response` when it can be told whose it is.
 */
export function parseMessage(datagram: Buffer, limits?: Partial<ParseLimits>): SipMessage {
  const bounds = limits === undefined ? defaultParseLimits : { ...defaultParseLimits, ...limits };
  const text = datagram.toString('latin1', 0, bounds.maxMessageBytes);
  try {
    if (datagram.length > bounds.maxMessageBytes) {
      throw new SipParseError('SIP_TOO_LARGE', 'the message is larger than allowed');
    }
    return readMessage(datagram, text, bounds);
  } catch (error) {
    if (error instanceof SipParseError) {
      const { code, message, offset } = error;
      const wreck = { text, datagram, limits: bounds };
      const request = salvageRequest(wreck);
      const response = request === undefined ? salvageResponse(wreck, message) : undefined;
      throw new SipParseError(code, message, { offset, request, response });
    }
    throw error;
  }
}

function readMessage(datagram: Buffer, text: string, limits: ParseLimits): SipMessage {
  const start = skipLineBreaks(text);
  const scanner = new LineScanner(text);
  const startLineEnd = scanner.endOf(start);
  if (startLineEnd - start > limits.maxHeaderBytes) {
    throw new SipParseError('SIP_HEADER_TOO_LONG', 'the start line is longer than allowed');
  }
  const message = parseStartLine(text, start, startLineEnd);
  const { headers } = message;
  const bodyStart = readHeaderLines(scanner, scanner.after(startLineEnd), { headers, limits });
  const length = contentLength(headers, text.length - bodyStart);
  if (length > 0) {
    message.body = datagram.subarray(bodyStart, bodyStart + length);
  }
  return message;
}

// RFC 3261 §7.5: line breaks before the start line are ignored.
function skipLineBreaks(text: string): number {
  let at = 0;
  while (text.charCodeAt(at) === CR || text.charCodeAt(at) === LF) {
    at++;
  }
  if (at === text.length) {
    throw new SipParseError('SIP_EMPTY', 'there is nothing but line breaks');
  }
  return at;
}

// RFC 3261 §18.3: without Content-Length the body is the rest of the datagram; what lies beyond a
// Content-Length is dropped; less than it says is a broken message.
function contentLength(headers: Headers, available: number): number {
  const value = headers.get('content-length');
  if (value === undefined) {
    return available;
  }
  if (
    headers.count('content-length') > 1 &&
    headers.getAll('content-length').some((other) => other !== value)
  ) {
    throw new SipParseError('SIP_BAD_CONTENT_LENGTH', 'Content-Length contradicts itself');
  }
  const length = parseDigits(value);
  if (length < 0) {
    throw new SipParseError('SIP_BAD_CONTENT_LENGTH', 'Content-Length is no number');
  }
  if (length > available) {
    throw new SipParseError('SIP_TRUNCATED_BODY', 'Content-Length is more than there is');
  }
  return length;
}

import { isToken, parseDigits, SPACE } from './characters.ts';
import { SipRequest, SipResponse, type SipMessage } from './message.ts';
import { SipParseError } from './parse-error.ts';

/** A message with what text[start..end), the line without its end, says, and nothing else yet. */
export function parseStartLine(text: string, start: number, end: number): SipMessage {
  return text.startsWith('SIP/', start) || isStatusLine(text, start)
    ? parseStatusLine(text, start, end)
    : parseRequestLine(text, start, end);
}

/** RFC 3261 §7.1: the version is compared without case. No method is a token with a slash. */
function isStatusLine(text: string, start: number): boolean {
  return text.charAt(start + 3) === '/' && /^sip$/i.test(text.slice(start, start + 3));
}

// RFC 3261 §7.1: exactly one space between the three parts, none elsewhere.
function parseRequestLine(text: string, start: number, end: number): SipRequest {
  const methodEnd = text.indexOf(' ', start);
  const uriEnd = text.indexOf(' ', methodEnd + 1);
  if (methodEnd < 0 || uriEnd < 0 || uriEnd >= end || uriEnd === methodEnd + 1) {
    throw new SipParseError('SIP_BAD_START_LINE', 'no request line', { offset: start });
  }
  if (!isToken(text, start, methodEnd)) {
    throw new SipParseError('SIP_BAD_START_LINE', 'the method is no token', { offset: start });
  }
  const request = new SipRequest(
    knownMethod(text.slice(start, methodEnd)),
    text.slice(methodEnd + 1, uriEnd),
  );
  if (!text.startsWith('SIP/2.0', uriEnd + 1) || end !== uriEnd + 8) {
    request.version = otherVersion(text.slice(uriEnd + 1, end), uriEnd + 1);
  }
  return request;
}

// RFC 3261 §7.2. The space before an empty reason is often forgotten.
function parseStatusLine(text: string, start: number, end: number): SipResponse {
  if (text.slice(start, start + 8).toUpperCase() !== 'SIP/2.0 ') {
    throw new SipParseError('SIP_BAD_START_LINE', 'no status line of SIP/2.0', { offset: start });
  }
  const statusStart = start + 8;
  const statusEnd = Math.min(statusStart + 3, end);
  const status = parseDigits(text, statusStart, statusEnd);
  const isEnded = statusEnd === end || text.charCodeAt(statusEnd) === SPACE;
  if (status < 100 || status > 699 || !isEnded) {
    throw new SipParseError('SIP_BAD_STATUS', 'the status is not of 100 to 699', {
      offset: statusStart,
    });
  }
  return new SipResponse(status, text.slice(Math.min(statusEnd + 1, end), end));
}

function otherVersion(version: string, offset: number): string {
  const dot = version.indexOf('.');
  const isVersion =
    version.slice(0, 4).toUpperCase() === 'SIP/' &&
    parseDigits(version, 4, dot) >= 0 &&
    parseDigits(version, dot + 1) >= 0;
  if (!isVersion) {
    throw new SipParseError('SIP_BAD_START_LINE', 'the line does not end in a version', { offset });
  }
  return version;
}

const methods = new Map(
  ['INVITE', 'ACK', 'BYE', 'CANCEL', 'OPTIONS', 'REGISTER', 'PRACK', 'UPDATE', 'INFO', 'REFER']
    .concat(['MESSAGE', 'NOTIFY', 'SUBSCRIBE', 'PUBLISH'])
    .map((method) => [method, method]),
);

/** The same string object for each usual method, so that comparing it is comparing pointers. */
function knownMethod(method: string): string {
  return methods.get(method) ?? method;
}

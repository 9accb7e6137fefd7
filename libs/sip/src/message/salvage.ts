import { isToken, skipBlanks, trimmedSlice } from './characters.ts';
import { headerKey } from './header-names.ts';
import type { ParseLimits } from './limits.ts';
import { SipRequest } from './message.ts';

const wanted = ['via', 'from', 'to', 'call-id', 'cseq'];

/**
 * What a 400 to a broken request needs (RFC 3261 §8.2.6), read with no care for anything else:
 * start line, Via, From, To, Call-ID and CSeq. Undefined when it is no request or one is missing.
 */
export function salvageRequest(text: string, limits: ParseLimits): SipRequest | undefined {
  const lines = headLines(text);
  const request = salvageStartLine(lines.next().value ?? '');
  if (request === undefined) {
    return undefined;
  }
  for (const line of lines) {
    salvageHeader(request, line, limits);
  }
  return wanted.every((key) => request.headers.has(key)) ? request : undefined;
}

/** The lines up to the empty one, folded ones joined; line breaks before them are left out. */
function* headLines(text: string): Generator<string, undefined> {
  let current = '';
  let at = text.search(/[^\r\n]/);
  while (at >= 0 && at < text.length) {
    const lineFeed = text.indexOf('\n', at);
    const end = lineFeed < 0 ? text.length : lineFeed;
    const line = text.slice(at, end > at && text.charAt(end - 1) === '\r' ? end - 1 : end);
    if (line === '') {
      break;
    }
    if (skipBlanks(line, 0) > 0) {
      current += ` ${trimmedSlice(line)}`;
    } else {
      if (current !== '') {
        yield current;
      }
      current = line;
    }
    at = end + 1;
  }
  yield current;
  return undefined;
}

function salvageStartLine(line: string): SipRequest | undefined {
  const method = line.slice(0, Math.max(line.indexOf(' '), 0));
  const rest = trimmedSlice(line, method.length);
  const uriEnd = rest.toUpperCase().lastIndexOf(' SIP/');
  return isToken(method) && uriEnd > 0
    ? new SipRequest(method, trimmedSlice(rest, 0, uriEnd))
    : undefined;
}

function salvageHeader(request: SipRequest, line: string, limits: ParseLimits): void {
  const colon = line.indexOf(':');
  const name = trimmedSlice(line, 0, Math.max(colon, 0));
  const key = headerKey(name);
  if (!wanted.includes(key) || line.length > limits.maxHeaderBytes || line.includes('\r')) {
    return;
  }
  const room = key === 'via' ? limits.maxVias : 1;
  if (request.headers.count(key) < room) {
    request.headers.append(name, trimmedSlice(line, colon + 1));
  }
}

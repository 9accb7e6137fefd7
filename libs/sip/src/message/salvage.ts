import { isToken, parseDigits, skipBlanks, trimmedSlice } from './characters.ts';
import { headerKey } from './header-names.ts';
import type { Headers } from './headers.ts';
import type { ParseLimits } from './limits.ts';
import { isConcluding } from './mend.ts';
import { SipRequest, SipResponse } from './message.ts';

const wanted = ['via', 'from', 'to', 'call-id', 'cseq'];
const statusLine = /^(SIP\/\d+\.\d+)[ \t]+(\d{1,9})(?:[ \t]+(.*))?$/i;
/** RFC 3261 §21.5.3: what came is no response that there is, but one it was. */
const BAD_GATEWAY = 502;

/** The text of what could not be parsed, and its bytes. */
export interface Wreck {
  readonly text: string;
  readonly datagram: Buffer;
  readonly limits: ParseLimits;
}

/**
 * What a 400 to a broken request needs (RFC 3261 §8.2.6), read with no care for anything else:
 * start line, Via, From, To, Call-ID and CSeq. Undefined when it is no request or one is missing.
 * Of an ACK, BYE or CANCEL, which mean something in any state, it is all that can be read, and the body.
 */
export function salvageRequest(wreck: Wreck): SipRequest | undefined {
  const lines = headLines(wreck.text);
  const request = salvageStartLine(lines.next().value ?? '');
  if (request === undefined) {
    return undefined;
  }
  const isWhole = isConcluding(request.method);
  salvageHeaders(request.headers, lines, { ...wreck, isWhole });
  if (isWhole) request.body = salvageBody(wreck);
  return wanted.every((key) => request.headers.has(key)) ? request : undefined;
}

/**
 * All that can be read of a broken response, and of its body all that is there: whoever answered must not be taken for
 * silent. Undefined when it is no response or does not say whose.
 * @param fault why it could not be parsed
 */
export function salvageResponse(wreck: Wreck, fault: string): SipResponse | undefined {
  const lines = headLines(wreck.text);
  const [, version = '', status, reason = ''] = statusLine.exec(lines.next().value ?? '') ?? [];
  if (status === undefined) {
    return undefined;
  }
  const isOne = version.toUpperCase() === 'SIP/2.0' && /^[1-6]\d\d$/.test(status);
  const response = new SipResponse(isOne ? Number(status) : BAD_GATEWAY, reason);
  salvageHeaders(response.headers, lines, { ...wreck, isWhole: true });
  response.body = salvageBody(wreck);
  response.faults = [fault];
  return response.headers.has('via') ? response : undefined;
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

function salvageHeaders(
  headers: Headers,
  lines: Iterable<string>,
  { isWhole, limits }: { readonly isWhole: boolean; readonly limits: ParseLimits },
): void {
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = trimmedSlice(line, 0, Math.max(colon, 0));
    const key = headerKey(name);
    const isWanted = wanted.includes(key);
    const isKept = isWanted || (isWhole && key !== 'content-length' && isToken(name));
    if (!isKept || line.length > limits.maxHeaderBytes || line.includes('\r')) continue;
    const room = key === 'via' ? limits.maxVias : isWanted ? 1 : limits.maxHeaders;
    if (headers.count(key) < room && headers.size < limits.maxHeaders) {
      headers.append(name, trimmedSlice(line, colon + 1));
    }
  }
}

/** As long as Content-Length says, where that can be; else all that is there. */
function salvageBody({ datagram, limits, text }: Wreck): Buffer {
  const empty = /\r?\n\r?\n/.exec(text.slice(text.search(/[^\r\n]/)));
  if (empty === null) return Buffer.alloc(0);
  const start = Math.max(text.search(/[^\r\n]/), 0) + empty.index + empty[0].length;
  const head = text.slice(0, start);
  const said = /\n(?:content-length|l)[ \t]*:[ \t]*(\d+)[ \t]*\r?\n/i.exec(head)?.[1];
  const length = said === undefined ? -1 : parseDigits(said);
  const end = Math.min(datagram.length, limits.maxMessageBytes);
  const isFitting = length >= 0 && start + length <= end;
  return datagram.subarray(start, isFitting ? start + length : end);
}

import { isToken } from './characters.ts';
import { headerKey } from './header-names.ts';
import type { ParseLimits } from './limits.ts';
import { SipRequest } from './message.ts';

const wanted = new Set(['via', 'from', 'to', 'call-id', 'cseq']);

/**
 * What a 400 to a broken request needs (RFC 3261 §8.2.6), read with no care for anything else:
 * start line, Via, From, To, Call-ID and CSeq. Undefined when it is no request or one is missing.
 */
export function salvageRequest(text: string, limits: ParseLimits): SipRequest | undefined {
  const [first = '', ...lines] = unfoldedLines(text.trimStart());
  const request = salvageStartLine(first);
  if (request === undefined) {
    return undefined;
  }
  for (const line of lines) {
    if (line === '') {
      break;
    }
    salvageHeader(request, line, limits);
  }
  return [...wanted].every((key) => request.headers.has(key)) ? request : undefined;
}

function unfoldedLines(text: string): string[] {
  const lines: string[] = [];
  let current: string[] = [];
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (line.startsWith(' ') || line.startsWith('\t')) {
      current.push(line.trim());
      continue;
    }
    if (current.length > 0) {
      lines.push(current.join(' '));
    }
    current = [line];
  }
  return [...lines, current.join(' ')];
}

function salvageStartLine(line: string): SipRequest | undefined {
  const parts = line.trim().split(/[ \t]+/);
  const method = parts[0] ?? '';
  const version = parts.at(-1) ?? '';
  if (parts.length < 2 || !isToken(method) || !/^SIP\/\d/i.test(version)) {
    return undefined;
  }
  return new SipRequest(method, parts.slice(1, -1).join(' '));
}

function salvageHeader(request: SipRequest, line: string, limits: ParseLimits): void {
  const colon = line.indexOf(':');
  const key = headerKey(line.slice(0, Math.max(colon, 0)).trim());
  if (!wanted.has(key) || line.length > limits.maxHeaderBytes) {
    return;
  }
  const isMissing =
    key === 'via' ? request.headers.count(key) < limits.maxVias : !request.headers.has(key);
  if (isMissing) {
    request.headers.append(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
  }
}

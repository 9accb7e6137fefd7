import { serverKeyOf } from '../transaction/transaction-key.ts';
import { parseVia } from '../uri/via.ts';
import type { Via } from '../uri/via.ts';
import { knownHeaderKey } from './header-names.ts';

/** What of a request an answer is made of that nothing is remembered of (RFC 3261 §8.2.6), read without parsing the rest. */
export interface RequestHead {
  readonly method: string;
  /** Values of the Via headers, the topmost first; that is one element. */
  readonly vias: readonly string[];
  readonly from: string;
  readonly to: string;
  /** Whether To has a tag: the request is in a dialog, or acknowledges something. */
  readonly hasToTag: boolean;
  readonly callId: string;
  readonly cseq: string;
  /** Whether it brings credentials. */
  readonly hasCredentials: boolean;
  /** As `serverTransactionKey` of the whole message. */
  readonly transactionKey: string;
}

const SPACE = 32;
const TAB = 9;
const tagAtEnd = /;[ \t]*tag[ \t]*=/i;
const requestLine = /^[A-Z]+ [^ ]+ SIP\/2\.0$/;

/**
 * Reads the head of a request that is written as nearly all are: CRLF, no folded lines, one element in the topmost Via and a
 * branch of RFC 3261 in it. Takes as long as to parse the request and read the same of it, and longer than to parse it alone: what
 * it spares is all that is made of a request that was parsed.
 * @returns undefined for anything else, which says nothing about the message: it is to be parsed.
 */
export function readRequestHead(bytes: Buffer): RequestHead | undefined {
  const end = bytes.indexOf('\r\n\r\n', 0, 'latin1');
  if (end < 0) return undefined;
  const text = bytes.toString('latin1', 0, end + 2);
  const firstEnd = text.indexOf('\r\n');
  const startLine = text.slice(0, firstEnd);
  if (!requestLine.test(startLine)) return undefined;
  const lines = readLines(text, firstEnd + 2);
  return lines === undefined ? undefined : headOf(startLine, lines);
}

interface Lines {
  readonly vias: string[];
  from?: string;
  to?: string;
  callId?: string;
  cseq?: string;
  hasCredentials: boolean;
}

function readLines(text: string, start: number): Lines | undefined {
  const lines: Lines = { vias: [], hasCredentials: false };
  for (let at = start; at < text.length;) {
    const lineEnd = text.indexOf('\n', at);
    const first = text.charCodeAt(at);
    // A carriage return that stands alone is a line end for some: what it hides would come back in our answer.
    const isPlain = first !== SPACE && first !== TAB && text.indexOf('\r', at) === lineEnd - 1;
    if (!isPlain || !take(lines, text.slice(at, lineEnd - 1))) return undefined;
    at = lineEnd + 1;
  }
  return lines;
}

/** @returns false where a header that may stand once stands twice */
function take(lines: Lines, line: string): boolean {
  const colon = line.indexOf(':');
  if (colon < 0) return false;
  switch (knownHeaderKey(line.slice(0, colon).trimEnd())) {
    case 'via':
      lines.vias.push(valueOf(line, colon));
      return true;
    case 'from':
      if (lines.from !== undefined) return false;
      lines.from = valueOf(line, colon);
      return true;
    case 'to':
      if (lines.to !== undefined) return false;
      lines.to = valueOf(line, colon);
      return true;
    case 'call-id':
      if (lines.callId !== undefined) return false;
      lines.callId = valueOf(line, colon);
      return true;
    case 'cseq':
      if (lines.cseq !== undefined) return false;
      lines.cseq = valueOf(line, colon);
      return true;
    case 'authorization':
    case 'proxy-authorization':
      lines.hasCredentials = true;
      return true;
    default:
      return true;
  }
}

function headOf(startLine: string, lines: Lines): RequestHead | undefined {
  const { vias, from, to, callId, cseq, hasCredentials } = lines;
  const [top = ''] = vias;
  const method = startLine.slice(0, startLine.indexOf(' '));
  const isWhole =
    from !== undefined && to !== undefined && callId !== undefined && cseq !== undefined;
  if (!isWhole || callId === '' || !cseq.endsWith(` ${method}`) || top.includes(',')) {
    return undefined;
  }
  const via = viaOf(top);
  const transactionKey = via === undefined ? undefined : serverKeyOf(via, method);
  if (transactionKey === undefined) return undefined;
  // A tag inside the brackets would be the URI's.
  const hasToTag = tagAtEnd.test(to.slice(to.lastIndexOf('>') + 1));
  return { method, vias, from, to, hasToTag, callId, cseq, hasCredentials, transactionKey };
}

function viaOf(top: string): Via | undefined {
  try {
    return parseVia(top);
  } catch {
    return undefined; // Parsing the whole message says what is wrong with it.
  }
}

function valueOf(line: string, colon: number): string {
  return line.slice(colon + 1).trim();
}

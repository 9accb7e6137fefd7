/** What tells a message from others, read without parsing it. A hint: nothing of it has been checked. */
export interface MessageOutline {
  /** Of a request; undefined in a response. */
  readonly method: string | undefined;
  /** Request-URI; '' in a response. */
  readonly uri: string;
  /** Of a response; 0 in a request. */
  readonly status: number;
  readonly callId: string;
  /** Of the topmost Via; '' where there is none. */
  readonly branch: string;
  readonly toTag: string | undefined;
  /** Number and method as written; '' where there is none. */
  readonly cseqNumber: string;
  readonly cseqMethod: string;
}

const statusLine = /^SIP\/2\.0 +(\d{3}) /i;
const requestLine = /^([^ \r\n]+) ([^\r\n]*) SIP\/2\.0\r?\n/i;
const callIdLine = /\n(?:call-id|i)[ \t]*:[ \t]*([^\r\n]*)/i;
const viaLine = /\n(?:via|v)[ \t]*:([^\r\n]*)/i;
const toLine = /\n(?:to|t)[ \t]*:([^\r\n]*)/i;
const cseqLine = /\ncseq[ \t]*:[ \t]*(\d+)[ \t]+([^ \t\r\n]+)/i;
const branchParameter = /;[ \t]*branch[ \t]*=[ \t]*([^;,\s]+)/i;
const tagParameter = /;[ \t]*tag[ \t]*=[ \t]*([^;,\s]+)/i;
const headEnd = /\r?\n\r?\n/;

/**
 * Reads what a relay needs to choose who gets a message: a few µs less than parsing it all. Folded headers are not followed.
 * @returns undefined where this is no SIP message with a Call-ID.
 */
export function readOutline(bytes: Buffer): MessageOutline | undefined {
  const head = headOf(bytes);
  const status = first(statusLine, head);
  const [, method = '', uri = ''] = status === '' ? (requestLine.exec(`${head}\n`) ?? []) : [];
  const callId = callIdLine.exec(head)?.[1]?.trimEnd();
  if ((status === '' && method === '') || callId === undefined) return undefined;
  const [, cseqNumber = '', cseqMethod = ''] = cseqLine.exec(head) ?? [];
  const to = first(toLine, head);
  return {
    method: method === '' ? undefined : method,
    uri,
    status: Number(status),
    callId,
    branch: first(branchParameter, first(viaLine, head)),
    // A tag inside the brackets would be the URI's.
    toTag: tagParameter.exec(to.slice(to.lastIndexOf('>') + 1))?.[1],
    cseqNumber,
    cseqMethod,
  };
}

function headOf(bytes: Buffer): string {
  const text = bytes.toString('latin1').trimStart();
  const end = text.search(headEnd);
  return end < 0 ? text : text.slice(0, end + 1);
}

function first(pattern: RegExp, text: string): string {
  return pattern.exec(text)?.[1] ?? '';
}

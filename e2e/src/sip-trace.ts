/** One message of a SIPp message trace. */
export interface TracedMessage {
  readonly direction: 'sent' | 'received';
  /** Request line or status line. */
  readonly start: string;
  /** Method of a request; undefined for a response. */
  readonly method: string | undefined;
  /** Status code of a response; undefined for a request. */
  readonly status: number | undefined;
  readonly text: string;
}

/** Reads what `sipp -trace_msg` wrote. */
export function parseTrace(text: string): readonly TracedMessage[] {
  const messages: TracedMessage[] = [];
  for (const part of text.split(/^-{40,} [^\n]*\n/m).slice(1)) {
    const match = /^UDP message (sent|received) [^\n]*\n\n([\s\S]*)$/.exec(part);
    if (match === null) continue;
    const message = match[2] ?? '';
    const start = message.slice(0, message.search(/\r?\n/));
    const status = /^SIP\/2\.0 (\d{3})/.exec(start)?.[1];
    messages.push({
      direction: match[1] === 'sent' ? 'sent' : 'received',
      start,
      method: status === undefined ? start.split(' ')[0] : undefined,
      status: status === undefined ? undefined : Number(status),
      text: message,
    });
  }
  return messages;
}

/** First value of a header of a traced message. */
export function header(message: TracedMessage, name: string): string | undefined {
  const head = message.text.split(/\r?\n\r?\n/)[0] ?? '';
  for (const line of head.split(/\r?\n/).slice(1)) {
    const colon = line.indexOf(':');
    if (line.slice(0, colon).trim().toLowerCase() === name.toLowerCase()) {
      return line.slice(colon + 1).trim();
    }
  }
  return undefined;
}

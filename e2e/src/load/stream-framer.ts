const END_OF_HEADERS = '\r\n\r\n';
const LONGEST = 65_536;

/** Cuts a stream into SIP messages as RFC 3261 §18.3 has it: by Content-Length, which must be there. */
export class StreamFramer {
  #pending: Buffer = Buffer.alloc(0);

  /**
   * The messages that are whole with these bytes.
   * @throws Error where the stream can no longer be followed
   */
  push(bytes: Buffer): readonly Buffer[] {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    const messages: Buffer[] = [];
    for (;;) {
      const message = this.#next();
      if (message === undefined) return messages;
      messages.push(message);
    }
  }

  #next(): Buffer | undefined {
    // RFC 5626 §3.5.1: line breaks between messages are keepalives.
    let start = 0;
    while (this.#pending[start] === 0x0d || this.#pending[start] === 0x0a) start++;
    if (start > 0) this.#pending = this.#pending.subarray(start);
    const headersEnd = this.#pending.indexOf(END_OF_HEADERS);
    if (headersEnd < 0) {
      if (this.#pending.length > LONGEST) throw new Error('headers without an end');
      return undefined;
    }
    const head = this.#pending.subarray(0, headersEnd).toString('latin1');
    const length = /\r\n(?:content-length|l)[ \t]*:[ \t]*(\d+)/i.exec(head)?.[1];
    if (length === undefined) throw new Error(`no Content-Length: ${head.slice(0, 200)}`);
    const end = headersEnd + END_OF_HEADERS.length + Number(length);
    if (end > LONGEST * 2) throw new Error(`Content-Length ${length}`);
    if (this.#pending.length < end) return undefined;
    const message = this.#pending.subarray(0, end);
    this.#pending = this.#pending.subarray(end);
    return message;
  }
}

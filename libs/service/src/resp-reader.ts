/** A reply of Redis: RESP2, bulk strings as bytes. An error inside an array is an Error in its place. */
export type RedisReply = Buffer | number | string | null | Error | RedisReply[];

/** An array whose items are still arriving. */
interface OpenArray {
  readonly items: RedisReply[];
  missing: number;
}

const CR_LF = '\r\n';
const PLUS = 0x2b;
const MINUS = 0x2d;
const COLON = 0x3a;
const DOLLAR = 0x24;
const STAR = 0x2a;

/**
 * Reads replies out of the chunks of a connection (Redis serialization protocol, version 2). What of a
 * reply has been read is kept, so that a long list is not read again with each chunk.
 */
export class RespReader {
  readonly #onReply: (reply: RedisReply) => void;
  readonly #open: OpenArray[] = [];
  #bytes: Buffer = Buffer.alloc(0);
  #position = 0;

  constructor(onReply: (reply: RedisReply) => void) {
    this.#onReply = onReply;
  }

  /**
   * Takes what arrived and hands on each reply that is complete.
   * @throws TypeError where the bytes are no RESP.
   */
  feed(chunk: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    this.#position = 0;
    while (this.#position < this.#bytes.length && this.#readOne());
    this.#bytes = this.#bytes.subarray(this.#position);
  }

  /** Reads one value at the position; false, and nothing consumed, where it is not complete yet. */
  #readOne(): boolean {
    const lineEnd = this.#bytes.indexOf(CR_LF, this.#position, 'latin1');
    if (lineEnd === -1) return false;
    const kind = this.#bytes[this.#position];
    const line = this.#bytes.toString('latin1', this.#position + 1, lineEnd);
    const next = lineEnd + 2;
    switch (kind) {
      case DOLLAR:
        return this.#readBulk(Number(line), next);
      case STAR:
        this.#position = next;
        this.#openArray(Number(line));
        return true;
      case COLON:
        this.#position = next;
        this.#take(Number(line));
        return true;
      case PLUS:
        this.#position = next;
        this.#take(line);
        return true;
      case MINUS:
        this.#position = next;
        this.#take(new Error(line));
        return true;
      default:
        throw new TypeError(`no RESP reply begins with byte ${String(kind)}`);
    }
  }

  #readBulk(length: number, start: number): boolean {
    if (length < 0) {
      this.#position = start;
      this.#take(null);
      return true;
    }
    const end = start + length;
    if (this.#bytes.length < end + 2) return false;
    this.#position = end + 2;
    this.#take(this.#bytes.subarray(start, end));
    return true;
  }

  #openArray(length: number): void {
    if (length < 0) this.#take(null);
    else if (length === 0) this.#take([]);
    else this.#open.push({ items: [], missing: length });
  }

  /** A value is complete: it belongs to the innermost open array, which it may complete in turn. */
  #take(reply: RedisReply): void {
    let value = reply;
    for (;;) {
      const array = this.#open.at(-1);
      if (array === undefined) {
        this.#onReply(value);
        return;
      }
      array.items.push(value);
      array.missing--;
      if (array.missing > 0) return;
      this.#open.pop();
      value = array.items;
    }
  }
}

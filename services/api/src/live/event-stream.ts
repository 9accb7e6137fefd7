import { Readable } from 'node:stream';

/** What may lie in a stream that its reader does not read, in bytes. */
const HIGH_WATER = 256 * 1024;

/** Server-sent events (WHATWG HTML §9.2). Who reads slowly is told nothing until he has read, and then all. */
export class EventStream extends Readable {
  readonly #onCaughtUp: () => void;
  #isBehind = false;

  /** @param onCaughtUp is asked to tell all again, after some was left out */
  constructor(onCaughtUp: () => void) {
    super({ highWaterMark: HIGH_WATER });
    this.#onCaughtUp = onCaughtUp;
    // A browser that loses the connection waits so long before it comes again.
    this.push('retry: 2000\n\n');
  }

  /** @returns false where it was left out, since the reader is behind */
  event(name: string, data: object): boolean {
    if (this.#isBehind || this.destroyed) return false;
    this.#isBehind = !this.push(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
    return true;
  }

  /** A sign of life, which keeps proxies from closing it. */
  comment(): void {
    if (!this.#isBehind && !this.destroyed) this.push(':\n\n');
  }

  /** The last event. */
  end(data: object): void {
    if (this.destroyed) return;
    this.push(`event: end\ndata: ${JSON.stringify(data)}\n\n`);
    this.push(null);
  }

  override _read(): void {
    if (!this.#isBehind) return;
    this.#isBehind = false;
    // Not within the read that asks for it.
    setImmediate(this.#onCaughtUp);
  }
}

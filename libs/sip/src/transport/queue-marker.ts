import { randomFillSync } from 'node:crypto';
import type { Socket } from 'node:dgram';

/** A first byte that neither SIP, STUN nor a keepalive has. */
const FIRST = 0xf5;
const MARKER_BYTES = 12;
const COUNT_AT = 8;
/** More are not waited for: what came before is lost. */
const MOST_OUT = 32;
/** What was measured says nothing of a time that is so much later. */
const STALE_MS = 2000;
/** Where none has come back for so long it is no queue that stops them: even one that overflows takes some. */
const BLOCKED_MS = 10_000;
/** Where a socket that is bound to any address reaches itself. */
const ownAddresses: ReadonlyMap<string, string> = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
]);

/** A datagram socket, as far as it is measured. */
export type MarkedSocket = Pick<Socket, 'address' | 'send'>;

/**
 * Measures how long datagrams wait in the receive queue of a socket, by datagrams of its own that go through it: each one's
 * content is known to this socket alone. A queue that is full loses them, as it does others: one that does not come back is one
 * that still waits, until a later one comes.
 */
export class QueueMarker {
  readonly #bytes = randomFillSync(Buffer.alloc(MARKER_BYTES));
  readonly #socket: MarkedSocket;
  readonly #now: () => number;
  /** When those that may still come were sent, oldest first; the number of the oldest. */
  readonly #out: number[] = [];
  #oldest = 0;
  #takenMs = -Infinity;
  #askedMs = -Infinity;
  #delayMs = 0;

  /** @param now a clock that never goes back, in ms */
  constructor(socket: MarkedSocket, now = () => performance.now()) {
    this.#socket = socket;
    this.#now = now;
    this.#bytes[0] = FIRST;
  }

  /** Sees every datagram. @returns whether it is a marker of this socket, so that nobody else is to see it */
  take(bytes: Buffer): boolean {
    if (bytes[0] !== FIRST || !this.#isOwn(bytes)) return false;
    const index = bytes.readUInt32BE(COUNT_AT) - this.#oldest;
    const sentMs = this.#out[index];
    if (sentMs === undefined) return true;
    // The queue keeps its order: those before are lost.
    this.#out.splice(0, index + 1);
    this.#oldest += index + 1;
    this.#takenMs = this.#now();
    this.#delayMs = this.#takenMs - sentMs;
    return true;
  }

  /**
   * How long the last marker waited, or one that is on its way has waited until now; 0 where something else than a queue stops
   * them. Sends the next one: where nobody asks nothing is sent.
   */
  delayMs(): number {
    const nowMs = this.#now();
    if (nowMs - this.#askedMs > STALE_MS) {
      this.#oldest += this.#out.length;
      this.#out.length = 0;
    }
    this.#askedMs = nowMs;
    const waitedMs = nowMs - (this.#out[0] ?? nowMs);
    const silentMs = nowMs - this.#takenMs;
    this.#send(nowMs);
    if (silentMs > BLOCKED_MS) return 0;
    return Math.max(silentMs > STALE_MS ? 0 : this.#delayMs, waitedMs);
  }

  #isOwn(bytes: Buffer): boolean {
    return (
      bytes.length === MARKER_BYTES && bytes.compare(this.#bytes, 0, COUNT_AT, 0, COUNT_AT) === 0
    );
  }

  #send(nowMs: number): void {
    const { address, port } = this.#socket.address();
    if (this.#out.length === MOST_OUT) {
      this.#out.shift();
      this.#oldest++;
    }
    this.#bytes.writeUInt32BE(this.#oldest + this.#out.length, COUNT_AT);
    this.#out.push(nowMs);
    // A copy: the socket may send it later. One that cannot be sent is one that does not come back.
    this.#socket.send(Buffer.from(this.#bytes), port, ownAddresses.get(address) ?? address, ignore);
  }
}

function ignore(): void {
  // It is not missed.
}

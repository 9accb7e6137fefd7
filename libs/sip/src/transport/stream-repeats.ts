import { readOutline } from '../message/outline.ts';
import type { MessageOutline } from '../message/outline.ts';
import type { TimerPort } from '../transaction/timer-port.ts';

/** What a {@link StreamRepeats} works with. */
export interface StreamRepeatsOptions {
  readonly clock: TimerPort & { now(): number };
  /** A request, or the ACK of a refusal, is to be given again to whoever is to handle it, as if it had just come. */
  readonly onAgain: (bytes: Buffer, connection: number) => void;
  /** A request was written to a connection that closed before any answer came. */
  readonly onUnanswered: (bytes: Buffer, connection: number) => void;
  /** @default 500 ms */
  readonly t1Ms?: number;
  /** @default 4 s */
  readonly t2Ms?: number;
}

/** A request that came by a connection, until its final response has been written to it, and a while longer. */
interface Incoming {
  readonly bytes: Buffer;
  readonly connection: number;
  readonly isInvite: boolean;
  readonly startedMs: number;
  waitMs: number;
  timer: object | undefined;
  isFinal: boolean;
  ack: Buffer | undefined;
  expiresMs: number;
}

/** A request that was written to a connection, with the last that was said to it. */
interface Outgoing {
  readonly bytes: Buffer;
  readonly connection: number;
  readonly isInvite: boolean;
  response: Buffer | undefined;
  waitMs: number;
  timer: object | undefined;
  isAcknowledged: boolean;
  expiresMs: number;
}

/**
 * For so many T1 the pause does not grow: the death of a process is noticed by its silence, and what was lost with it is to
 * get through with the next repetition.
 */
const STEADY_T1 = 4;
/** 64 × T1: what a transaction may take, and how long its messages may be repeated. */
const TRANSACTION_MS = 32_000;
/** How long an INVITE may ring. */
const INVITE_MS = 300_000;
const SWEEP_MS = 8000;
/** Past this many, a peer's requests are passed on without being remembered. */
const MOST_ENTRIES = 200_000;

/**
 * Makes a stream look like datagrams to those behind whoever holds its connection (edge.md §3). Peers repeat nothing over
 * TCP, so what was given to a process that died would be lost for good, and what others repeat would come twice:
 *
 * - a request that came by a connection is given again, as its sender would repeat it over UDP, but every T1 for the first two
 *   seconds, until it is answered;
 * - a request that is written a second time to an open connection is not sent, its answer is given again instead;
 * - a final response is written once (a 2xx to an INVITE is repeated end to end and passes), and its ACK is given again;
 * - a refusal of an INVITE that came by a connection is given again until its ACK is written, a provisional response once.
 */
export class StreamRepeats {
  readonly #options: StreamRepeatsOptions;
  readonly #t1Ms: number;
  readonly #t2Ms: number;
  readonly #incoming = new Map<string, Incoming>();
  readonly #outgoing = new Map<string, Outgoing>();
  #sweptMs = 0;

  constructor(options: StreamRepeatsOptions) {
    this.#options = options;
    this.#t1Ms = options.t1Ms ?? 500;
    this.#t2Ms = options.t2Ms ?? 4000;
  }

  /** A message has come by a connection; it is passed on whatever this does. */
  received(bytes: Buffer, connection: number): void {
    this.#sweep();
    const outline = readOutline(bytes);
    if (outline === undefined) return;
    if (outline.method === undefined) this.#receivedResponse(bytes, outline);
    else this.#receivedRequest(bytes, connection, outline);
  }

  /** Whether a message is to be written to the connection; `isOpen` says which connections are. */
  isToSend(bytes: Buffer, isOpen: (connection: number) => boolean): boolean {
    const outline = readOutline(bytes);
    if (outline === undefined) return true;
    return outline.method === undefined
      ? this.#isResponseToSend(outline)
      : this.#isRequestToSend(outline, isOpen);
  }

  /** A message is written to a connection. */
  sent(bytes: Buffer, connection: number): void {
    const outline = readOutline(bytes);
    const method = outline?.method;
    if (outline === undefined || method === undefined || method === 'ACK') return;
    if (this.#outgoing.size >= MOST_ENTRIES) return;
    const isInvite = method === 'INVITE';
    const expiresMs = this.#options.clock.now() + (isInvite ? INVITE_MS : TRANSACTION_MS);
    const entry = { bytes, connection, isInvite, waitMs: this.#t1Ms, isAcknowledged: false };
    const nothing = { response: undefined, timer: undefined };
    this.#outgoing.set(keyOf(outline), { ...entry, ...nothing, expiresMs });
  }

  /** A connection has closed. */
  closed(connection: number): void {
    for (const [key, entry] of this.#incoming) {
      if (entry.connection === connection) this.#forgetIncoming(key, entry);
    }
    const unanswered: Buffer[] = [];
    for (const [key, entry] of this.#outgoing) {
      if (entry.connection !== connection) continue;
      this.#forgetOutgoing(key, entry);
      if (entry.response === undefined) unanswered.push(entry.bytes);
    }
    for (const bytes of unanswered) this.#options.onUnanswered(bytes, connection);
  }

  /** Stops all timers. */
  close(): void {
    for (const [key, entry] of this.#incoming) this.#forgetIncoming(key, entry);
    for (const [key, entry] of this.#outgoing) this.#forgetOutgoing(key, entry);
  }

  #receivedRequest(bytes: Buffer, connection: number, outline: MessageOutline): void {
    if (outline.method === 'ACK') {
      const entry = this.#incoming.get(keyOf({ ...outline, cseqMethod: 'INVITE' }));
      if (entry?.isFinal === true) entry.ack = bytes;
      return;
    }
    const key = keyOf(outline);
    if (this.#incoming.has(key) || this.#incoming.size >= MOST_ENTRIES) return;
    const startedMs = this.#options.clock.now();
    const isInvite = outline.method === 'INVITE';
    const entry: Incoming = {
      bytes,
      connection,
      isInvite,
      startedMs,
      waitMs: this.#t1Ms,
      timer: undefined,
      isFinal: false,
      ack: undefined,
      expiresMs: startedMs + (isInvite ? INVITE_MS : TRANSACTION_MS),
    };
    this.#incoming.set(key, entry);
    this.#awaitAnswer(entry);
  }

  /** RFC 3261 §17.1: as timers A and E of a client over UDP, after a steady while. */
  #awaitAnswer(entry: Incoming): void {
    const { clock, onAgain } = this.#options;
    entry.timer = clock.start(entry.waitMs, () => {
      entry.timer = undefined;
      const tookMs = clock.now() - entry.startedMs;
      if (tookMs >= TRANSACTION_MS) return;
      if (tookMs >= STEADY_T1 * this.#t1Ms) {
        const doubled = 2 * entry.waitMs;
        entry.waitMs = entry.isInvite ? doubled : Math.min(doubled, this.#t2Ms);
      }
      this.#awaitAnswer(entry);
      onAgain(entry.bytes, entry.connection);
    });
  }

  #receivedResponse(bytes: Buffer, outline: MessageOutline): void {
    const entry = this.#outgoing.get(keyOf(outline));
    if (entry === undefined) return;
    entry.response = bytes;
    const { status } = outline;
    if (status >= 200) entry.expiresMs = this.#options.clock.now() + TRANSACTION_MS;
    if (!entry.isInvite) return;
    this.#stop(entry);
    if (entry.isAcknowledged || (status >= 200 && status < 300)) return;
    entry.waitMs = this.#t1Ms;
    this.#awaitAck(entry, bytes, status >= 300);
  }

  /** As timer G of the peer over UDP; what is provisional may have been lost too, but nothing says that it was not. */
  #awaitAck(entry: Outgoing, response: Buffer, isRepeated: boolean): void {
    const { clock, onAgain } = this.#options;
    entry.timer = clock.start(entry.waitMs, () => {
      entry.timer = undefined;
      entry.waitMs = Math.min(2 * entry.waitMs, this.#t2Ms);
      if (isRepeated && clock.now() < entry.expiresMs) this.#awaitAck(entry, response, true);
      onAgain(response, entry.connection);
    });
  }

  #isResponseToSend(outline: MessageOutline): boolean {
    const entry = this.#incoming.get(keyOf(outline));
    if (entry === undefined) return true;
    if (outline.status < 200) {
      if (entry.isInvite) this.#stop(entry);
      else entry.waitMs = this.#t2Ms;
      return true;
    }
    const wasFinal = entry.isFinal;
    this.#stop(entry);
    entry.isFinal = true;
    entry.expiresMs = this.#options.clock.now() + TRANSACTION_MS;
    if (!wasFinal || (entry.isInvite && outline.status < 300)) return true;
    const { ack, connection } = entry;
    // Whoever repeats a refusal has not seen its ACK.
    if (ack !== undefined) this.#again(ack, connection);
    return false;
  }

  #isRequestToSend(outline: MessageOutline, isOpen: (connection: number) => boolean): boolean {
    if (outline.method === 'ACK') return this.#isAckToSend(outline);
    const entry = this.#outgoing.get(keyOf(outline));
    if (entry === undefined || !isOpen(entry.connection)) return true;
    if (entry.response !== undefined) this.#again(entry.response, entry.connection);
    return false;
  }

  /** The ACK of a 2xx has a branch of its own and passes; that of a refusal is written once. */
  #isAckToSend(outline: MessageOutline): boolean {
    const entry = this.#outgoing.get(keyOf({ ...outline, cseqMethod: 'INVITE' }));
    if (entry === undefined) return true;
    this.#stop(entry);
    const wasAcknowledged = entry.isAcknowledged;
    entry.isAcknowledged = true;
    return !wasAcknowledged;
  }

  /** Never within the call that asked for it: who sends is in the middle of something. */
  #again(bytes: Buffer, connection: number): void {
    this.#options.clock.start(0, () => {
      this.#options.onAgain(bytes, connection);
    });
  }

  #stop(entry: Incoming | Outgoing): void {
    if (entry.timer !== undefined) this.#options.clock.stop(entry.timer);
    entry.timer = undefined;
  }

  #forgetIncoming(key: string, entry: Incoming): void {
    this.#stop(entry);
    this.#incoming.delete(key);
  }

  #forgetOutgoing(key: string, entry: Outgoing): void {
    this.#stop(entry);
    this.#outgoing.delete(key);
  }

  #sweep(): void {
    const nowMs = this.#options.clock.now();
    if (nowMs - this.#sweptMs < SWEEP_MS) return;
    this.#sweptMs = nowMs;
    for (const [key, entry] of this.#incoming) {
      if (entry.expiresMs < nowMs) this.#forgetIncoming(key, entry);
    }
    for (const [key, entry] of this.#outgoing) {
      if (entry.expiresMs < nowMs) this.#forgetOutgoing(key, entry);
    }
  }
}

/** A transaction, from either of its messages (RFC 3261 §17.1.3), for peers of RFC 2543 without branches too. */
function keyOf(outline: MessageOutline): string {
  const { branch, cseqNumber, cseqMethod, callId } = outline;
  return `${branch} ${cseqMethod} ${cseqNumber} ${callId}`;
}

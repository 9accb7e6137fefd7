import type { Socket } from 'node:net';
import { StreamFramer } from './stream-framer.ts';
import type { StreamFramerSink } from './stream-framer.ts';
import type { ParseLimits } from '../message/limits.ts';

/** One connection of a peer, however messages are told apart on it. */
export interface PeerConnection {
  readonly id: number;
  /** @returns whether it was taken: not by a connection that is closed, or whose peer does not read */
  send(bytes: Buffer): boolean;
  /** Whether it still takes what is to be sent. */
  readonly isUsable: boolean;
  /** Whether nothing has passed for `idleMs`, or a message has been coming for `messageMs`. */
  isStale(nowMs: number, idleMs: number, messageMs: number): boolean;
  /** Sends what is left, then closes. */
  end(): void;
  /** Closes at once. */
  drop(): void;
}

/** What a connection tells its transport. None of them may throw. */
export interface TcpConnectionUser extends Pick<StreamFramerSink, 'onMessage' | 'onBroken'> {
  onPing(): void;
  /** It is closed; `unsent` was given to it and never left, for it was never open. */
  onClosed(unsent: readonly Buffer[]): void;
}

/** How a connection is kept. */
export interface TcpConnectionOptions {
  readonly id: number;
  /** Plain, or with TLS. */
  readonly socket: Socket;
  /** Whether it is open: accepted, rather than being opened by us. */
  readonly isOpen: boolean;
  readonly limits?: Partial<ParseLimits> | undefined;
  /** The most that may wait for a peer that does not read. */
  readonly maxBufferBytes: number;
  readonly user: TcpConnectionUser;
}

/** How long the peer of a connection that closes may take for what was sent to it. */
const CLOSING_MS = 5000;
const lineBreak = Buffer.from('\r\n');

/** One TCP connection, plain or with TLS: messages in, bytes out, bounded both ways. */
export class TcpConnection implements PeerConnection {
  readonly id: number;
  readonly #socket: Socket;
  readonly #user: TcpConnectionUser;
  readonly #framer: StreamFramer;
  readonly #maxBufferBytes: number;
  #isOpen: boolean;
  #isClosed = false;
  #isCorked = false;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #usedMs: number;
  /** When the message that is not whole began to come. */
  #pendingSinceMs = 0;
  #connectTimer: NodeJS.Timeout | undefined;

  constructor(options: TcpConnectionOptions) {
    const { socket, user } = options;
    this.id = options.id;
    this.#socket = socket;
    this.#user = user;
    this.#maxBufferBytes = options.maxBufferBytes;
    this.#isOpen = options.isOpen;
    this.#usedMs = performance.now();
    this.#framer = new StreamFramer(
      {
        onMessage: (bytes) => {
          // What is behind it in the segment begins another one.
          this.#pendingSinceMs = this.#usedMs;
          user.onMessage(bytes);
        },
        onPing: () => {
          user.onPing();
          this.send(lineBreak);
        },
        onBroken: (error) => {
          user.onBroken(error);
          this.end();
        },
      },
      options.limits,
    );
    socket.setNoDelay(true);
    socket.on('data', (segment) => {
      this.#read(segment);
    });
    // What is wrong with one connection is seen by its end; 'close' follows.
    socket.on('error', () => undefined);
    socket.on('end', () => {
      this.end();
    });
    socket.on('close', () => {
      this.#closed();
    });
  }

  /** For a connection that is being opened, which the event tells: gives up after `ms`. */
  awaitOpen(ms: number, event: 'connect' | 'secureConnect'): void {
    this.#connectTimer = setTimeout(() => {
      this.drop();
    }, ms);
    this.#socket.once(event, () => {
      clearTimeout(this.#connectTimer);
      this.#isOpen = true;
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const bytes of waiting) this.#write(bytes);
    });
  }

  send(bytes: Buffer): boolean {
    if (this.#isClosed) return false;
    this.#usedMs = performance.now();
    if (!this.#isOpen) {
      if (this.#waitingBytes + bytes.length > this.#maxBufferBytes) return false;
      this.#waitingBytes += bytes.length;
      this.#waiting.push(bytes);
      return true;
    }
    if (this.#socket.writableLength + bytes.length > this.#maxBufferBytes) {
      this.drop();
      return false;
    }
    this.#write(bytes);
    return true;
  }

  get isUsable(): boolean {
    return !this.#isClosed;
  }

  isStale(nowMs: number, idleMs: number, messageMs: number): boolean {
    if (this.#isClosed && nowMs - this.#usedMs > CLOSING_MS) return true;
    if (this.#framer.isPending && nowMs - this.#pendingSinceMs > messageMs) return true;
    return nowMs - this.#usedMs > idleMs;
  }

  end(): void {
    this.#isClosed = true;
    this.#framer.stop();
    this.#socket.destroySoon();
  }

  drop(): void {
    this.#isClosed = true;
    this.#framer.stop();
    this.#socket.destroy();
  }

  #read(segment: Buffer): void {
    this.#usedMs = performance.now();
    if (!this.#framer.isPending) this.#pendingSinceMs = this.#usedMs;
    this.#framer.push(segment);
  }

  /** What is sent in one turn of the event loop leaves in one write. */
  #write(bytes: Buffer): void {
    if (!this.#isCorked) {
      this.#isCorked = true;
      this.#socket.cork();
      process.nextTick(() => {
        this.#isCorked = false;
        this.#socket.uncork();
      });
    }
    this.#socket.write(bytes);
  }

  #closed(): void {
    this.#isClosed = true;
    clearTimeout(this.#connectTimer);
    this.#framer.stop();
    const unsent = this.#waiting;
    this.#waiting = [];
    this.#user.onClosed(unsent);
  }
}

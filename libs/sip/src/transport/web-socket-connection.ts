import { isUtf8 } from 'node:buffer';
import type { WebSocket } from 'ws';
import type { PeerConnection, TcpConnectionUser } from './tcp-connection.ts';

/** How a connection is kept. */
export interface WebSocketConnectionOptions {
  readonly id: number;
  /** Open. */
  readonly socket: WebSocket;
  /** The most that may wait for a peer that does not read. */
  readonly maxBufferBytes: number;
  /** How often the peer is asked whether it lives; one that has not answered by the next time does not. */
  readonly pingMs: number;
  readonly user: Omit<TcpConnectionUser, 'onBroken'>;
}

/** How long the peer of a connection that closes may take for what was sent to it. */
const CLOSING_MS = 5000;
/** RFC 6455 §7.4.1. */
const GOING_AWAY = 1001;

/** One WebSocket with SIP (RFC 7118): each frame is a message, text or binary. */
export class WebSocketConnection implements PeerConnection {
  readonly id: number;
  readonly #socket: WebSocket;
  readonly #user: WebSocketConnectionOptions['user'];
  readonly #maxBufferBytes: number;
  readonly #pingMs: number;
  #isClosed = false;
  #usedMs = performance.now();
  #askedMs = performance.now();
  #isAnswered = true;

  constructor({ id, maxBufferBytes, pingMs, socket, user }: WebSocketConnectionOptions) {
    this.id = id;
    this.#socket = socket;
    this.#user = user;
    this.#maxBufferBytes = maxBufferBytes;
    this.#pingMs = pingMs;
    socket.on('message', (data) => {
      this.#read(data as Buffer);
    });
    socket.on('pong', () => {
      this.#isAnswered = true;
      // Who answers is there, however long it has nothing to say.
      this.#usedMs = performance.now();
    });
    // What is wrong with one connection is seen by its end; 'close' follows.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#isClosed = true;
      user.onClosed([]);
    });
  }

  get isUsable(): boolean {
    return !this.#isClosed && this.#socket.readyState === this.#socket.OPEN;
  }

  send(bytes: Buffer): boolean {
    if (!this.isUsable) return false;
    this.#usedMs = performance.now();
    if (this.#socket.bufferedAmount + bytes.length > this.#maxBufferBytes) {
      this.drop();
      return false;
    }
    // RFC 7118 §4.2: what is no UTF-8 must not be a text frame.
    this.#socket.send(bytes, { binary: !isUtf8(bytes) });
    return true;
  }

  /** A frame is whole or not there: the library bounds its length, and silence ends what does not come. */
  isStale(nowMs: number, idleMs: number): boolean {
    if (this.#isClosed) return nowMs - this.#usedMs > CLOSING_MS;
    if (nowMs - this.#askedMs > this.#pingMs) {
      if (!this.#isAnswered) return true;
      this.#isAnswered = false;
      this.#askedMs = nowMs;
      this.#socket.ping();
    }
    return nowMs - this.#usedMs > idleMs;
  }

  end(): void {
    this.#isClosed = true;
    this.#usedMs = performance.now();
    this.#socket.close(GOING_AWAY);
  }

  drop(): void {
    this.#isClosed = true;
    this.#socket.terminate();
  }

  #read(bytes: Buffer): void {
    if (this.#isClosed) return;
    this.#usedMs = performance.now();
    // RFC 5626 §3.5.1: some clients ask as they would over TCP.
    if (bytes.length === 4 && bytes.equals(ping)) {
      this.#user.onPing();
      this.send(pong);
    } else if (bytes.length > 0) {
      this.#user.onMessage(bytes);
    }
  }
}

const ping = Buffer.from('\r\n\r\n');
const pong = Buffer.from('\r\n');

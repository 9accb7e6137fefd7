import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Endpoint } from '@tandem/sip';

/** When each question of a stream was answered, in ms; in the order of the answers. */
type Answers = readonly number[];

/** A time without an answer. */
export interface Silence {
  readonly fromMs: number;
  readonly ms: number;
}

/**
 * The longest time without an answer.
 * @param beganMs when the first question was asked
 * @param endedMs when the last one was
 */
export function longestSilence(answers: Answers, beganMs: number, endedMs: number): Silence {
  let longest: Silence = { fromMs: beganMs, ms: 0 };
  let last = beganMs;
  for (const at of [...answers, endedMs]) {
    if (at - last > longest.ms) longest = { fromMs: last, ms: at - last };
    last = Math.max(last, at);
  }
  return longest;
}

/** What a peer heard of the switch. */
export interface Heard {
  /** Longest time without an answer in the worst stream, ms. */
  readonly gapMs: number;
  /** When it began, after the start. */
  readonly gapAtMs: number;
  /** How many of the streams were without an answer for half of it and longer at that time: all where nobody answered, fewer where a worker did not. */
  readonly streams: number;
  readonly asked: number;
  readonly answered: number;
}

/** As many Call-IDs as make it likely that every worker has one: each is taken by the pod that its hash names. */
const STREAMS = 8;
const EVERY_MS = 50;

/**
 * A peer that asks the switch for its OPTIONS all the time, from one socket: one fixed 5-tuple, several Call-IDs, each asked anew
 * every 50 ms. How long the worst of them stays without an answer is the gap that an event makes.
 */
export class SilenceWatch {
  readonly #socket: Socket;
  readonly #target: Endpoint;
  readonly #own: Endpoint;
  readonly #answers: number[][] = Array.from({ length: STREAMS }, () => []);
  readonly #beganMs = performance.now();
  readonly #timer: NodeJS.Timeout;
  #sequence = 0;
  #next = 0;

  private constructor(socket: Socket, target: Endpoint) {
    this.#socket = socket;
    this.#target = target;
    this.#own = { address: socket.address().address, port: socket.address().port };
    socket.on('message', (message) => {
      this.#receive(message.toString('latin1'));
    });
    // Nobody at the address for a moment: that is what is measured.
    socket.on('error', () => undefined);
    this.#timer = setInterval(() => {
      this.#ask();
    }, EVERY_MS / STREAMS);
  }

  /** @param from the peer's address; the switch answers OPTIONS of everybody */
  static async start(target: Endpoint, from: string): Promise<SilenceWatch> {
    const socket = createSocket('udp4');
    socket.bind(0, from);
    await once(socket, 'listening');
    return new SilenceWatch(socket, target);
  }

  /** Asks no more. @returns what was heard since the start */
  stop(): Heard {
    clearInterval(this.#timer);
    const endedMs = performance.now();
    this.#socket.close();
    const gaps = this.#answers.map((each) => longestSilence(each, this.#beganMs, endedMs));
    const worst = gaps.reduce((one, other) => (other.ms > one.ms ? other : one));
    const isAtThatTime = ({ fromMs, ms }: Silence): boolean =>
      ms >= worst.ms / 2 && fromMs < worst.fromMs + worst.ms && fromMs + ms > worst.fromMs;
    return {
      gapMs: Math.round(worst.ms),
      gapAtMs: Math.round(worst.fromMs - this.#beganMs),
      streams: gaps.filter(isAtThatTime).length,
      asked: this.#sequence,
      answered: this.#answers.reduce((sum, { length }) => sum + length, 0),
    };
  }

  #ask(): void {
    const stream = this.#next;
    this.#next = (this.#next + 1) % STREAMS;
    const sequence = String(++this.#sequence);
    const { address, port } = this.#own;
    const target = `${this.#target.address}:${String(this.#target.port)}`;
    const message = [
      `OPTIONS sip:${target} SIP/2.0`,
      `Via: SIP/2.0/UDP ${address}:${String(port)};branch=z9hG4bKw${String(port)}x${sequence};rport`,
      'Max-Forwards: 70',
      `From: <sip:watch@${address}>;tag=w${String(stream)}`,
      `To: <sip:${target}>`,
      `Call-ID: watch-${String(stream)}-${String(port)}@${address}`,
      `CSeq: ${sequence} OPTIONS`,
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n');
    this.#socket.send(message, this.#target.port, this.#target.address);
  }

  #receive(message: string): void {
    const stream = /^(?:Call-ID|i): *watch-(\d+)-/im.exec(message)?.[1];
    if (stream !== undefined) this.#answers[Number(stream)]?.push(performance.now());
  }
}

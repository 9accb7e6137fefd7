import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Endpoint } from '@tandem/sip';
import { floodAck, floodInvite, floodRegister, garbage } from './flood-messages.ts';
import type { FloodMix, FloodPlace } from './flood-messages.ts';

/** What is sent where. */
export interface FloodOptions {
  readonly target: Endpoint;
  readonly perSecond: number;
  readonly mix: FloodMix;
  /** Addresses from which it comes. */
  readonly sources: readonly string[];
}

/** What a flood has sent, and what came back. */
export interface FloodCounts {
  readonly sent: number;
  readonly fresh: number;
  /** Responses to INVITEs by status, each repetition too. */
  readonly answers: Readonly<Record<string, number>>;
  /** Retry-After as they came, and how often. */
  readonly retryAfter: Readonly<Record<string, number>>;
}

const TICK_MS = 10;
const KEPT_INVITES = 2000;

/** Sends far more than a switch can take, evenly, and acknowledges what it is refused. */
export class Flooder {
  readonly #options: FloodOptions;
  readonly #senders: { readonly socket: Socket; readonly place: FloodPlace }[] = [];
  readonly #recent: { readonly bytes: Buffer; readonly socket: Socket }[] = [];
  readonly #answers: Record<string, number> = {};
  readonly #retryAfter: Record<string, number> = {};
  #timer: NodeJS.Timeout | undefined;
  #count = 0;
  #fresh = 0;

  private constructor(options: FloodOptions) {
    this.#options = options;
  }

  /** Opens its sockets. */
  static async open(options: FloodOptions): Promise<Flooder> {
    const flooder = new Flooder(options);
    for (const address of options.sources) await flooder.#bind(address);
    return flooder;
  }

  start(): void {
    const startedMs = performance.now();
    this.#timer = setInterval(() => {
      const due = ((performance.now() - startedMs) * this.#options.perSecond) / 1000;
      // Whoever cannot send so much does not make up for it in one burst.
      const most = this.#count + (this.#options.perSecond * TICK_MS * 5) / 1000;
      while (this.#count < Math.min(due, most)) this.#send();
    }, TICK_MS);
  }

  get counts(): FloodCounts {
    return {
      sent: this.#count,
      fresh: this.#fresh,
      answers: { ...this.#answers },
      retryAfter: { ...this.#retryAfter },
    };
  }

  stop(): FloodCounts {
    clearInterval(this.#timer);
    return this.counts;
  }

  close(): void {
    clearInterval(this.#timer);
    for (const { socket } of this.#senders) socket.close();
  }

  async #bind(address: string): Promise<void> {
    const socket = createSocket({
      type: 'udp4',
      recvBufferSize: 4_194_304,
      sendBufferSize: 4_194_304,
    });
    socket.bind(0, address);
    await once(socket, 'listening');
    const { target } = this.#options;
    const place = { address, port: socket.address().port, target: target.address };
    socket.on('message', (bytes) => {
      this.#answered(bytes.toString('latin1'), { socket, place });
    });
    this.#senders.push({ socket, place });
  }

  #send(): void {
    const at = this.#count++;
    const sender = this.#senders[at % this.#senders.length];
    if (sender === undefined) return;
    const { socket, place } = sender;
    const id = `f${String(place.port)}-${String(at)}`;
    const { fresh, repeated, register, garbage: rest } = this.#options.mix;
    // Spread evenly: the golden ratio leaves no gaps.
    const draw = ((at * 0.618_033_988_75) % 1) * (fresh + repeated + register + rest);
    const again = this.#recent[(at * 7) % Math.max(1, this.#recent.length)];
    if (draw >= fresh && draw < fresh + repeated && again !== undefined) {
      this.#put(again.bytes, again.socket);
    } else if (draw < fresh + repeated) {
      this.#fresh++;
      const bytes = floodInvite(place, id);
      this.#recent[this.#fresh % KEPT_INVITES] = { bytes, socket };
      this.#put(bytes, socket);
    } else {
      const isRegister = draw < fresh + repeated + register;
      this.#put(isRegister ? floodRegister(place, id) : garbage(id), socket);
    }
  }

  #answered(text: string, { socket, place }: { socket: Socket; place: FloodPlace }): void {
    if (!text.includes('\nCSeq: 1 INVITE\r')) return;
    const status = text.slice(8, 11);
    this.#answers[status] = (this.#answers[status] ?? 0) + 1;
    const [, seconds] = /\nRetry-After: (\d+)/.exec(text) ?? [];
    if (seconds !== undefined) this.#retryAfter[seconds] = (this.#retryAfter[seconds] ?? 0) + 1;
    const ack = floodAck(place, text);
    if (ack !== undefined) this.#put(ack, socket);
  }

  #put(bytes: Buffer, socket: Socket): void {
    const { address, port } = this.#options.target;
    socket.send(bytes, port, address);
  }
}

import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Srtp } from './srtp.ts';

const PACKET_MS = 20;
const SAMPLES = 160;

/** One side of an audio session: sends PCMU every 20 ms, and counts what comes. */
export class RtpStream {
  /** Sequence numbers that have come, in order. */
  readonly received: number[] = [];
  /** Payload types that have come. */
  readonly payloadTypes = new Set<number>();
  /** Where packets came from, as `address:port`. */
  readonly sources = new Set<string>();
  readonly #socket: Socket;
  readonly #ssrc: number;
  #sequence = 0;
  #timer: NodeJS.Timeout | undefined;
  #out: Srtp | undefined;
  #in: Srtp | undefined;
  #to: { readonly address: string; readonly port: number } | undefined;

  private constructor(socket: Socket, ssrc: number) {
    this.#socket = socket;
    this.#ssrc = ssrc;
    socket.on('message', (packet, { address, port }) => {
      const bytes = this.#opened(packet);
      if (bytes === undefined || bytes.length < 12 || (bytes.readUInt8(0) & 0xc0) !== 0x80) return;
      this.payloadTypes.add(bytes.readUInt8(1) & 0x7f);
      this.received.push(bytes.readUInt16BE(2));
      this.sources.add(`${address}:${String(port)}`);
    });
  }

  static async open(ssrc: number, address = '127.0.0.1'): Promise<RtpStream> {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    socket.bind({ address, port: 0 });
    await once(socket, 'listening');
    return new RtpStream(socket, ssrc);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  get sent(): number {
    return this.#sequence;
  }

  /** From now on SRTP, with a key for each direction. */
  secure(keys: { readonly out: Buffer; readonly in: Buffer }): void {
    this.#out = new Srtp(keys.out);
    this.#in = new Srtp(keys.in);
  }

  /** Sends to where a session description says that its writer listens. */
  start(description: string): void {
    this.stop();
    const to = mediaPlace(description);
    this.#to = to;
    this.#timer = setInterval(() => {
      this.#send(0, Buffer.alloc(SAMPLES, 0xff));
    }, PACKET_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** One digit by RFC 4733: its packets, and the three that end it. */
  sendEvent(event: number, payloadType = 101): void {
    for (let duration = SAMPLES; duration <= 4 * SAMPLES; duration += SAMPLES) {
      this.#send(payloadType, eventOf(event, duration, false));
    }
    for (let left = 3; left > 0; left--) this.#send(payloadType, eventOf(event, 800, true));
  }

  /** Resolves once so many packets more have come. @throws after half a minute */
  async receives(count: number): Promise<void> {
    const wanted = this.received.length + count;
    for (let left = 1500; this.received.length < wanted; left--) {
      if (left === 0)
        throw new Error(`${String(this.received.length)} packets, not ${String(wanted)}`);
      await sleep(20);
    }
  }

  /** Packets that are missing between the lowest and the highest number that came. */
  get lost(): number {
    const { received } = this;
    return Math.max(...received) - Math.min(...received) + 1 - new Set(received).size;
  }

  async close(): Promise<void> {
    this.stop();
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }

  #opened(packet: Buffer): Buffer | undefined {
    // RFC 5761 §4: RTCP, which stands in the way of nobody here.
    if (packet.length < 12 || (packet.readUInt8(1) >= 192 && packet.readUInt8(1) <= 223)) {
      return undefined;
    }
    try {
      return this.#in === undefined ? packet : this.#in.open(packet);
    } catch {
      return undefined; // Not for us: it does not count.
    }
  }

  #send(payloadType: number, payload: Buffer): void {
    if (this.#to === undefined) return;
    const header = Buffer.alloc(12);
    header.writeUInt8(0x80, 0);
    header.writeUInt8(payloadType, 1);
    header.writeUInt16BE(this.#sequence & 0xffff, 2);
    header.writeUInt32BE((this.#sequence * SAMPLES) >>> 0, 4);
    header.writeUInt32BE(this.#ssrc, 8);
    this.#sequence += 1;
    const { address, port } = this.#to;
    const packet = Buffer.concat([header, payload]);
    const sent = this.#out === undefined ? packet : this.#out.protect(packet);
    this.#socket.send(sent, port, address, () => undefined);
  }
}

/** Address and port of the audio of a session description. */
export function mediaPlace(description: string): {
  readonly address: string;
  readonly port: number;
} {
  const [, address = ''] = /^c=IN IP[46] (\S+)/m.exec(description) ?? [];
  const [, port = ''] = /^m=audio (\d+)/m.exec(description) ?? [];
  return { address, port: Number(port) };
}

function eventOf(event: number, duration: number, isEnd: boolean): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt8(event, 0);
  payload.writeUInt8((isEnd ? 0x80 : 0) | 10, 1);
  payload.writeUInt16BE(duration, 2);
  return payload;
}

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A way of packets through a relay: the ports that its ends send to. */
export interface RtpPath {
  readonly portForA: number;
  readonly portForB: number;
}

/** What came of a time of sending. */
export interface RtpCounts {
  readonly sent: number;
  readonly received: number;
  /** Of those that were received: more than 300 ms after the last one was sent. */
  readonly late: number;
  /** Of those that are missing, the ones that had come and that this process was too late for. */
  readonly missedHere: number;
}

const PACKET_MS = 20;
const PAYLOAD = 160;
/** Each has a buffer of its own in the kernel, so that a pause of this process costs nothing. */
const SOCKETS_PER_SIDE = 48;
/** After the end of sending, the ways count as empty when nothing has come for so long. */
const SETTLE_MS = 300;

/** Both ends of many calls: PCMA packets, 50 a second in each direction, spread evenly, and all that come are counted. */
export class RtpLoad {
  readonly #a: readonly Socket[];
  readonly #b: readonly Socket[];
  #received = 0;

  private constructor(a: readonly Socket[], b: readonly Socket[]) {
    this.#a = a;
    this.#b = b;
    for (const socket of [...a, ...b]) {
      socket.on('message', (packet) => {
        // RTCP (RFC 5761 §4) is not counted.
        if (packet.length === PAYLOAD + 12) this.#received++;
      });
    }
  }

  static async open(): Promise<RtpLoad> {
    const sides = await Promise.all([openSockets(), openSockets()]);
    return new RtpLoad(...sides);
  }

  /** The ports that the ends of the `index`-th path listen on. */
  ports(index: number): { readonly a: number; readonly b: number } {
    const at = index % SOCKETS_PER_SIDE;
    return { a: this.#a[at]?.address().port ?? 0, b: this.#b[at]?.address().port ?? 0 };
  }

  /** Sends both ways over all paths, so many milliseconds long. */
  async run(paths: readonly RtpPath[], durationMs: number): Promise<RtpCounts> {
    const streams = paths.flatMap((path, index) => {
      const at = index % SOCKETS_PER_SIDE;
      return [
        streamOf(this.#a[at], path.portForA, 2 * index + 1),
        streamOf(this.#b[at], path.portForB, 2 * index + 2),
      ];
    });
    const droppedBefore = this.#dropped();
    this.#received = 0;
    let sent = 0;
    const startedAt = performance.now();
    await new Promise<void>((resolve) => {
      const send = (): void => {
        const passedMs = performance.now() - startedAt;
        const due = Math.floor((Math.min(passedMs, durationMs) / PACKET_MS) * streams.length);
        for (; sent < due; sent++) sendPacket(streams[sent % streams.length]);
        if (passedMs < durationMs) setTimeout(send, 1);
        else resolve();
      };
      send();
    });
    await sleep(SETTLE_MS);
    const inTime = this.#received;
    await this.#silence();
    const received = this.#received;
    return { sent, received, late: received - inTime, missedHere: this.#dropped() - droppedBefore };
  }

  close(): void {
    for (const socket of [...this.#a, ...this.#b]) socket.close();
  }

  async #silence(): Promise<void> {
    for (let before = -1; before !== this.#received;) {
      before = this.#received;
      await sleep(SETTLE_MS);
    }
  }

  /** Packets that the kernel had no room for in a socket of this process, so far. */
  #dropped(): number {
    return droppedAt(new Set([...this.#a, ...this.#b].map((socket) => socket.address().port)));
  }
}

/** Packets that the kernel had no room for, in the sockets on these ports of 127.0.0.1. */
function droppedAt(ports: ReadonlySet<number>): number {
  let dropped = 0;
  for (const line of readFileSync('/proc/net/udp', 'utf8').split('\n').slice(1)) {
    const fields = line.trim().split(/\s+/);
    const port = Number.parseInt(fields[1]?.split(':')[1] ?? '', 16);
    if (ports.has(port)) dropped += Number(fields.at(-1));
  }
  return dropped;
}

interface Stream {
  readonly socket: Socket | undefined;
  readonly port: number;
  readonly packet: Buffer;
}

function streamOf(socket: Socket | undefined, port: number, ssrc: number): Stream {
  const packet = Buffer.alloc(12 + PAYLOAD, 0xd5);
  packet.writeUInt16BE(0x8008, 0);
  packet.writeUInt16BE(0, 2);
  packet.writeUInt32BE(0, 4);
  packet.writeUInt32BE(ssrc, 8);
  return { socket, port, packet };
}

function sendPacket(stream: Stream | undefined): void {
  if (stream === undefined) return;
  const { socket, port, packet } = stream;
  packet.writeUInt16BE((packet.readUInt16BE(2) + 1) & 0xffff, 2);
  packet.writeUInt32BE((packet.readUInt32BE(4) + PAYLOAD) >>> 0, 4);
  // Sent at once or copied: the same bytes serve for the next one.
  socket?.send(packet, port, '127.0.0.1');
}

function openSockets(): Promise<readonly Socket[]> {
  return Promise.all(
    Array.from({ length: SOCKETS_PER_SIDE }, async () => {
      const socket = createSocket({
        type: 'udp4',
        // An address needs no look-up, and none that comes a turn later.
        lookup: (address, _options, callback) => {
          callback(null, address, 4);
        },
      });
      const listening = once(socket, 'listening');
      socket.bind(0, '127.0.0.1');
      await listening;
      return socket;
    }),
  );
}

import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';
import type { EventLogger, EventPublisher } from '../ports.ts';
import { lostMessages, recordedBytes, recordedMessages } from '../telemetry.ts';
import { maskSecrets } from './mask-secrets.ts';
import { encodeMessageFrame } from './message-frame.ts';
import type { EncodedMessageFrame } from './message-frame.ts';
import { MOST_OVERHEAD, writeRecord } from './records.ts';
import type { Passage } from './records.ts';

const compress = promisify(zstdCompress);
const compression = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
const SIP = Buffer.from('SIP/2.0');

/** Where what passes the sockets is kept. It neither waits nor throws. */
export interface MessageLog {
  /** Bytes may be used for something else afterwards; what is no SIP is left out. */
  record(bytes: Buffer, passage: Passage): void;
}

/** How messages are recorded. */
export interface MessageRecorderOptions {
  /** Closed with the recorder. */
  readonly publisher: EventPublisher<EncodedMessageFrame>;
  readonly logger: EventLogger;
  readonly pod: string;
  /** Milliseconds since the epoch with fractions, by the clock that all pods share. */
  readonly now: () => number;
  /** How long a message waits for others, in ms: a process that is killed loses no more. @default 250 */
  readonly flushMs?: number;
  /** A frame with more of them is sent without waiting. @default 262144 */
  readonly frameBytes?: number;
  /** What may wait while the log is away, compressed; more is lost, and counted. @default 16 MiB */
  readonly maxWaitingBytes?: number;
  /** What may pass in a second; more is lost, and counted. @default 32 MiB */
  readonly maxBytesPerSecond?: number;
  /** Pause after a failure, in ms. @default 1000 */
  readonly retryMs?: number;
  /** For what still waits when the recorder is closed, in ms. @default 2000 */
  readonly closeMs?: number;
}

/** Messages that wait for others, one record behind the other. */
interface OpenFrame {
  readonly buffer: Buffer;
  readonly ends: number[];
  readonly firstMs: number;
  size: number;
  lastMs: number;
}

interface WaitingFrame extends EncodedMessageFrame {
  readonly count: number;
}

/**
 * Records what passes the sockets of a process: copied into a frame, its secrets masked before anything else is done with it,
 * compressed beside the event loop, published. No call waits for any of it.
 */
export class MessageRecorder implements MessageLog {
  readonly #options: MessageRecorderOptions;
  readonly #frameBytes: number;
  readonly #flushMs: number;
  readonly #maxBytesPerSecond: number;
  #open: OpenFrame | undefined;
  #timer: NodeJS.Timeout | undefined;
  #second = 0;
  #bytesOfSecond = 0;
  #packing: Promise<void> = Promise.resolve();
  readonly #waiting: WaitingFrame[] = [];
  #waitingBytes = 0;
  #sending: Promise<void> | undefined;
  #isClosed = false;
  #isLosing = false;
  #endPause: (() => void) | undefined;

  constructor(options: MessageRecorderOptions) {
    this.#options = options;
    this.#frameBytes = options.frameBytes ?? 256 * 1024;
    this.#flushMs = options.flushMs ?? 250;
    this.#maxBytesPerSecond = options.maxBytesPerSecond ?? 32 * 1024 * 1024;
  }

  record(bytes: Buffer, passage: Passage): void {
    if (this.#isClosed || (!passage.isSent && !bytes.includes(SIP))) return;
    const atMs = this.#options.now();
    const room = bytes.length + MOST_OVERHEAD;
    if (!this.#isWithinRate(room, atMs)) {
      this.#lose(1, 'rate');
      return;
    }
    let open = this.#open;
    if (open !== undefined && open.size + room > open.buffer.length) {
      this.flush();
      open = undefined;
    }
    if (open === undefined) {
      const buffer = Buffer.allocUnsafe(Math.max(this.#frameBytes, room));
      open = { buffer, ends: [], firstMs: atMs, size: 0, lastMs: atMs };
      this.#open = open;
      this.#timer ??= setTimeout(() => {
        this.flush();
      }, this.#flushMs).unref();
    }
    open.size = writeRecord(open.buffer, open.size, { bytes, passage, atMs });
    open.ends.push(open.size);
    open.lastMs = atMs;
  }

  /** Sends what is there. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const frame = this.#open;
    this.#open = undefined;
    if (frame === undefined) return;
    const records = frame.buffer.subarray(0, frame.size);
    maskSecrets(records, frame.ends);
    recordedMessages.add(frame.ends.length);
    // Frames leave in the order in which they were begun.
    this.#packing = this.#packing.then(() => this.#pack(frame, records));
  }

  /** Sends what there is; what the log does not take in time is lost, and counted. */
  async close(): Promise<void> {
    this.flush();
    await this.#packing;
    this.#isClosed = true;
    this.#endPause?.();
    let limit: NodeJS.Timeout | undefined;
    const isLate = new Promise<void>((resolve) => {
      limit = setTimeout(resolve, this.#options.closeMs ?? 2000);
    });
    await Promise.race([this.#sending, isLate]);
    clearTimeout(limit);
    for (const { count } of this.#waiting.splice(0)) this.#lose(count, 'log');
    await this.#options.publisher.close();
  }

  #isWithinRate(bytes: number, atMs: number): boolean {
    const second = Math.floor(atMs / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#bytesOfSecond = 0;
    }
    this.#bytesOfSecond += bytes;
    return this.#bytesOfSecond <= this.#maxBytesPerSecond;
  }

  /** Never rejects. */
  async #pack({ ends, firstMs, lastMs }: OpenFrame, records: Buffer): Promise<void> {
    const count = ends.length;
    try {
      const packed = await compress(records, compression);
      const frame = encodeMessageFrame({
        // 48 bits: a number holds them.
        id: randomBytes(6).readUIntBE(0, 6) + 1,
        pod: this.#options.pod,
        firstMs: Math.floor(firstMs),
        lastMs: Math.ceil(lastMs),
        count,
        records: packed,
      });
      if (this.#waitingBytes + frame.bytes.length > this.#maxWaitingBytes) {
        this.#lose(count, 'log');
        return;
      }
      recordedBytes.add(frame.bytes.length);
      this.#waiting.push({ ...frame, count });
      this.#waitingBytes += frame.bytes.length;
      this.#sending ??= this.#sendAll().finally(() => {
        this.#sending = undefined;
      });
    } catch (error) {
      this.#options.logger.error({ err: error }, 'SIP messages cannot be packed');
      this.#lose(count, 'log');
    }
  }

  get #maxWaitingBytes(): number {
    return this.#options.maxWaitingBytes ?? 16 * 1024 * 1024;
  }

  /** Never rejects. After `close` each frame is tried once more. */
  async #sendAll(): Promise<void> {
    for (let frame = this.#waiting[0]; frame !== undefined; frame = this.#waiting[0]) {
      try {
        await this.#options.publisher.publish([frame]);
        this.#waiting.shift();
        this.#waitingBytes -= frame.bytes.length;
        this.#isLosing = false;
      } catch (error) {
        this.#options.logger.debug({ err: error }, 'SIP messages wait');
        if (this.#isClosed) return;
        await this.#pause();
      }
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#options.retryMs ?? 1000).unref();
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #lose(count: number, cause: 'rate' | 'log'): void {
    lostMessages.add(count, { cause });
    if (this.#isLosing) return;
    this.#isLosing = true;
    this.#options.logger.error({ cause, waiting: this.#waiting.length }, 'SIP messages are lost');
  }
}

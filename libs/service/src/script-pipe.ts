import { connect as connectTcp } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import { SwitchError } from '@tandem/domain';
import type { Logger } from './logger.ts';
import { RespReader } from './resp-reader.ts';
import type { RedisReply } from './resp-reader.ts';

/** One argument of a command. */
export type CommandPart = string | Buffer | number;

/** Where a pipe connects to. */
export interface PipeSettings {
  readonly host: string;
  readonly port: number;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly database: number;
  readonly tls?: ConnectionOptions | undefined;
  /** A command without a reply after this time is rejected; seen up to a quarter late. */
  readonly timeoutMs: number;
  readonly logger: Logger;
}

interface Pending {
  /** The command, until it has been written. */
  readonly parts: readonly CommandPart[];
  readonly resolve: (reply: RedisReply) => void;
  readonly reject: (error: Error) => void;
  readonly startedAt: number;
  /** Its caller has been told that it took too long; the reply still takes this place in the order. */
  isOverdue: boolean;
}

const RETRY_STEP_MS = 50;
const RETRY_LIMIT_MS = 1000;
const CONNECT_LIMIT_MS = 2000;

/**
 * One connection to Redis for scripts, the commands of a call's path: what is asked in one turn of the
 * event loop leaves in one write, and replies are matched by their order alone. A general client does much
 * more for each command, at two to three times the CPU.
 *
 * While Redis is away commands are rejected at once; in the first moment of an attempt to connect they wait.
 */
export class ScriptPipe {
  readonly #settings: PipeSettings;
  readonly #scripts = new Map<string, string>();
  /** Commands that wait for the connection. */
  #waiting: Pending[] = [];
  /** Commands that were written and wait for their reply, from `#first` on. */
  #pending: Pending[] = [];
  #first = 0;
  #outgoing: (string | Buffer)[] = [];
  #socket: Socket | undefined;
  #state: 'connecting' | 'ready' | 'away' | 'closed' = 'connecting';
  #failures = 0;
  #isFlushing = false;
  #retryTimer: NodeJS.Timeout | undefined;
  #timeoutTimer: NodeJS.Timeout | undefined;

  constructor(settings: PipeSettings) {
    this.#settings = settings;
    this.#connect();
  }

  /** Has a script loaded now, and again after each connection. */
  load(sha: string, lua: string): void {
    if (this.#scripts.has(sha)) return;
    this.#scripts.set(sha, lua);
    if (this.#state === 'ready') this.#sendQuietly(['SCRIPT', 'LOAD', lua]);
  }

  /**
   * Sends a command.
   * @throws SwitchError SWITCH_STORE_UNAVAILABLE while Redis is away or does not answer in time,
   * SWITCH_STOPPED after `close`; what Redis itself answers as an error is a plain Error.
   */
  send(parts: readonly CommandPart[]): Promise<RedisReply> {
    if (this.#state === 'away') return Promise.reject(unavailable('redis is away'));
    if (this.#state === 'closed') {
      return Promise.reject(
        new SwitchError('SWITCH_STOPPED', 'the connection to redis was closed'),
      );
    }
    return new Promise((resolve, reject) => {
      const startedAt = performance.now();
      const pending = { parts, resolve, reject, startedAt, isOverdue: false };
      if (this.#state === 'ready') this.#write(pending);
      else this.#waiting.push(pending);
      this.#timeoutTimer ??= this.#armTimeouts();
    });
  }

  /** Ends the connection; commands under way are rejected. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#timeoutTimer);
    this.#socket?.destroy();
    this.#rejectAll(new SwitchError('SWITCH_STOPPED', 'the connection to redis was closed'));
  }

  #connect(): void {
    const { host, port, tls } = this.#settings;
    const socket =
      tls === undefined ? connectTcp({ host, port }) : connectTls({ ...tls, host, port });
    const reader = new RespReader((reply) => {
      this.#settle(reply);
    });
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 10_000);
    // Only the attempt to connect is limited by silence; afterwards each command has its own time.
    socket.setTimeout(CONNECT_LIMIT_MS, () => socket.destroy());
    socket.on(tls === undefined ? 'connect' : 'secureConnect', () => {
      socket.setTimeout(0);
      this.#opened(socket);
    });
    socket.on('data', (chunk: Buffer) => {
      try {
        reader.feed(chunk);
      } catch (error) {
        socket.destroy(error instanceof Error ? error : undefined);
      }
    });
    // The close event follows and says the same.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#lost(socket);
    });
  }

  #opened(socket: Socket): void {
    if (this.#state === 'closed') return;
    const { username, password, database, logger } = this.#settings;
    if (this.#failures > 0) logger.info('redis scripts are back');
    this.#failures = 0;
    this.#state = 'ready';
    if (password !== undefined) {
      this.#sendQuietly(username === undefined ? ['AUTH', password] : ['AUTH', username, password]);
    }
    if (database !== 0) this.#sendQuietly(['SELECT', database]);
    for (const lua of this.#scripts.values()) this.#sendQuietly(['SCRIPT', 'LOAD', lua]);
    const waiting = this.#waiting;
    this.#waiting = [];
    // What nobody waits for any more must not be done later.
    for (const pending of waiting) if (!pending.isOverdue) this.#write(pending);
    this.#flush(socket);
  }

  #lost(socket: Socket): void {
    if (this.#socket !== socket || this.#state === 'closed') return;
    this.#socket = undefined;
    if (this.#failures === 0) this.#settings.logger.warn('redis scripts are away');
    this.#state = this.#state === 'ready' ? 'connecting' : 'away';
    this.#outgoing = [];
    this.#rejectAll(unavailable('the connection to redis broke'));
    const delayMs = Math.min(RETRY_STEP_MS * this.#failures, RETRY_LIMIT_MS);
    this.#failures++;
    this.#retryTimer = setTimeout(() => {
      this.#connect();
    }, delayMs);
    this.#retryTimer.unref();
  }

  /** Sends what has no caller; a failure of it shows in the commands that follow. */
  #sendQuietly(parts: readonly CommandPart[]): void {
    const ignore = (): void => undefined;
    const startedAt = performance.now();
    this.#write({ parts, resolve: ignore, reject: ignore, startedAt, isOverdue: false });
  }

  #write(pending: Pending): void {
    this.#pending.push(pending);
    let text = `*${String(pending.parts.length)}\r\n`;
    for (const part of pending.parts) {
      if (typeof part === 'object') {
        this.#outgoing.push(`${text}$${String(part.length)}\r\n`, part);
        text = '\r\n';
      } else {
        const argument = String(part);
        text += `$${String(Buffer.byteLength(argument))}\r\n${argument}\r\n`;
      }
    }
    this.#outgoing.push(text);
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    setImmediate(() => {
      this.#isFlushing = false;
      if (this.#state === 'ready' && this.#socket !== undefined) this.#flush(this.#socket);
    });
  }

  #flush(socket: Socket): void {
    const parts = this.#outgoing;
    if (parts.length === 0) return;
    this.#outgoing = [];
    socket.cork();
    let text = '';
    for (const part of parts) {
      if (typeof part === 'object') {
        if (text !== '') socket.write(text);
        text = '';
        socket.write(part);
      } else text += part;
    }
    if (text !== '') socket.write(text);
    socket.uncork();
  }

  #settle(reply: RedisReply): void {
    const pending = this.#pending[this.#first];
    if (pending === undefined) return;
    this.#first++;
    // The settled head is cut off now and then, not with each reply.
    if (this.#first === this.#pending.length || this.#first > 4096) {
      this.#pending = this.#pending.slice(this.#first);
      this.#first = 0;
    }
    if (pending.isOverdue) return;
    if (reply instanceof Error) pending.reject(reply);
    else pending.resolve(reply);
  }

  #armTimeouts(): NodeJS.Timeout {
    return setTimeout(() => {
      this.#expire();
    }, this.#settings.timeoutMs / 4).unref();
  }

  #expire(): void {
    const limit = performance.now() - this.#settings.timeoutMs;
    const error = unavailable(`redis did not answer within ${String(this.#settings.timeoutMs)} ms`);
    const isWaiting = [
      expire(this.#waiting, 0, { limit, error }),
      expire(this.#pending, this.#first, { limit, error }),
    ].includes(true);
    this.#timeoutTimer = isWaiting ? this.#armTimeouts() : undefined;
  }

  #rejectAll(error: Error): void {
    const rejected = [...this.#pending.slice(this.#first), ...this.#waiting];
    this.#pending = [];
    this.#waiting = [];
    this.#first = 0;
    for (const { isOverdue, reject } of rejected) if (!isOverdue) reject(error);
  }
}

/** Rejects those of a queue that are older than the limit; true where younger ones remain. */
function expire(
  queue: readonly Pending[],
  first: number,
  { limit, error }: { readonly limit: number; readonly error: Error },
): boolean {
  for (let index = first; index < queue.length; index++) {
    const pending = queue[index];
    if (pending === undefined || pending.isOverdue) continue;
    if (pending.startedAt > limit) return true;
    pending.isOverdue = true;
    pending.reject(error);
  }
  return false;
}

function unavailable(message: string): SwitchError {
  return new SwitchError('SWITCH_STORE_UNAVAILABLE', message);
}

import type { Socket } from 'node:net';
import { SwitchError } from '@tandem/domain';
import type { Logger } from './logger.ts';
import { CommandQueue, appendCommand, joined } from './command-queue.ts';
import type { PendingCommand } from './command-queue.ts';
import { authCommand, openRedisSocket } from './redis-socket.ts';
import type { RedisAccess, RedisAddress } from './redis-socket.ts';
import type { RedisReply } from './resp-reader.ts';
import { errorOfReply, isReadOnly, stopped, unavailable } from './script-channel.ts';
import type { CommandPart, ScriptChannel } from './script-channel.ts';

/** Where a pipe connects to. */
export interface PipeSettings {
  /** The server, or what finds the one that is the primary now; the role of what it finds is checked. */
  readonly server: RedisAddress | (() => Promise<RedisAddress>);
  readonly access: RedisAccess;
  readonly database: number;
  /** A command without a reply after this time is rejected; seen up to a quarter late. */
  readonly timeoutMs: number;
  readonly logger: Logger;
}

const RETRY_STEP_MS = 50;
const RETRY_LIMIT_MS = 500;
/** A server that takes no writes is left for this long before it is tried again. */
const UNWELCOME_MS = 200;
const CONNECT_LIMIT_MS = 2000;

/**
 * One connection to Redis for scripts, the commands of a call's path: what is asked in one turn of the
 * event loop leaves in one write, and replies are matched by their order alone. A general client does much
 * more for each command, at two to three times the CPU.
 *
 * While Redis is away commands are rejected at once; in the first moment of an attempt to connect they wait. A command
 * that was sent is never sent again: whether it was done is not known. The connection is given up, and the server looked
 * for anew, where it breaks, where the server has become a replica, and where it says nothing for `timeoutMs`.
 */
export class ScriptPipe implements ScriptChannel {
  readonly #settings: PipeSettings;
  readonly #scripts = new Map<string, string>();
  /** Commands that wait for the connection. */
  readonly #waiting = new CommandQueue();
  /** Commands that were written and wait for their reply. */
  readonly #pending = new CommandQueue();
  #outgoing: (string | Buffer)[] = [];
  #socket: Socket | undefined;
  #address: RedisAddress | undefined;
  #state: 'connecting' | 'ready' | 'away' | 'closed' = 'connecting';
  #failures = 0;
  #isUnwelcome = false;
  #isHanging = false;
  #isFlushing = false;
  /** Whether a reply has come since the last look at overdue commands. */
  #hasHeard = false;
  #retryTimer: NodeJS.Timeout | undefined;
  #timeoutTimer: NodeJS.Timeout | undefined;

  constructor(settings: PipeSettings) {
    this.#settings = settings;
    this.#connect();
  }

  /** Whether the last attempt to connect failed. */
  get isAway(): boolean {
    return this.#state === 'away';
  }

  load(sha: string, lua: string): void {
    if (this.#scripts.has(sha)) return;
    this.#scripts.set(sha, lua);
    if (this.#state === 'ready') this.#sendQuietly(['SCRIPT', 'LOAD', lua]);
  }

  send(parts: readonly CommandPart[]): Promise<RedisReply> {
    if (this.#state === 'away') return Promise.reject(unavailable('redis is away'));
    if (this.#state === 'closed') return Promise.reject(stopped());
    return new Promise((resolve, reject) => {
      const startedAt = performance.now();
      const pending = { parts, resolve, reject: tell(reject), startedAt, isOverdue: false };
      if (this.#state === 'ready') this.#write(pending);
      else this.#waiting.add(pending);
      this.#timeoutTimer ??= this.#armTimeouts();
    });
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#timeoutTimer);
    this.#socket?.destroy();
    this.#rejectAll(stopped());
  }

  /** Looks where the primary is, and follows it where it is no longer the server of this connection. */
  async recheck(): Promise<void> {
    const { server } = this.#settings;
    if (typeof server !== 'function') return;
    try {
      const { host, port } = await server();
      const isElsewhere = host !== this.#address?.host || port !== this.#address.port;
      if (this.#state === 'ready' && isElsewhere) this.#socket?.destroy();
    } catch (error) {
      // Nobody knows where it is: what is there stays in use.
      this.#settings.logger.debug({ err: error }, 'redis primary not looked for');
    }
  }

  #connect(): void {
    const { server } = this.#settings;
    if (typeof server !== 'function') {
      this.#open(server);
      return;
    }
    server().then(
      (address) => {
        if (this.#state !== 'closed') this.#open(address);
      },
      () => {
        this.#lost();
      },
    );
  }

  #open(address: RedisAddress): void {
    const { access } = this.#settings;
    const socket = openRedisSocket(
      address,
      { tls: access.tls, limitMs: CONNECT_LIMIT_MS },
      {
        onOpen: () => {
          this.#greet(socket);
        },
        onReply: (reply) => {
          this.#settle(reply);
        },
      },
    );
    this.#socket = socket;
    this.#address = address;
    socket.on('close', () => {
      if (this.#socket === socket) this.#lost();
    });
  }

  #greet(socket: Socket): void {
    if (this.#state === 'closed') return;
    const { access, server, logger } = this.#settings;
    const auth = authCommand(access);
    if (auth !== undefined) {
      this.#ask(auth, (reply) => {
        if (reply instanceof Error) logger.error({ error: reply.message }, 'redis refuses us');
      });
    }
    if (typeof server === 'function') {
      // What sentinels say may be old: a former primary that has come back is a replica, or is about to become one.
      this.#ask(['ROLE'], (reply) => {
        const isPrimary = Array.isArray(reply) && String(reply[0]) === 'master';
        if (isPrimary) this.#opened(socket);
        else socket.destroy();
      });
    } else {
      // The kernel accepts for a server that hangs; any answer shows that it does not.
      this.#ask(['PING'], () => {
        this.#opened(socket);
      });
    }
    this.#flush(socket);
  }

  #opened(socket: Socket): void {
    if (this.#state === 'closed') return;
    const { database, logger } = this.#settings;
    socket.setTimeout(0);
    if (this.#failures > 0) logger.info('redis scripts are back');
    this.#failures = 0;
    this.#state = 'ready';
    if (database !== 0) this.#sendQuietly(['SELECT', database]);
    for (const lua of this.#scripts.values()) this.#sendQuietly(['SCRIPT', 'LOAD', lua]);
    // What nobody waits for any more must not be done later.
    for (const pending of this.#waiting.clear()) if (!pending.isOverdue) this.#write(pending);
    this.#flush(socket);
  }

  #lost(): void {
    if (this.#state === 'closed') return;
    this.#socket = undefined;
    this.#address = undefined;
    if (this.#failures === 0) this.#settings.logger.warn('redis scripts are away');
    this.#state = this.#state === 'ready' && !this.#isHanging ? 'connecting' : 'away';
    this.#isHanging = false;
    this.#outgoing = [];
    this.#rejectAll(unavailable('the connection to redis broke'));
    const delayMs = this.#isUnwelcome
      ? UNWELCOME_MS
      : Math.min(RETRY_STEP_MS * this.#failures, RETRY_LIMIT_MS);
    this.#isUnwelcome = false;
    this.#failures++;
    this.#retryTimer = setTimeout(() => {
      this.#connect();
    }, delayMs);
    this.#retryTimer.unref();
  }

  /** Sends what has no caller; a failure of it shows in the commands that follow. */
  #sendQuietly(parts: readonly CommandPart[]): void {
    this.#ask(parts, () => undefined);
  }

  /** Sends a command of the connection's own. */
  #ask(parts: readonly CommandPart[], take: (reply: RedisReply) => void): void {
    const startedAt = performance.now();
    const reject = (error: Error): void => {
      // Without an answer, the connection's own end says the same.
      if (!(error instanceof SwitchError)) take(error);
    };
    this.#write({ parts, resolve: take, reject, startedAt, isOverdue: false });
  }

  #write(pending: PendingCommand): void {
    this.#pending.add(pending);
    appendCommand(pending.parts, this.#outgoing);
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
    socket.write(joined(parts));
  }

  #settle(reply: RedisReply): void {
    this.#hasHeard = true;
    const pending = this.#pending.shift();
    if (pending === undefined) return;
    if (reply instanceof Error) {
      if (isReadOnly(reply)) this.#leave();
      if (!pending.isOverdue) pending.reject(reply);
    } else if (!pending.isOverdue) pending.resolve(reply);
  }

  /** The server has become a replica: its clients have to find the new primary. */
  #leave(): void {
    this.#isUnwelcome = true;
    this.#socket?.destroy();
  }

  #armTimeouts(): NodeJS.Timeout {
    this.#hasHeard = false;
    return setTimeout(() => {
      this.#expire();
    }, this.#settings.timeoutMs / 4).unref();
  }

  #expire(): void {
    const { timeoutMs } = this.#settings;
    const limit = performance.now() - timeoutMs;
    const error = unavailable(`redis did not answer within ${String(timeoutMs)} ms`);
    const waiting = this.#waiting.expire(limit, error);
    const pending = this.#pending.expire(limit, error);
    // A server that hangs, or is no longer there though its connection is, would be waited for until TCP gives up.
    if (pending.expired > 0 && !this.#hasHeard) {
      this.#isHanging = true;
      this.#socket?.destroy();
    }
    const isWaiting = waiting.hasYounger || pending.hasYounger;
    this.#timeoutTimer = isWaiting ? this.#armTimeouts() : undefined;
  }

  #rejectAll(error: Error): void {
    this.#pending.rejectAll(error);
    this.#waiting.rejectAll(error);
  }
}

/** What Redis answers while it cannot serve is told as the store being away. */
function tell(reject: (error: Error) => void): (error: Error) => void {
  return (error) => {
    reject(errorOfReply(error));
  };
}

import { setTimeout as pause } from 'node:timers/promises';
import { hashSlot } from './hash-slot.ts';
import type { Logger } from './logger.ts';
import type { RedisAccess, RedisAddress } from './redis-socket.ts';
import type { RedisReply } from './resp-reader.ts';
import { stopped, unavailable } from './script-channel.ts';
import type { CommandPart, ScriptChannel } from './script-channel.ts';
import { ScriptPipe } from './script-pipe.ts';

/** A cluster, and how its nodes are entered. */
export interface ClusterSettings {
  /** Nodes that are asked for the others. */
  readonly addresses: readonly RedisAddress[];
  readonly access: RedisAccess;
  readonly timeoutMs: number;
  readonly logger: Logger;
}

/** Redirections that one command follows. */
const MOST_REDIRECTIONS = 5;
/** Pause before a command whose keys are on their way between two nodes is asked again. */
const TRY_AGAIN_MS = 20;
/** While a node is away the others are asked who there is, at most this often. */
const LEARN_AGAIN_MS = 1000;

/**
 * Scripts in a Redis Cluster. All keys of a deployment share one hash slot, hence one node has them all at a time: its
 * connection is used until a node redirects us (MOVED, ASK) or it is away; then another node is asked, which knows who
 * has taken the slot over. A redirected command was not done, so it is sent again; one whose connection broke is not.
 */
export class ClusterPipe implements ScriptChannel {
  readonly #settings: ClusterSettings;
  readonly #pipes = new Map<string, ScriptPipe>();
  readonly #scripts = new Map<string, string>();
  /** Nodes that have been named to us, the configured ones first. */
  readonly #nodes = new Map<string, RedisAddress>();
  readonly #ownerOfSlot = new Map<number, string>();
  /** Counts through the nodes. */
  #turn = 0;
  #learntAt = 0;
  #isClosed = false;

  constructor(settings: ClusterSettings) {
    this.#settings = settings;
    for (const address of settings.addresses) this.#nodes.set(nameOf(address), address);
    this.#pipe(this.#anyNode());
  }

  load(sha: string, lua: string): void {
    this.#scripts.set(sha, lua);
    for (const pipe of this.#pipes.values()) pipe.load(sha, lua);
  }

  async send(parts: readonly CommandPart[], key?: string | Buffer): Promise<RedisReply> {
    if (this.#isClosed) throw stopped();
    const slot = key === undefined ? undefined : hashSlot(key);
    const until = performance.now() + this.#settings.timeoutMs;
    let node = (slot === undefined ? undefined : this.#ownerOfSlot.get(slot)) ?? this.#anyNode();
    let isAsking = false;
    for (let redirections = 0; redirections <= MOST_REDIRECTIONS;) {
      try {
        return await this.#sendTo(node, parts, isAsking);
      } catch (error) {
        const next = readRedirection(error, node);
        if (next === undefined) {
          if (!isTryAgain(error) || performance.now() > until) throw this.#failed(slot, error);
          await pause(TRY_AGAIN_MS);
          continue;
        }
        redirections++;
        node = this.#know(next.address);
        isAsking = next.isAsking;
        if (slot !== undefined && !isAsking) this.#ownerOfSlot.set(slot, node);
      }
    }
    throw unavailable('redis nodes send us round in circles');
  }

  close(): void {
    this.#isClosed = true;
    for (const pipe of this.#pipes.values()) pipe.close();
    this.#pipes.clear();
  }

  #sendTo(node: string, parts: readonly CommandPart[], isAsking: boolean): Promise<RedisReply> {
    const pipe = this.#pipe(node);
    // Both leave in this turn of the event loop, so nothing comes between them.
    if (isAsking) pipe.send(['ASKING']).catch(() => undefined);
    return pipe.send(parts);
  }

  /** The slot's node does not serve: the next command asks another. */
  #failed(slot: number | undefined, error: unknown): unknown {
    if (!isAway(error)) return error;
    if (slot !== undefined) this.#ownerOfSlot.delete(slot);
    this.#turn++;
    const now = performance.now();
    if (now - this.#learntAt >= LEARN_AGAIN_MS && !this.#isClosed) {
      this.#learntAt = now;
      this.#pipe(this.#anyNode(), true);
    }
    return error;
  }

  /** A node that is not known to be away, each in its turn. */
  #anyNode(): string {
    const names = [...this.#nodes.keys()];
    const serving = names.filter((name) => this.#pipes.get(name)?.isAway !== true);
    const choice = serving.length === 0 ? names : serving;
    return choice[this.#turn % choice.length] ?? '';
  }

  #know(address: RedisAddress): string {
    const name = nameOf(address);
    this.#nodes.set(name, address);
    return name;
  }

  #pipe(node: string, isLearning = false): ScriptPipe {
    const known = this.#pipes.get(node);
    const server = this.#nodes.get(node);
    if (known !== undefined && server !== undefined) {
      if (isLearning) this.#learn(known, server);
      return known;
    }
    if (server === undefined) throw new RangeError(`no redis node is called ${node}`);
    const pipe = new ScriptPipe({ ...this.#settings, server, database: 0 });
    this.#pipes.set(node, pipe);
    for (const [sha, lua] of this.#scripts) pipe.load(sha, lua);
    this.#learn(pipe, server);
    return pipe;
  }

  /** Asks a node for all the others, so that one of them is known when this one dies. */
  #learn(pipe: ScriptPipe, asked: RedisAddress): void {
    pipe.send(['CLUSTER', 'SLOTS']).then(
      (reply) => {
        this.#take(readSlots(reply, asked));
      },
      (error: unknown) => {
        this.#settings.logger.debug({ err: error }, 'redis node does not name the others');
      },
    );
  }

  /** Keeps the nodes that are named, besides the configured ones, and forgets all others. */
  #take(ranges: readonly SlotRange[]): void {
    if (ranges.length === 0 || this.#isClosed) return;
    const named = [...this.#settings.addresses, ...ranges.flatMap(({ nodes }) => nodes)];
    const names = new Set(named.map((address) => this.#know(address)));
    for (const owner of this.#ownerOfSlot.values()) names.add(owner);
    for (const name of [...this.#nodes.keys()]) {
      if (names.has(name)) continue;
      this.#nodes.delete(name);
      this.#pipes.get(name)?.close();
      this.#pipes.delete(name);
    }
  }
}

interface Redirection {
  readonly address: RedisAddress;
  readonly isAsking: boolean;
}

/** `MOVED 3999 host:port` or `ASK …`; without a host the one that was asked is meant. */
function readRedirection(error: unknown, asked: string): Redirection | undefined {
  if (!(error instanceof Error)) return undefined;
  const found = /^(MOVED|ASK) \d+ (.*):(\d+)$/.exec(error.message);
  if (found === null) return undefined;
  const [, kind = '', host = '', port = ''] = found;
  const isKnown = host !== '' && host !== '?';
  const address = { host: isKnown ? host : hostOf(asked), port: Number(port) };
  return { address, isAsking: kind === 'ASK' };
}

function isAway(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'SWITCH_STORE_UNAVAILABLE';
}

function isTryAgain(error: unknown): boolean {
  return error instanceof Error && /\bTRYAGAIN\b/.test(error.message);
}

/** Who has some of the slots: primary and replicas. */
interface SlotRange {
  readonly nodes: readonly RedisAddress[];
}

function readSlots(reply: RedisReply, asked: RedisAddress): readonly SlotRange[] {
  if (!Array.isArray(reply)) return [];
  return reply.flatMap((range) => {
    if (!Array.isArray(range)) return [];
    const [, , ...nodes] = range;
    return [{ nodes: nodes.flatMap((node) => readNode(node, asked)) }];
  });
}

function readNode(node: RedisReply, asked: RedisAddress): RedisAddress[] {
  if (!Array.isArray(node)) return [];
  const [host, port] = node;
  const named = host === null || host === undefined ? '' : String(host);
  return [{ host: named === '' || named === '?' ? asked.host : named, port: Number(port) }];
}

function nameOf({ host, port }: RedisAddress): string {
  return `${host}:${String(port)}`;
}

function hostOf(name: string): string {
  return name.slice(0, name.lastIndexOf(':'));
}

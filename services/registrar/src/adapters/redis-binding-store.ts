import { SwitchError } from '@tandem/domain';
import { defineScript } from '@tandem/service';
import type { Redis, RedisScript } from '@tandem/service';
import { lapsedBefore } from '../core/binding.ts';
import type { Binding } from '../core/binding.ts';
import { compareKeys, LAST, membersOf, readMember, TIME_DIGITS } from '../core/index-keys.ts';
import { shortHash } from '../core/short-hash.ts';
import type { BindingStore, DuePhone, Held, Index, IndexEntry, IndexQuery } from '../ports.ts';
import {
  countScript,
  goneScript,
  lapsedScript,
  listScript,
  noteGoneScript,
  readAllScript,
  readScript,
  turnScript,
  writeScript,
} from './binding-scripts.ts';
import { decodeBindings, encodeBindings } from './stored-bindings.ts';
import { MADE_UP_MS } from './turns.ts';

/** Hash slots over which the phones are spread: nodes of a cluster that can share them. Not to be changed: keys depend on it. */
const SHARDS = 16;

/** In the order of their keys in the script. */
const indexes = [
  'phone',
  'expires',
  'source',
  'user-agent',
  'flow',
  'keepalive',
  'unreachable',
  'flapping',
] as const satisfies readonly Index[];

type Scripts = Readonly<
  Record<
    'read' | 'readAll' | 'write' | 'list' | 'lapsed' | 'turn' | 'noteGone' | 'gone' | 'count',
    RedisScript
  >
>;

/** The store of all pods. A phone and what the indexes have of it are in one hash slot; phones are spread over several. */
export class RedisBindingStore implements BindingStore {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #scripts: Scripts;

  /** @param prefix first part of the hash tags; keys begin with `{prefix:at:SHARD}` */
  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#prefix = prefix;
    const define = (name: string, { lua, keys }: typeof readScript, buffers = false): RedisScript =>
      defineScript(redis, lua, keys, { name: `registrar.${name}`, buffers });
    this.#scripts = {
      read: define('read', readScript, true),
      readAll: define('read-all', readAllScript, true),
      write: define('write', writeScript(indexes.length), true),
      list: define('list', listScript),
      lapsed: define('lapsed', lapsedScript),
      turn: define('turn', turnScript, true),
      noteGone: define('note-gone', noteGoneScript),
      gone: define('gone', goneScript),
      count: define('count', countScript),
    };
  }

  async read(phone: string): Promise<Held> {
    return heldFrom(phone, await this.#run<HeldReply>('read', [this.#keyOf(phone)], []));
  }

  async readAll(phones: readonly string[]): Promise<readonly Held[]> {
    const ofShards = Map.groupBy(phones, shardOf);
    const held = new Map<string, Held>();
    await Promise.all(
      [...ofShards].map(async ([shard, some]) => {
        const reply = await this.#run<Buffer[]>(
          'readAll',
          [this.#countKey(shard)],
          [`${this.#tag(shard)}/`, ...some],
        );
        const [nowMs = NOTHING, ...marks] = reply;
        for (const [at, phone] of some.entries()) {
          held.set(phone, heldFrom(phone, [marks[at] ?? NOTHING, nowMs]));
        }
      }),
    );
    return phones.map((phone) => held.get(phone) ?? heldFrom(phone, [NOTHING, NOTHING]));
  }

  async write(phone: string, before: Held, after: readonly Binding[]): Promise<Held | undefined> {
    const shard = shardOf(phone);
    const reply = await this.#run<HeldReply | []>(
      'write',
      [
        this.#keyOf(phone),
        this.#countKey(shard),
        ...indexes.map((index) => this.#indexKey(index, shard)),
      ],
      [
        before.mark,
        encodeBindings(phone, after),
        ...indexChanges(membersOf(phone, before.bindings), membersOf(phone, after)),
      ],
    );
    return reply.length === 0 ? undefined : heldFrom(phone, reply);
  }

  async list({ after, from = '', index, limit, to }: IndexQuery): Promise<readonly IndexEntry[]> {
    const least = after === undefined || compareKeys(after, from) < 0 ? `[${from}` : `(${after}`;
    const most = to === undefined ? '+' : `[${to}${LAST}`;
    const lists = await this.#ofShards((shard) =>
      this.#run<string[]>('list', [this.#indexKey(index, shard)], [least, most, limit]),
    );
    return lists
      .flat()
      .map((key) => ({ key, phone: readMember(key).phone }))
      .sort((a, b) => compareKeys(a.key, b.key))
      .slice(0, limit);
  }

  async lapsed(limit: number): Promise<readonly string[]> {
    const age = -lapsedBefore(0);
    const lists = await this.#ofShards((shard) =>
      this.#run<string[]>('lapsed', [this.#indexKey('expires', shard)], [age, TIME_DIGITS, limit]),
    );
    return lists.flat().map((member) => readMember(member).phone);
  }

  async turn(intervalMs: number): Promise<readonly DuePhone[]> {
    const replies = await this.#ofShards((shard) =>
      this.#run<Buffer[]>(
        'turn',
        [`${this.#tag(shard)}:turn`, this.#indexKey('keepalive', shard)],
        [intervalMs, Math.min(MADE_UP_MS, intervalMs), `${this.#tag(shard)}/`],
      ),
    );
    return replies.flatMap(([nowMs = NOTHING, ...found]) => {
      const due: DuePhone[] = [];
      for (let at = 0; at < found.length; at += 2) {
        const phone = (found[at] ?? NOTHING).toString();
        due.push({ phone, held: heldFrom(phone, [found[at + 1] ?? NOTHING, nowMs]) });
      }
      return due;
    });
  }

  async noteGone(gateway: string): Promise<void> {
    await this.#run('noteGone', [this.#goneKey(gateway)], [gateway]);
  }

  goneSince(gateway: string): Promise<number> {
    return this.#run<number>('gone', [this.#goneKey(gateway)], [gateway]);
  }

  async count(): Promise<number> {
    const counts = await this.#ofShards((shard) =>
      this.#run<number>('count', [this.#countKey(shard)], []),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }

  isReachable(): boolean {
    return this.#redis.status === 'ready';
  }

  #ofShards<T>(ask: (shard: number) => Promise<T>): Promise<T[]> {
    return Promise.all(Array.from({ length: SHARDS }, (_, shard) => ask(shard)));
  }

  #keyOf(phone: string): string {
    return `${this.#tag(shardOf(phone))}/${phone}`;
  }

  #countKey(shard: number): string {
    return `${this.#tag(shard)}:count`;
  }

  #goneKey(gateway: string): string {
    return `${this.#tag(shardOf(gateway))}:gone`;
  }

  #indexKey(index: Index, shard: number): string {
    return `${this.#tag(shard)}:${index}`;
  }

  #tag(shard: number): string {
    return `{${this.#prefix}:at:${String(shard)}}`;
  }

  /** The scripts are ours: what they answer has the form that they were written with. */
  async #run<T>(
    script: keyof Scripts,
    keys: readonly string[],
    args: readonly (string | number | Buffer)[],
  ): Promise<T> {
    try {
      return (await this.#scripts[script](keys, args)) as T;
    } catch (cause) {
      const text = 'the store of registrations does not answer';
      throw new SwitchError('SWITCH_STORE_UNAVAILABLE', text, { cause });
    }
  }
}

const NOTHING = Buffer.alloc(0);

type HeldReply = readonly [mark: Buffer, nowMs: Buffer];

function heldFrom(phone: string, [mark, nowMs]: HeldReply): Held {
  return { bindings: decodeBindings(phone, mark), nowMs: Number(nowMs.toString()), mark };
}

function shardOf(phone: string): number {
  return shortHash(phone) % SHARDS;
}

type Members = ReturnType<typeof membersOf>;

function indexChanges(old: Members, now: Members): (string | number)[] {
  return indexes.flatMap((index, at) => [
    ...missing(old[index], now[index]).flatMap((member) => [at + 1, '-', member]),
    ...missing(now[index], old[index]).flatMap((member) => [at + 1, '+', member]),
  ]);
}

function missing(from: ReadonlySet<string>, others: ReadonlySet<string>): string[] {
  return [...from].filter((member) => !others.has(member));
}

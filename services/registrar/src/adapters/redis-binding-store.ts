import { SwitchError } from '@tandem/domain';
import { defineScript } from '@tandem/service';
import type { Redis, RedisScript } from '@tandem/service';
import { lapsedBefore } from '../core/binding.ts';
import type { Binding } from '../core/binding.ts';
import {
  compareKeys,
  expiryKey,
  firstExpiry,
  LAST,
  membersOf,
  readMember,
} from '../core/index-keys.ts';
import { shortHash } from '../core/short-hash.ts';
import type { BindingStore, Held, Index, IndexEntry, IndexQuery } from '../ports.ts';
import {
  countScript,
  lapsedScript,
  listByExpiryScript,
  listScript,
  readAllScript,
  readScript,
  writeScript,
} from './binding-scripts.ts';
import { decodeBindings, encodeBindings } from './stored-bindings.ts';

/** Hash slots over which the phones are spread: nodes of a cluster that can share them. Not to be changed: keys depend on it. */
const SHARDS = 16;

const indexNames = {
  phone: 'phones',
  source: 'sources',
  'user-agent': 'agents',
  expires: 'expires',
} as const satisfies Record<Index, string>;

/** The place of the member indexes among the keys of the script. */
const memberIndexes = [
  ['source', 4],
  ['user-agent', 5],
] as const;

type Scripts = Readonly<
  Record<'read' | 'readAll' | 'write' | 'list' | 'listByExpiry' | 'lapsed' | 'count', RedisScript>
>;

/** The store of all pods. A phone and what the indexes have of it are in one hash slot; phones are spread over several. */
export class RedisBindingStore implements BindingStore {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #scripts: Scripts;

  /** @param prefix first part of the hash tags; keys are `{prefix:reg:SHARD}:…` */
  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#prefix = prefix;
    const define = (name: string, { lua, keys }: typeof readScript, buffers = false): RedisScript =>
      defineScript(redis, lua, keys, { name: `registrar.${name}`, buffers });
    this.#scripts = {
      read: define('read', readScript, true),
      readAll: define('read-all', readAllScript, true),
      write: define('write', writeScript, true),
      list: define('list', listScript),
      listByExpiry: define('list-by-expiry', listByExpiryScript),
      lapsed: define('lapsed', lapsedScript),
      count: define('count', countScript),
    };
  }

  async read(phone: string): Promise<Held> {
    return heldFrom(await this.#run<HeldReply>('read', [this.#keyOf(phone)], []));
  }

  async readAll(phones: readonly string[]): Promise<readonly Held[]> {
    const ofShards = Map.groupBy(phones, shardOf);
    const held = new Map<string, Held>();
    await Promise.all(
      [...ofShards].map(async ([shard, some]) => {
        const reply = await this.#run<Buffer[]>(
          'readAll',
          [this.#indexKey('phone', shard)],
          [`${this.#tag(shard)}:at:`, ...some],
        );
        const [nowMs = NOTHING, ...marks] = reply;
        for (const [at, phone] of some.entries()) {
          held.set(phone, heldFrom([marks[at] ?? NOTHING, nowMs]));
        }
      }),
    );
    return phones.map((phone) => held.get(phone) ?? heldFrom([NOTHING, NOTHING]));
  }

  async write(phone: string, before: Held, after: readonly Binding[]): Promise<Held | undefined> {
    const shard = shardOf(phone);
    const keys = [
      this.#keyOf(phone),
      ...(['phone', 'expires', 'source', 'user-agent'] as const).map((index) =>
        this.#indexKey(index, shard),
      ),
    ];
    const reply = await this.#run<HeldReply | []>('write', keys, [
      before.mark,
      encodeBindings(after),
      phone,
      after.length === 0 ? 0 : firstExpiry(after),
      ...indexChanges(phone, before.bindings, after),
    ]);
    return reply.length === 0 ? undefined : heldFrom(reply);
  }

  async list(query: IndexQuery): Promise<readonly IndexEntry[]> {
    const { index, limit } = query;
    const lists = await this.#ofShards((shard) => {
      const key = this.#indexKey(index, shard);
      return index === 'expires' ? this.#byExpiry(key, query) : this.#byBytes(key, query);
    });
    return lists
      .flat()
      .sort((a, b) => compareKeys(a.key, b.key))
      .slice(0, limit);
  }

  async lapsed(limit: number): Promise<readonly string[]> {
    const age = -lapsedBefore(0);
    const lists = await this.#ofShards((shard) =>
      this.#run<string[]>('lapsed', [this.#indexKey('expires', shard)], [age, limit]),
    );
    return lists.flat();
  }

  async count(): Promise<number> {
    const counts = await this.#ofShards((shard) =>
      this.#run<number>('count', [this.#indexKey('phone', shard)], []),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }

  isReachable(): boolean {
    return this.#redis.status === 'ready';
  }

  async #byBytes(key: string, { after, from = '', limit, to }: IndexQuery): Promise<IndexEntry[]> {
    const least = after === undefined || compareKeys(after, from) < 0 ? `[${from}` : `(${after}`;
    const most = to === undefined ? '+' : `[${to}${LAST}`;
    const members = await this.#run<string[]>('list', [key], [least, most, limit]);
    return members.map((member) => ({ key: member, phone: readMember(member).phone }));
  }

  async #byExpiry(key: string, { after, from = '', limit }: IndexQuery): Promise<IndexEntry[]> {
    const { value, phone } = readMember(after ?? `${from}\u0001`);
    const reply = await this.#run<string[]>(
      'listByExpiry',
      [key],
      [String(Number(value)), after === undefined ? '' : phone, limit],
    );
    const entries: IndexEntry[] = [];
    for (let at = 0; at < reply.length; at += 2) {
      const [member = '', score = ''] = reply.slice(at, at + 2);
      entries.push({ key: expiryKey(Number(score), member), phone: member });
    }
    return entries;
  }

  #ofShards<T>(ask: (shard: number) => Promise<T>): Promise<T[]> {
    return Promise.all(Array.from({ length: SHARDS }, (_, shard) => ask(shard)));
  }

  #keyOf(phone: string): string {
    return `${this.#tag(shardOf(phone))}:at:${phone}`;
  }

  #indexKey(index: Index, shard: number): string {
    return `${this.#tag(shard)}:${indexNames[index]}`;
  }

  #tag(shard: number): string {
    return `{${this.#prefix}:reg:${String(shard)}}`;
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

function heldFrom([mark, nowMs]: HeldReply): Held {
  return { bindings: decodeBindings(mark), nowMs: Number(nowMs.toString()), mark };
}

function shardOf(phone: string): number {
  return shortHash(phone) % SHARDS;
}

function indexChanges(
  phone: string,
  before: readonly Binding[],
  after: readonly Binding[],
): (string | number)[] {
  const [old, now] = [membersOf(phone, before), membersOf(phone, after)];
  return memberIndexes.flatMap(([index, place]) => [
    ...missing(old[index], now[index]).flatMap((member) => [place, '-', member]),
    ...missing(now[index], old[index]).flatMap((member) => [place, '+', member]),
  ]);
}

function missing(from: ReadonlySet<string>, others: ReadonlySet<string>): string[] {
  return [...from].filter((member) => !others.has(member));
}

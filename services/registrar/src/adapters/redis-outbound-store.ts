import { SwitchError } from '@tandem/domain';
import { defineScript } from '@tandem/service';
import type { Redis, RedisScript } from '@tandem/service';
import type { Outbound } from '../core/outbound/outbound.ts';
import { LEASE_MS } from '../outbound/outbound-store.ts';
import type {
  HeldOutbound,
  OutboundStore,
  OutboundTurn,
  Renewal,
} from '../outbound/outbound-store.ts';
import {
  allOutboundScript,
  dueOutboundScript,
  leaveOutboundScript,
  readOutboundScript,
  renewOutboundScript,
  writeOutboundScript,
} from './outbound-scripts.ts';
import { decodeOutbound, encodeOutbound } from './stored-outbound.ts';

type Key = 'items' | 'due' | 'turns' | 'next' | 'edges';
type Name = 'read' | 'all' | 'write' | 'renew' | 'due' | 'leave';

/** The store of all pods. */
export class RedisOutboundStore implements OutboundStore {
  readonly #prefix: string;
  readonly #scripts: Readonly<Record<Name, RedisScript>>;

  /** @param prefix first part of the hash tag; keys are `{prefix:outbound}:…` */
  constructor(redis: Redis, prefix: string) {
    this.#prefix = prefix;
    const define = (
      name: string,
      { lua, keys }: typeof readOutboundScript,
      buffers = false,
    ): RedisScript =>
      defineScript(redis, lua, keys, { name: `registrar.outbound-${name}`, buffers });
    this.#scripts = {
      read: define('read', readOutboundScript, true),
      all: define('all', allOutboundScript, true),
      write: define('write', writeOutboundScript),
      renew: define('renew', renewOutboundScript),
      due: define('due', dueOutboundScript),
      leave: define('leave', leaveOutboundScript),
    };
  }

  async read(gateway: string): Promise<HeldOutbound> {
    const [item, due, now] = await this.#run<readonly [Buffer, Buffer, Buffer]>(
      'read',
      ['items', 'due'],
      [gateway],
    );
    return {
      outbound: item.length === 0 ? undefined : decodeOutbound(item),
      dueMs: Number(due.toString()),
      nowMs: Number(now.toString()),
      mark: `${due.toString()} ${item.toString('base64')}`,
    };
  }

  async all(): Promise<{ outbounds: readonly Outbound[]; nowMs: number }> {
    const [now = Buffer.alloc(0), ...items] = await this.#run<Buffer[]>('all', ['items'], []);
    return { outbounds: items.map(decodeOutbound), nowMs: Number(now.toString()) };
  }

  async write(
    gateway: string,
    { mark }: HeldOutbound,
    after: Outbound | undefined,
  ): Promise<boolean> {
    const [due = '', item = ''] = mark.split(' ');
    const reply = await this.#run<number>(
      'write',
      ['items', 'due', 'turns', 'next'],
      [
        gateway,
        Buffer.from(item, 'base64'),
        due,
        after === undefined ? '' : encodeOutbound(after),
        after?.isHeld === true ? -LEASE_MS : (after?.nextMs ?? 0),
        after?.turn ?? 0,
        after?.nextMs ?? 0,
      ],
    );
    return reply === 1;
  }

  async renew(edge: string, held: readonly OutboundTurn[]): Promise<Renewal> {
    const [count = 0, ...said] = await this.#run<number[]>(
      'renew',
      ['items', 'due', 'turns', 'next', 'edges'],
      [edge, LEASE_MS, ...held.flatMap(({ gateway, turn }) => [gateway, turn])],
    );
    const those = (is: (said: number) => boolean): string[] =>
      held.flatMap(({ gateway }, at) => (is(said[at] ?? 0) ? [gateway] : []));
    return {
      kept: those((each) => each > 0),
      due: those((each) => each === 2),
      lost: those((each) => each === 0),
      count,
    };
  }

  due(limit: number): Promise<readonly string[]> {
    return this.#run<string[]>('due', ['due'], [limit]);
  }

  leave(edge: string): Promise<number> {
    return this.#run<number>('leave', ['edges'], [edge, LEASE_MS]);
  }

  /** The scripts are ours: what they answer has the form that they were written with. */
  async #run<T>(
    name: Name,
    keys: readonly Key[],
    args: readonly (string | number | Buffer)[],
  ): Promise<T> {
    try {
      const named = keys.map((key) => `{${this.#prefix}:outbound}:${key}`);
      return (await this.#scripts[name](named, args)) as T;
    } catch (cause) {
      const text = 'the store of registrations with carriers does not answer';
      throw new SwitchError('SWITCH_STORE_UNAVAILABLE', text, { cause });
    }
  }
}

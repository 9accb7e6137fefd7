import { SlotScripts } from '@tandem/service';
import type { Redis } from '@tandem/service';
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
  readonly #scripts: SlotScripts<Name, Key>;

  /** @param prefix first part of the hash tag; keys are `{prefix:outbound}:…` */
  constructor(redis: Redis, prefix: string) {
    this.#scripts = new SlotScripts(redis, {
      slot: `${prefix}:outbound`,
      name: 'registrar.outbound',
      away: 'the store of registrations with carriers does not answer',
      scripts: {
        read: { ...readOutboundScript, buffers: true },
        all: { ...allOutboundScript, buffers: true },
        write: writeOutboundScript,
        renew: renewOutboundScript,
        due: dueOutboundScript,
        leave: leaveOutboundScript,
      },
    });
  }

  async read(gateway: string): Promise<HeldOutbound> {
    const [item, due, now] = await this.#scripts.run<readonly [Buffer, Buffer, Buffer]>(
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
    const [now = Buffer.alloc(0), ...items] = await this.#scripts.run<Buffer[]>(
      'all',
      ['items'],
      [],
    );
    return { outbounds: items.map(decodeOutbound), nowMs: Number(now.toString()) };
  }

  async write(
    gateway: string,
    { mark }: HeldOutbound,
    after: Outbound | undefined,
  ): Promise<boolean> {
    const [due = '', item = ''] = mark.split(' ');
    const reply = await this.#scripts.run<number>(
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
    const [count = 0, ...said] = await this.#scripts.run<number[]>(
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
    return this.#scripts.run<string[]>('due', ['due'], [limit]);
  }

  leave(edge: string): Promise<number> {
    return this.#scripts.run<number>('leave', ['edges'], [edge, LEASE_MS]);
  }
}

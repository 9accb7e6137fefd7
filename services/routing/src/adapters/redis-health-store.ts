import { SlotScripts } from '@tandem/service';
import type { Redis } from '@tandem/service';
import type { GatewayHealth } from '../core/health/health.ts';
import type {
  HealthStore,
  HealthWrite,
  OfflineGateways,
  TakenChecks,
} from '../health/health-store.ts';
import {
  followScript,
  offlineScript,
  readScript,
  takeScript,
  writeScript,
} from './health-scripts.ts';
import { decodeHealth, encodeHealth } from './stored-health.ts';

type Key = 'due' | 'items' | 'offline' | 'mark' | 'version';
type Name = 'follow' | 'take' | 'read' | 'write' | 'offline';

/** Of as many something is read in one step. */
const MOST_AT_ONCE = 1000;

/** The store of all pods. */
export class RedisHealthStore implements HealthStore {
  readonly #scripts: SlotScripts<Name, Key>;

  /** @param prefix first part of the hash tag; keys are `{prefix:health}:…` */
  constructor(redis: Redis, prefix: string) {
    this.#scripts = new SlotScripts(redis, {
      slot: `${prefix}:health`,
      name: 'routing.health',
      away: "the store of gateways' health does not answer",
      scripts: {
        follow: followScript,
        take: takeScript,
        read: { ...readScript, buffers: true },
        write: writeScript,
        offline: { ...offlineScript, buffers: true },
      },
    });
  }

  async follow(
    version: number,
    gateways: readonly { readonly gateway: string; readonly periodMs: number }[],
  ): Promise<void> {
    const wanted = gateways.flatMap(({ gateway, periodMs }) => [gateway, periodMs]);
    await this.#scripts.run(
      'follow',
      ['due', 'items', 'offline', 'mark', 'version'],
      [version, ...wanted],
    );
  }

  async take(asked: {
    readonly limit: number;
    readonly leaseMs: number;
    readonly version: number;
  }): Promise<TakenChecks> {
    const { leaseMs, limit, version } = asked;
    const [count, followed, turn, ...due] = await this.#scripts.run<(string | number)[]>(
      'take',
      ['due', 'version'],
      [limit, leaseMs, version],
    );
    const taken = [];
    for (let at = 0; at + 1 < due.length; at += 2) {
      taken.push({ gateway: String(due[at]), turn: Number(turn), dueMs: Number(due[at + 1]) });
    }
    return { taken, count: Number(count), version: Number(followed) };
  }

  async read(
    gateways: readonly string[],
  ): Promise<{ health: readonly (GatewayHealth | undefined)[]; nowMs: number }> {
    const health: (GatewayHealth | undefined)[] = [];
    let nowMs = 0;
    // Once at least: the clock is asked for, too.
    for (let from = 0; from === 0 || from < gateways.length; from += MOST_AT_ONCE) {
      const some = gateways.slice(from, from + MOST_AT_ONCE);
      const [now, ...items] = await this.#scripts.run<Buffer[]>('read', ['items'], some);
      nowMs = Number(now?.toString());
      for (const item of items) health.push(item.length === 0 ? undefined : decodeHealth(item));
    }
    return { health, nowMs };
  }

  async write(writes: readonly HealthWrite[]): Promise<readonly boolean[]> {
    if (writes.length === 0) return [];
    const args = writes.flatMap(({ after, gateway, isDegraded, isNews, nextMs, turn }) => [
      gateway,
      turn,
      encodeHealth(after),
      nextMs,
      Number(isDegraded),
      Number(isNews),
    ]);
    const done = await this.#scripts.run<number[]>(
      'write',
      ['due', 'items', 'offline', 'mark'],
      args,
    );
    return done.map((each) => each === 1);
  }

  async offline(known: string): Promise<OfflineGateways | undefined> {
    const [mark, ...found] = await this.#scripts.run<Buffer[]>(
      'offline',
      ['mark', 'offline'],
      [known],
    );
    const text = mark?.toString() ?? '';
    if (text === known) return undefined;
    const gateways = new Map<string, GatewayHealth>();
    for (let at = 0; at + 1 < found.length; at += 2) {
      const item = found[at + 1];
      if (item !== undefined) gateways.set(String(found[at]), decodeHealth(item));
    }
    return { mark: text, gateways };
  }
}

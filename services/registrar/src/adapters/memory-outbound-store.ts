import type { Outbound } from '../core/outbound/outbound.ts';
import { LEASE_MS } from '../outbound/outbound-store.ts';
import type {
  HeldOutbound,
  OutboundStore,
  OutboundTurn,
  Renewal,
} from '../outbound/outbound-store.ts';

interface Entry {
  readonly outbound: Outbound;
  readonly dueMs: number;
  /** Counts the writes. */
  readonly version: number;
}

/** The store of one process, for the embedded mode and for tests. */
export class MemoryOutboundStore implements OutboundStore {
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();
  readonly #edges = new Map<string, number>();
  #writes = 0;

  /** @param now milliseconds since the epoch */
  constructor(now: () => number) {
    this.#now = now;
  }

  read(gateway: string): Promise<HeldOutbound> {
    const entry = this.#entries.get(gateway);
    return Promise.resolve({
      outbound: entry?.outbound,
      dueMs: entry?.dueMs ?? 0,
      nowMs: this.#now(),
      mark: markOf(entry),
    });
  }

  all(): Promise<{ outbounds: readonly Outbound[]; nowMs: number }> {
    const outbounds = [...this.#entries.values()].map(({ outbound }) => outbound);
    return Promise.resolve({ outbounds, nowMs: this.#now() });
  }

  write(gateway: string, { mark }: HeldOutbound, after: Outbound | undefined): Promise<boolean> {
    if (markOf(this.#entries.get(gateway)) !== mark) return Promise.resolve(false);
    if (after === undefined) this.#entries.delete(gateway);
    else {
      const dueMs = after.isHeld ? this.#now() + LEASE_MS : after.nextMs;
      this.#writes += 1;
      this.#entries.set(gateway, { outbound: after, dueMs, version: this.#writes });
    }
    return Promise.resolve(true);
  }

  renew(edge: string, held: readonly OutboundTurn[]): Promise<Renewal> {
    const now = this.#now();
    this.#edges.set(edge, now);
    const kept: string[] = [];
    const due: string[] = [];
    const lost: string[] = [];
    for (const { gateway, turn } of held) {
      const entry = this.#entries.get(gateway);
      if (entry?.outbound.isHeld !== true || entry.outbound.turn !== turn) {
        lost.push(gateway);
        continue;
      }
      kept.push(gateway);
      const { nextMs } = entry.outbound;
      if (nextMs > 0 && nextMs <= now) due.push(gateway);
      this.#entries.set(gateway, { ...entry, dueMs: now + LEASE_MS });
    }
    return Promise.resolve({ kept, due, lost, count: this.#entries.size });
  }

  due(limit: number): Promise<readonly string[]> {
    const now = this.#now();
    const due = [...this.#entries].filter(([, { dueMs }]) => dueMs <= now);
    return Promise.resolve(
      due
        .toSorted(([, one], [, other]) => one.dueMs - other.dueMs)
        .slice(0, limit)
        .map(([gateway]) => gateway),
    );
  }

  leave(edge: string): Promise<number> {
    this.#edges.delete(edge);
    const oldest = this.#now() - LEASE_MS;
    return Promise.resolve([...this.#edges.values()].filter((atMs) => atMs > oldest).length);
  }
}

function markOf(entry: Entry | undefined): string {
  return entry === undefined ? '' : `${String(entry.version)} ${String(entry.dueMs)}`;
}

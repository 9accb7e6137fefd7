import type { GatewayHealth } from '../core/health/health.ts';
import type {
  HealthStore,
  HealthWrite,
  OfflineGateways,
  TakenCheck,
  TakenChecks,
} from '../health/health-store.ts';

/** New ones are not all due at once. */
const STEP_MS = 20;

/** The store of one process, for the embedded mode and for tests. */
export class MemoryHealthStore implements HealthStore {
  readonly #now: () => number;
  readonly #due = new Map<string, number>();
  readonly #items = new Map<string, GatewayHealth>();
  readonly #offline = new Map<string, GatewayHealth>();
  #changes = 0;
  #version = 0;

  /** @param now milliseconds since the epoch */
  constructor(now: () => number) {
    this.#now = now;
  }

  follow(
    version: number,
    gateways: readonly { readonly gateway: string; readonly periodMs: number }[],
  ): Promise<void> {
    const nowMs = this.#now();
    this.#version = version;
    const wanted = new Map(gateways.map(({ gateway, periodMs }) => [gateway, periodMs]));
    for (const [gateway, dueMs] of this.#due) {
      const periodMs = wanted.get(gateway);
      if (periodMs === undefined) this.#forget(gateway);
      else if (dueMs - nowMs > periodMs) {
        this.#due.set(gateway, nowMs + ((dueMs - nowMs) % periodMs));
      }
    }
    const missing = gateways.filter(({ gateway }) => !this.#due.has(gateway));
    for (const [at, { gateway, periodMs }] of missing.entries()) {
      this.#due.set(gateway, nowMs + Math.round(at * Math.min(STEP_MS, periodMs / missing.length)));
    }
    return Promise.resolve();
  }

  take({
    leaseMs,
    limit,
  }: {
    readonly limit: number;
    readonly leaseMs: number;
  }): Promise<TakenChecks> {
    const nowMs = this.#now();
    const turn = nowMs + leaseMs;
    const due = [...this.#due].filter(([, dueMs]) => dueMs <= nowMs);
    const taken: TakenCheck[] = due
      .toSorted(([, one], [, other]) => one - other)
      .slice(0, limit)
      .map(([gateway, dueMs]) => ({ gateway, turn, dueMs }));
    for (const { gateway } of taken) this.#due.set(gateway, turn);
    return Promise.resolve({ taken, count: this.#due.size, version: this.#version });
  }

  read(
    gateways: readonly string[],
  ): Promise<{ health: readonly (GatewayHealth | undefined)[]; nowMs: number }> {
    const health = gateways.map((gateway) => this.#items.get(gateway));
    return Promise.resolve({ health, nowMs: this.#now() });
  }

  write(writes: readonly HealthWrite[]): Promise<readonly boolean[]> {
    return Promise.resolve(
      writes.map(({ after, gateway, isDegraded, isNews, nextMs, turn }) => {
        if (this.#due.get(gateway) !== turn) return false;
        this.#due.set(gateway, nextMs);
        this.#items.set(gateway, after);
        if (isDegraded) this.#offline.set(gateway, after);
        else this.#offline.delete(gateway);
        if (isNews) this.#changes += 1;
        return true;
      }),
    );
  }

  offline(known: string): Promise<OfflineGateways | undefined> {
    const mark = String(this.#changes);
    if (mark === known) return Promise.resolve(undefined);
    return Promise.resolve({ mark, gateways: new Map(this.#offline) });
  }

  #forget(gateway: string): void {
    this.#due.delete(gateway);
    this.#items.delete(gateway);
    if (this.#offline.delete(gateway)) this.#changes += 1;
  }
}

import { FORGOTTEN_MS } from './gateway-throttles.ts';
import type {
  AttemptCounts,
  GatewayTally,
  GatewayThrottles,
  TallyStep,
} from './gateway-throttles.ts';

type Known = Omit<GatewayTally, 'ageMs'>;

/** Throttles for one process. */
export class MemoryGatewayThrottles implements GatewayThrottles {
  readonly #now: () => number;
  readonly #known = new Map<string, Known>();
  #toldMs = 0;

  /** @param now milliseconds since the epoch */
  constructor(now: () => number) {
    this.#now = now;
  }

  async add(counts: readonly AttemptCounts[]): Promise<readonly GatewayTally[]> {
    this.#forget();
    const nowMs = this.#now();
    this.#toldMs = nowMs;
    const told = counts.map(({ attempts, failed, gateway }) => {
      const before = this.#known.get(gateway) ?? begun(gateway, nowMs);
      const after = {
        ...before,
        attempts: before.attempts + attempts,
        failed: before.failed + failed,
      };
      this.#known.set(gateway, after);
      return { ...after, ageMs: nowMs - after.window };
    });
    return Promise.resolve(told);
  }

  async step(steps: readonly TallyStep[]): Promise<readonly boolean[]> {
    const nowMs = this.#now();
    const done = steps.map(({ level, seen }) => {
      const before = this.#known.get(seen.gateway);
      if (before?.window !== seen.window) return false;
      const hasChanged = level !== before.level;
      this.#known.set(seen.gateway, {
        ...before,
        level,
        window: Math.max(nowMs, before.window + 1),
        attempts: before.attempts - seen.attempts,
        failed: before.failed - seen.failed,
        ...(hasChanged && {
          sinceMs: nowMs,
          lastAttempts: seen.attempts,
          lastFailed: seen.failed,
        }),
      });
      return true;
    });
    return Promise.resolve(done);
  }

  async list(): Promise<readonly GatewayTally[]> {
    this.#forget();
    const nowMs = this.#now();
    const throttled = [...this.#known.values()].filter(({ level }) => level > 0);
    return Promise.resolve(
      throttled
        .map((each) => ({ ...each, ageMs: nowMs - each.window }))
        .sort((a, b) => (a.gateway < b.gateway ? -1 : 1)),
    );
  }

  #forget(): void {
    if (this.#now() - this.#toldMs > FORGOTTEN_MS) this.#known.clear();
  }
}

function begun(gateway: string, window: number): Known {
  const counts = { attempts: 0, failed: 0, lastAttempts: 0, lastFailed: 0 };
  return { gateway, window, level: 0, sinceMs: 0, ...counts };
}

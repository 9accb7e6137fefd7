import { TOKEN_MS } from './call-tokens-lua.ts';
import type { FullLine, LimitClaim } from './line-ledger.ts';

/** Tokens of limits of calls per second, for one process: what `callTokensLua` does, without Redis (ROUTE-15). */
export class MemoryCallTokens {
  readonly #now: () => number;
  /** Key → call id → when its token comes back, soonest first. */
  readonly #taken = new Map<string, Map<string, number>>();

  /** @param now milliseconds since the epoch */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The limit, where it is reached by others than this call. */
  full({ key, limit }: LimitClaim, callId: string): FullLine | undefined {
    const taken = this.#of(key);
    if (taken.size < limit || taken.has(callId)) return undefined;
    const holders = [...taken.keys()].slice(0, 5);
    return { key, limit, inUse: taken.size, per: 'second', holders };
  }

  /** A token of each limit per second. */
  take(claims: readonly LimitClaim[], callId: string): void {
    for (const { key, per } of claims) {
      if (per === undefined) continue;
      const taken = this.#of(key);
      if (!taken.has(callId)) taken.set(callId, this.#now() + TOKEN_MS);
      this.#taken.set(key, taken);
    }
  }

  /** Those that are gone; what has come back is forgotten. */
  #of(key: string): Map<string, number> {
    const taken = this.#taken.get(key) ?? new Map<string, number>();
    const now = this.#now();
    for (const [callId, endsMs] of taken) {
      if (endsMs > now) break;
      taken.delete(callId);
    }
    return taken;
  }
}

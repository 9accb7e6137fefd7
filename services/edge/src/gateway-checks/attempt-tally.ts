import type { AttemptCount } from '@tandem/proto/health';
import { attemptOutcomes } from '../core/call/attempt-outcomes.ts';
import type { Call } from '../core/call/call-state.ts';

/** What attempts at gateways have come to since routing was told last (ROUTE-16). What a pod that dies has not told is lost. */
export class AttemptTally {
  #counts = new Map<string, AttemptCount>();

  /** Counts the attempts of a call that have ended. @param known of its attempts so many are counted. @returns how many are now */
  look(call: Call, known: number): number {
    if (call.attempts.length === known) return known;
    const found = attemptOutcomes(call, known);
    for (const { code, gateway } of found.outcomes) {
      const key = `${gateway} ${String(code)}`;
      const count = (this.#counts.get(key)?.count ?? 0) + 1;
      this.#counts.set(key, { gateway, code, count });
    }
    return found.known;
  }

  /** What is to be told: once. */
  take(): AttemptCount[] {
    const taken = [...this.#counts.values()];
    if (taken.length > 0) this.#counts = new Map();
    return taken;
  }
}

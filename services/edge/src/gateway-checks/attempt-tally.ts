import type { AttemptCount } from '@tandem/proto/health';
import { attemptOutcomes } from '../core/call/attempt-outcomes.ts';
import type { Call } from '../core/call/call-state.ts';

/** What attempts at gateways have come to since routing was told last (ROUTE-16). What a pod that dies has not told is lost. */
export class AttemptTally {
  #counts = new Map<string, AttemptCount>();
  /** How many attempts of each call have been counted. */
  readonly #known = new WeakMap<Call, number>();

  /** Counts those attempts of a call that have ended since it was looked at last. */
  look(call: Call): void {
    const known = this.#known.get(call) ?? 0;
    if (call.attempts.length === known) return;
    const found = attemptOutcomes(call, known);
    if (found.known !== known) this.#known.set(call, found.known);
    for (const { code, gateway } of found.outcomes) {
      const key = `${gateway} ${String(code)}`;
      const count = (this.#counts.get(key)?.count ?? 0) + 1;
      this.#counts.set(key, { gateway, code, count });
    }
  }

  /** Of a call that another pod began those that it has ended are counted there. */
  adopt(call: Call): void {
    this.#known.set(call, attemptOutcomes(call, 0).known);
  }

  /** What is to be told: once. */
  take(): AttemptCount[] {
    const taken = [...this.#counts.values()];
    if (taken.length > 0) this.#counts = new Map();
    return taken;
  }
}

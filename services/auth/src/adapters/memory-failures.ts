import {
  GATHERED_MS,
  MOST_GATHERED,
  MOST_LISTED,
  MOST_NAMES,
  OTHER_USERS,
} from '../core/limits.ts';
import { terminalText } from '../core/terminal.ts';
import type { Clock, GatheredFailure, NewFailure } from '../ports.ts';

/** Who has not proved himself, gathered by user name and place, the one that failed last at the end. */
export class MemoryFailures {
  readonly #clock: Clock;
  readonly #gathered = new Map<string, GatheredFailure>();
  readonly #names = new Map<string, { count: number; untilMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  gather({
    terminal,
    cause,
    reason,
    explanation = '',
    decision,
  }: Omit<NewFailure, 'reason' | 'decision'> &
    Partial<Pick<GatheredFailure, 'explanation' | 'decision'>> & {
      readonly reason: string;
    }): void {
    const nowMs = this.#clock.nowMs();
    this.#dropOld(nowMs);
    const { place } = terminal;
    let { user } = terminal;
    let key = terminalText(terminal);
    if (!this.#gathered.has(key) && this.#countName(place, nowMs) > MOST_NAMES) {
      user = OTHER_USERS;
      key = terminalText({ user, place });
    }
    const before = this.#gathered.get(key);
    this.#gathered.delete(key);
    this.#gathered.set(key, {
      user,
      place,
      firstMs: before?.firstMs ?? nowMs,
      lastMs: nowMs,
      count: (before?.count ?? 0) + 1,
      cause,
      reason,
      explanation,
      decision,
    });
    if (this.#gathered.size > MOST_GATHERED) this.#dropFirst();
  }

  list(): readonly GatheredFailure[] {
    this.#dropOld(this.#clock.nowMs());
    return [...this.#gathered.values()].reverse().slice(0, MOST_LISTED);
  }

  #countName(place: string, nowMs: number): number {
    const before = this.#names.get(place);
    const count = (before !== undefined && before.untilMs > nowMs ? before.count : 0) + 1;
    this.#names.delete(place);
    this.#names.set(place, { count, untilMs: nowMs + GATHERED_MS });
    const [oldest] = this.#names;
    if (oldest !== undefined && (oldest[1].untilMs <= nowMs || this.#names.size > MOST_GATHERED)) {
      this.#names.delete(oldest[0]);
    }
    return count;
  }

  #dropOld(nowMs: number): void {
    for (const { lastMs } of this.#gathered.values()) {
      if (lastMs + GATHERED_MS > nowMs) return;
      this.#dropFirst();
    }
  }

  #dropFirst(): void {
    const [first] = this.#gathered.keys();
    if (first !== undefined) this.#gathered.delete(first);
  }
}

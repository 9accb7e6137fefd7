import type { Attempt } from '../core/attempt.ts';
import { MOST_OPEN, MOST_TAKEN, TAKEN_MS } from '../core/limits.ts';
import type { Terminal } from '../core/terminal.ts';
import type { Clock, Stale, UnansweredChallenge } from '../ports.ts';

interface Open {
  attempt: Attempt;
  terminal: Terminal;
  cycles: number;
  stale: Stale['cause'] | undefined;
  dueMs: number;
}

/** Challenges that wait for an answer, by session. */
export class MemoryOpenChallenges {
  readonly #clock: Clock;
  readonly #open = new Map<string, Open>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(
    {
      session,
      attempt,
      terminal,
      stale,
    }: Pick<UnansweredChallenge, 'session' | 'attempt' | 'terminal' | 'stale'>,
    timeoutMs: number,
  ): void {
    const before = this.#open.get(session);
    // A retransmission.
    if (before?.attempt.cseq === attempt.cseq) return;
    if (this.#open.size >= MOST_OPEN) return;
    this.#open.set(session, {
      attempt,
      terminal,
      stale,
      cycles: (before?.cycles ?? 0) + 1,
      dueMs: before?.dueMs ?? attempt.atMs + timeoutMs,
    });
  }

  /** False where nothing was waited for. */
  end(session: string): boolean {
    return this.#open.delete(session);
  }

  take(): UnansweredChallenge[] {
    const now = this.#clock.nowMs();
    const due = [...this.#open].filter(([, { dueMs }]) => dueMs <= now);
    due.sort(([, a], [, b]) => a.dueMs - b.dueMs);
    return due.slice(0, MOST_TAKEN).map(([session, open]) => {
      open.dueMs = now + TAKEN_MS;
      const { attempt, terminal, cycles, stale } = open;
      return { session, attempt, terminal, cycles, stale };
    });
  }
}

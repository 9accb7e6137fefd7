import type { Attempt } from '../core/attempt.ts';
import { ANSWERED_MS, MOST_OPEN, MOST_TAKEN, TAKEN_MS } from '../core/limits.ts';
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
  /** Sessions that were let in, or refused, and until when that is kept; the oldest first. */
  readonly #answered = new Map<string, number>();

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
    if (stale === undefined && this.#isAnswered(session)) return;
    this.#open.set(session, {
      attempt,
      terminal,
      stale,
      cycles: (before?.cycles ?? 0) + 1,
      dueMs: before?.dueMs ?? attempt.atMs + timeoutMs,
    });
  }

  /** Nothing of the session is waited for any more, also where it is challenged only now by a pod that was stopped. */
  answered(session: string): void {
    const now = this.#clock.nowMs();
    this.#open.delete(session);
    this.#answered.delete(session);
    this.#answered.set(session, now + ANSWERED_MS);
    for (const [oldest, untilMs] of this.#answered) {
      if (untilMs > now) break;
      this.#answered.delete(oldest);
    }
  }

  #isAnswered(session: string): boolean {
    return (this.#answered.get(session) ?? -Infinity) > this.#clock.nowMs();
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

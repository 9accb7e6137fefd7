import { acknowledging } from './acknowledging.ts';

/** The calls whose callee repeats its answer: should their ACK pass this pod, the store is to know (RFC 3261 §13.3.1.4). */
export class AckWatch {
  /** Until when, by call id; those that were told last are the last ones. */
  readonly #untilMs = new Map<string, number>();

  /** Takes what the store says of all such calls. */
  look(callIds: readonly string[], nowMs: number): void {
    for (const callId of callIds) {
      if (!this.#untilMs.has(callId)) this.#untilMs.set(callId, nowMs + acknowledging.watchedMs);
    }
    for (const [callId, untilMs] of this.#untilMs) {
      if (untilMs > nowMs) break;
      this.#untilMs.delete(callId);
    }
  }

  /** An ACK of the answer passes. @returns whether it was looked out for */
  passed(callId: string): boolean {
    return this.#untilMs.size > 0 && this.#untilMs.has(callId);
  }
}

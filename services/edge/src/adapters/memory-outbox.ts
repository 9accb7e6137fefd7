import { readCallEventMessage } from '@tandem/events';
import type { CallEventMessage } from '@tandem/events';
import { eventOfPayload, partsOf, payloadOf } from '../core/call/outbox-payload.ts';
import type { EventTimes } from '../core/call/outbox-payload.ts';
import type { MemoryState } from './memory-calls.ts';
import { interimEvent } from './memory-session-store.ts';

const OUTBOX_DUE_MS = 5000;

/** Events that are not known to be in the log, oldest first. */
export class MemoryOutbox {
  readonly #state: MemoryState;

  constructor(state: MemoryState) {
    this.#state = state;
  }

  /** @param keptBackMs it is not given out before, unless it is let go */
  file({ eventId, callId, bytes }: CallEventMessage, times: EventTimes, keptBackMs = 0): void {
    const { clock, outbox } = this.#state;
    const payload = payloadOf(bytes, times);
    // One that is filed again goes behind the others; who has taken it has it.
    const takenUntilMs = outbox.get(eventId)?.takenUntilMs ?? 0;
    outbox.delete(eventId);
    outbox.set(eventId, { callId, payload, filedMs: clock.now() + keptBackMs, takenUntilMs });
  }

  /**
   * Gives out what is kept back from now on, as of a call that was alive until its end, or as it is.
   * @returns undefined where it is not kept back
   */
  letGo(eventId: string, isAlive: boolean): CallEventMessage | undefined {
    const { clock, outbox } = this.#state;
    const entry = outbox.get(eventId);
    if (entry?.payload === undefined || entry.filedMs <= clock.now()) return undefined;
    const { bytes, times } = partsOf(entry.payload);
    const payload = isAlive
      ? payloadOf(bytes, { ...times, aliveMs: times.endedMs })
      : entry.payload;
    outbox.delete(eventId);
    outbox.set(eventId, { ...entry, payload, filedMs: clock.now() });
    return readCallEventMessage(eventOfPayload(payload));
  }

  /** Adds fields to an event that is kept back. @returns whether there is one */
  addToKept(eventId: string, fields: Buffer): boolean {
    const { clock, outbox } = this.#state;
    const isKept = (outbox.get(eventId)?.filedMs ?? 0) > clock.now();
    return isKept && this.amend(eventId, fields);
  }

  /** Adds fields to an event. @returns whether there is one */
  amend(eventId: string, fields: Buffer): boolean {
    const { outbox } = this.#state;
    const entry = outbox.get(eventId);
    if (entry?.payload === undefined) return false;
    outbox.set(eventId, { ...entry, payload: Buffer.concat([entry.payload, fields]) });
    return true;
  }

  claimDue(limit: number, forMs: number): readonly CallEventMessage[] {
    const { calls, clock, outbox } = this.#state;
    const now = clock.now();
    const events: CallEventMessage[] = [];
    for (const [eventId, entry] of outbox) {
      if (events.length >= limit) break;
      // What was kept back stands before others that are due.
      if (entry.filedMs > now - OUTBOX_DUE_MS || entry.takenUntilMs > now) continue;
      const event =
        entry.payload === undefined
          ? interimEvent(eventId, entry.callId, calls.get(entry.callId))
          : readCallEventMessage(eventOfPayload(entry.payload));
      if (event === undefined) {
        outbox.delete(eventId);
        continue;
      }
      entry.takenUntilMs = now + forMs;
      events.push(event);
    }
    return events;
  }

  settle(eventIds: readonly string[]): void {
    for (const eventId of eventIds) this.#state.outbox.delete(eventId);
  }

  state(): { readonly length: number; readonly oldestMs: number } {
    const [oldest] = this.#state.outbox.values();
    return { length: this.#state.outbox.size, oldestMs: oldest?.filedMs ?? 0 };
  }
}

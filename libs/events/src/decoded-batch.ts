import { readCallEventHead } from './call-event-head.ts';
import type { EventHandler, EventLogger, ReceivedCallEvent, UndecodableMessage } from './ports.ts';

/** Makes of a message what its handler takes. It throws where that is not possible. */
export type Decode<Event> = (value: Buffer) => Event;

export function receivedCallEvent(bytes: Buffer): ReceivedCallEvent {
  return { head: readCallEventHead(bytes), bytes };
}

/** Messages as read from a log: those that are events, and those that are not. */
export interface DecodedBatch<Event> {
  readonly events: Event[];
  readonly undecodable: UndecodableMessage[];
}

export function decodeInto<Event>(
  batch: DecodedBatch<Event>,
  value: Buffer,
  { decode, position }: { readonly decode: Decode<Event>; readonly position: () => string },
): void {
  try {
    batch.events.push(decode(value));
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    batch.undecodable.push({ value, position: position(), cause });
  }
}

/** Hands a batch to its handler: what cannot be decoded first, so that it never blocks the rest (BILL-04). */
export async function handOver<Event>(
  batch: DecodedBatch<Event>,
  handler: EventHandler<Event>,
  logger: EventLogger,
): Promise<void> {
  for (const message of batch.undecodable) {
    if (handler.handleUndecodable === undefined) {
      logger.error(
        { position: message.position, cause: message.cause },
        'undecodable event skipped',
      );
    } else {
      await handler.handleUndecodable(message);
    }
  }
  if (batch.events.length > 0) await handler.handle(batch.events);
}

/** Pauses between attempts at the same batch: doubling from 100 ms to 5 s. */
export function retryPauseMs(attempt: number): number {
  return Math.min(5000, 100 * 2 ** Math.min(attempt, 6));
}

/** Resolves after the time, or at once when the signal is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const finish = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal.addEventListener('abort', finish);
  });
}

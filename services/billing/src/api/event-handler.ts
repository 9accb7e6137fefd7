import type { EventHandler, ReceivedCallEvent, UndecodableMessage } from '@tandem/events';
import type { Logger } from '@tandem/service';
import { sortBatch } from '../core/cdr-batch.ts';
import type { CdrBatch, DeadEvent } from '../core/cdr-batch.ts';
import { UnstorableError } from '../ports.ts';
import type { BillingStore, OnCharged } from '../ports.ts';
import { decisionsOf } from '../core/call-ends.ts';
import { storeBatch } from '../store-batch.ts';
import type { StoreBatchParts } from '../store-batch.ts';
import {
  batchDuration,
  deadEvents,
  droppedDuplicates,
  failedBatches,
  startEventSpans,
} from '../telemetry.ts';

export interface EventHandlerParts {
  readonly store: BillingStore;
  readonly logger: Logger;
  readonly onCharged: OnCharged;
  /** As in `storeBatch`. */
  readonly onFinished?: StoreBatchParts['onFinished'];
}

/**
 * Takes call events into the store. It rejects only where the store is away, so that the batch comes
 * again; an event that is wrong in itself is put aside and never blocks the others (BILL-04).
 */
export function createEventHandler(parts: EventHandlerParts): EventHandler {
  const { store, logger } = parts;
  return {
    handle: async (events) => {
      const spans = startEventSpans(events);
      const startedMs = performance.now();
      try {
        await take(events, parts);
        batchDuration.record((performance.now() - startedMs) / 1000);
      } catch (error) {
        failedBatches.add(1);
        throw error;
      } finally {
        for (const span of spans) span.end();
      }
    },
    handleUndecodable: async (message: UndecodableMessage) => {
      await store.bury([message]);
      deadEvents.add(1, { cause: 'undecodable' });
      logger.error(
        { position: message.position, cause: message.cause },
        'undecodable event put aside',
      );
    },
  };
}

async function take(events: readonly ReceivedCallEvent[], parts: EventHandlerParts): Promise<void> {
  const batch = sortBatch(events);
  if (batch.dead.length > 0) await bury(batch.dead, parts);
  const { ended, answered, partial, notes } = batch;
  if (ended.length + answered.length + partial.length + notes.length === 0) return;
  try {
    await write(batch, parts);
  } catch (error) {
    if (!(error instanceof UnstorableError)) throw error;
    await isolate(events, error, parts);
  }
}

async function write(batch: CdrBatch, parts: EventHandlerParts): Promise<void> {
  // Before the log is told that they were read; the closer joins them with their calls' answers.
  if (batch.partial.length > 0) await parts.store.openCalls.keepPartialEnds(batch.partial);
  if (batch.ended.length + batch.answered.length > 0) {
    const used = await storeBatch(batch, parts);
    droppedDuplicates.add(batch.duplicates + batch.ended.length - used);
  }
  // Rare, and after the ends that they may belong to.
  for (const { head, bytes } of batch.notes) {
    const isKept = await parts.store.addDecisions(head.callId, decisionsOf(bytes));
    if (!isKept) parts.logger.warn({ callId: head.callId }, 'decision of a call without CDR');
  }
}

/** Halves a batch that the store refuses, until the event that it refuses stands alone. */
async function isolate(
  events: readonly ReceivedCallEvent[],
  error: UnstorableError,
  parts: EventHandlerParts,
): Promise<void> {
  const [first] = events;
  if (first !== undefined && events.length === 1) {
    const position = `event ${first.head.eventId}`;
    await bury([{ position, cause: error.message, event: first }], parts);
    return;
  }
  const middle = Math.ceil(events.length / 2);
  await take(events.slice(0, middle), parts);
  await take(events.slice(middle), parts);
}

async function bury(
  dead: readonly DeadEvent[],
  { store, logger }: EventHandlerParts,
): Promise<void> {
  await store.bury(
    dead.map(({ position, cause, event }) => ({ position, cause, value: event.bytes })),
  );
  deadEvents.add(dead.length, { cause: 'unusable' });
  for (const { cause, event } of dead) {
    const { callId, eventId } = event.head;
    logger.error({ callId, eventId, cause }, 'event put aside');
  }
}

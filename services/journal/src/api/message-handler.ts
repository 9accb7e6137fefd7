import type { EventHandler, JournalMessage } from '@tandem/events';
import type { Logger } from '@tandem/service';
import { batchOf } from '../core/journal-batch.ts';
import { keptAt } from '../core/retention.ts';
import type { Retention } from '../core/retention.ts';
import type { JournalStore } from '../ports.ts';
import { droppedNotes, keptEntries } from '../telemetry.ts';

export interface MessageHandlerParts {
  readonly store: JournalStore;
  readonly retention: Retention;
  readonly now: () => number;
  readonly logger: Logger;
}

/** Takes messages into the store; rejects only where that is away, so that they come again. */
export function createMessageHandler({
  logger,
  now,
  retention,
  store,
}: MessageHandlerParts): EventHandler<JournalMessage> {
  return {
    handle: async (messages) => {
      const batch = batchOf(messages, keptAt(now(), retention));
      const unusable = await store.write(batch);
      for (const { cause } of batch.entries) keptEntries.add(1, { cause });
      if (unusable > 0) droppedNotes.add(unusable, { cause: 'unusable' });
      if (batch.strays === 0) return;
      droppedNotes.add(batch.strays, { cause: 'time' });
      logger.warn({ messages: batch.strays }, 'messages of a time that is not kept');
    },
    handleUndecodable: ({ cause, position }) => {
      droppedNotes.add(1, { cause: 'undecodable' });
      logger.error({ position, cause }, 'undecodable message skipped');
      return Promise.resolve();
    },
  };
}

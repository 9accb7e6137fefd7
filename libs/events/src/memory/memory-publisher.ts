import { SwitchError } from '@tandem/domain';
import type { CallEventMessage } from '../call-event-message.ts';
import type { EventPublisher } from '../ports.ts';
import type { MemoryEventLog } from './memory-event-log.ts';

/** A publisher into a log of this process. */
export function createMemoryPublisher<
  Message extends { readonly bytes: Buffer } = CallEventMessage,
>(log: MemoryEventLog): EventPublisher<Message> {
  let isClosed = false;
  return {
    publish: (events: readonly Message[]): Promise<void> => {
      if (isClosed) {
        return Promise.reject(new SwitchError('SWITCH_STOPPED', 'the publisher is closed'));
      }
      log.append(events.map(({ bytes }) => bytes));
      return Promise.resolve();
    },
    close: (): Promise<void> => {
      isClosed = true;
      return Promise.resolve();
    },
  };
}

import { SwitchError } from '@tandem/domain';
import type { CallEvent } from '@tandem/proto/events';
import { encodeCallEvent } from '../call-event-codec.ts';
import type { EventPublisher } from '../ports.ts';
import type { MemoryEventLog } from './memory-event-log.ts';

/** A publisher into a log of this process. */
export function createMemoryPublisher(log: MemoryEventLog): EventPublisher {
  let isClosed = false;
  return {
    publish: (events: readonly CallEvent[]): Promise<void> => {
      if (isClosed) {
        return Promise.reject(new SwitchError('SWITCH_STOPPED', 'the publisher is closed'));
      }
      log.append(events.map(encodeCallEvent));
      return Promise.resolve();
    },
    close: (): Promise<void> => {
      isClosed = true;
      return Promise.resolve();
    },
  };
}

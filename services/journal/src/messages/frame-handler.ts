import { readFrame } from '@tandem/events';
import type { EventHandler, MessageFrame, PassedMessage } from '@tandem/events';
import type { Logger } from '@tandem/service';
import { droppedMessages, keptMessages } from '../telemetry.ts';
import type { ActiveTraces } from './active-traces.ts';
import { callIdIn, headOf } from './message-heads.ts';
import type { MessageRetention, MessageStore } from './ports.ts';

const HOUR_MS = 3_600_000;
/** The clocks of who records and of who keeps differ by less. */
const AHEAD_MS = HOUR_MS;

export interface FrameHandlerParts {
  readonly store: MessageStore;
  readonly traces: ActiveTraces;
  readonly retention: MessageRetention;
  readonly now: () => number;
  readonly logger: Logger;
}

/** Takes frames of SIP messages into the store; rejects only where that is away, so that they come again. */
export function createFrameHandler(parts: FrameHandlerParts): EventHandler<MessageFrame> {
  const { logger, now, retention, store, traces } = parts;
  const drop = (cause: string, count: number): void => {
    droppedMessages.add(count, { cause });
  };
  const handle = async (frame: MessageFrame): Promise<void> => {
    const age = now() - frame.firstMs;
    if (age > retention.messagesHours * HOUR_MS || age < -AHEAD_MS) {
      drop('time', frame.count);
      return;
    }
    let messages: readonly PassedMessage[];
    try {
      messages = readFrame(frame);
    } catch (error) {
      drop('undecodable', frame.count);
      logger.error({ err: error, id: frame.id, pod: frame.pod }, 'a frame cannot be read');
      return;
    }
    const callIds = new Set(messages.map(({ bytes }) => callIdIn(headOf(bytes))));
    callIds.delete('');
    await traces.take(frame, messages);
    if (await store.write({ frame, callIds })) keptMessages.add(messages.length);
    else drop('unusable', messages.length);
  };
  return {
    handle: async (frames) => {
      for (const frame of frames) await handle(frame);
    },
    handleUndecodable: ({ cause, position }) => {
      drop('undecodable', 1);
      logger.error({ position, cause }, 'undecodable frame of SIP messages skipped');
      return Promise.resolve();
    },
  };
}

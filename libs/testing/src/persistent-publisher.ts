import { setTimeout as sleep } from 'node:timers/promises';

const TAKEN_WITHIN_MS = 90_000;
const PAUSE_MS = 200;

/** As far as it is looked at here. */
interface Publisher<Message> {
  publish(messages: readonly Message[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * A publisher that publishes again what the log did not take, as an outbox does: brokers and topics that have just begun, on a loaded
 * machine, refuse what they take a moment later. Where the test is about refusals it is not to be used.
 * @throws the last refusal, when the log has not taken it in a minute and a half.
 */
export function persistent<Message>(publisher: Publisher<Message>): Publisher<Message> {
  return {
    publish: async (messages) => {
      const deadline = Date.now() + TAKEN_WITHIN_MS;
      for (;;) {
        try {
          await publisher.publish(messages);
          return;
        } catch (error) {
          if (Date.now() > deadline) throw error;
          await sleep(PAUSE_MS);
        }
      }
    },
    close: () => publisher.close(),
  };
}

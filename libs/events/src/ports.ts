import type { CallEventHead } from './call-event-head.ts';
import type { CallEventMessage } from './call-event-message.ts';

/** Where messages are sent to: call events, or what stands in the journal. */
export interface EventPublisher<Message = CallEventMessage> {
  /**
   * Resolves when all events are stored for good (Kafka: acknowledged by all in-sync replicas). Calls made
   * within a few milliseconds travel in one request. A rejection does not prove that nothing was stored:
   * publish the same events again, the reader drops duplicates by event id (BILL-04).
   * @throws SwitchError SWITCH_STORE_UNAVAILABLE where the log is away: within a few seconds of its going, at once
   * afterwards, so that an outbox can take over and nothing piles up here. SWITCH_STOPPED after `close`.
   */
  publish(events: readonly Message[]): Promise<void>;
  /** Sends what is waiting, then lets go of the connection. */
  close(): Promise<void>;
}

/** An event as it was read: its head, and all of it still encoded (`decodeCallEvent`). */
export interface ReceivedCallEvent {
  readonly head: Readonly<CallEventHead>;
  readonly bytes: Buffer;
}

/** A message that cannot be decoded. */
export interface UndecodableMessage {
  readonly value: Buffer;
  /** Position in the log, as `<topic>/<partition>/<offset>`: the same message always has the same. */
  readonly position: string;
  readonly cause: string;
}

/** What is done with the events that are read. */
export interface EventHandler<Event = ReceivedCallEvent> {
  /**
   * Takes a batch; what one publisher has said of a call is in its order. When it resolves the batch is committed; when it
   * rejects, the same events are handed in again after a pause, for ever. An event may come twice.
   */
  handle(events: readonly Event[]): Promise<void>;
  /** Takes a message that cannot be decoded; it counts as read once this resolves. @default logged and skipped */
  handleUndecodable?(message: UndecodableMessage): Promise<void>;
}

/** Where they are read from, once per group. */
export interface EventConsumer<Event = ReceivedCallEvent> {
  /**
   * Reads from the group's last committed place until `close`, through any absence of the log. Resolves
   * after `close`.
   */
  run(handler: EventHandler<Event>): Promise<void>;
  /** Events that are in the log and not yet committed by this consumer, as far as it knows. */
  lag(): number;
  /** Events that are in the log and not yet committed by any consumer of the group; asks the log. Rejects where it is away. */
  groupLag(): Promise<number>;
  /**
   * Since when everything that is in the log has been handled without a break, in ms since the epoch. Undefined while
   * events wait, while the log is away, and before the first look: what has not come may still be on its way.
   */
  currentSinceMs(): number | undefined;
  /** Lets the batch in work come to its end, commits it, and stops. */
  close(): Promise<void>;
}

/** Reads what was published in some time once more, for those who check. */
export interface EventLogReader {
  /**
   * Hands over the events that were published from `fromMs` until before `untilMs`, as far as the log still has them, and
   * resolves after the last one.
   * @throws SwitchError SWITCH_STORE_UNAVAILABLE where the log is away, and what `take` throws
   */
  read(
    range: { readonly fromMs: number; readonly untilMs: number },
    take: (events: readonly ReceivedCallEvent[]) => Promise<void>,
  ): Promise<void>;
}

/** What the adapters log through; a pino logger fits. */
export interface EventLogger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

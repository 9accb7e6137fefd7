import type { MessageFrame, PassedMessage } from '@tandem/events';
import type { KeptMessage, Trace } from '@tandem/proto/messages';

/** A frame with the Call-IDs that are in it. */
export interface IndexedFrame {
  readonly frame: MessageFrame;
  readonly callIds: ReadonlySet<string>;
}

/** Which messages. */
export interface MessageFilter {
  readonly callIds: readonly string[];
  readonly fromMs?: number | undefined;
  readonly untilMs?: number | undefined;
}

/** How much is kept. */
export interface MessageRetention {
  readonly messagesHours: number;
  readonly messagesMegabytes: number;
}

/** What was dropped to make room. */
export interface Dropped {
  readonly hours: number;
  /** Bytes that are left. */
  readonly bytes: number;
}

/** Where SIP messages are kept. All methods throw SwitchError SWITCH_STORE_UNAVAILABLE where it is away. */
export interface MessageStore {
  /** Keeps a frame, once however often it comes. @returns false where the store refuses it for good */
  write(frame: IndexedFrame): Promise<boolean>;
  /** The oldest first. */
  list(filter: MessageFilter): Promise<readonly KeptMessage[]>;
  /** What is older is gone; 0: nothing is kept. */
  keptSinceMs(): Promise<number>;
  /** Makes room for the hours from one moment to another. */
  prepare(fromMs: number, untilMs: number): Promise<void>;
  /** Drops hours that ended before a moment, and the oldest ones beyond a size. */
  drop(beforeMs: number, mostBytes: number): Promise<Dropped>;
}

/** Messages of a frame that a trace has found. */
export interface TracedMessages {
  readonly frame: number;
  readonly pod: string;
  readonly messages: readonly PassedMessage[];
}

/** Where traces are kept. All methods throw SwitchError SWITCH_STORE_UNAVAILABLE where it is away. */
export interface TraceStore {
  create(trace: Trace): Promise<void>;
  /** Those that have not ended. */
  active(nowMs: number): Promise<readonly Trace[]>;
  /** The newest first. */
  list(): Promise<readonly Trace[]>;
  /** Adds what was found, once however often it comes; a trace that is full ends. */
  add(id: string, found: TracedMessages): Promise<void>;
  /** Undefined where there is none. One that has ended stays as it is. */
  end(id: string, nowMs: number): Promise<Trace | undefined>;
  read(
    id: string,
    page: { readonly after: number; readonly limit: number },
  ): Promise<
    | { readonly trace: Trace; readonly messages: readonly KeptMessage[]; readonly last: number }
    | undefined
  >;
  /** Forgets those that ended before a moment, and the oldest beyond a number. */
  drop(beforeMs: number, most: number): Promise<void>;
}

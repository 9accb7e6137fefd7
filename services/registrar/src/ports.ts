import type { Binding } from './core/binding.ts';

/** The bindings of a phone at one moment. */
export interface Held {
  readonly bindings: readonly Binding[];
  /** The store's clock: all pods share it. */
  readonly nowMs: number;
  /** Stands for this state of them, for `write`. */
  readonly mark: Buffer;
}

/** By what registrations are found and in which order they are listed. */
export type Index =
  'phone' | 'source' | 'user-agent' | 'expires' | 'flow' | 'keepalive' | 'unreachable' | 'flapping';

export interface IndexQuery {
  readonly index: Index;
  /** Keys from this one on. @default all */
  readonly from?: string | undefined;
  /** Keys up to this one, and those that begin with it. @default all */
  readonly to?: string | undefined;
  /** Keys behind this one. @default all */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** A phone, and what it has now. */
export interface DuePhone {
  readonly phone: string;
  readonly held: Held;
}

/** A phone, where an index has it; it may be there several times, once for each key. */
export interface IndexEntry {
  readonly key: string;
  readonly phone: string;
}

/**
 * Bindings, shared by all pods. All methods throw SwitchError SWITCH_STORE_UNAVAILABLE where the store cannot be reached.
 */
export interface BindingStore {
  read(phone: string): Promise<Held>;
  /** Those of several phones, in their order; each as it is at some moment. */
  readAll(phones: readonly string[]): Promise<readonly Held[]>;
  /**
   * Puts others in the place of bindings that are still as they were read, in one step with their indexes; they are there once
   * it has resolved.
   * @returns undefined where it was done, else what there is now
   */
  write(phone: string, before: Held, after: readonly Binding[]): Promise<Held | undefined>;
  /** In the order of the keys. */
  list(query: IndexQuery): Promise<readonly IndexEntry[]>;
  /** Phones with a binding that is to be dropped. */
  lapsed(limit: number): Promise<readonly string[]>;
  /**
   * Phones whose turn it is to get keep-alives, since this was asked last, by whatever pod: nobody else gets them. Each phone has
   * its moment within the interval. What nobody has asked for in the last seconds waits for the next round.
   */
  turn(intervalMs: number): Promise<readonly DuePhone[]>;
  /** Keeps that a gateway has no binding any more, from now on. */
  noteGone(gateway: string): Promise<void>;
  /** When that was noted last, milliseconds since the epoch; 0: never. */
  goneSince(gateway: string): Promise<number>;
  /** Phones that have a binding. */
  count(): Promise<number>;
  /** Whether the store can be reached now; for readiness. */
  isReachable(): boolean;
}

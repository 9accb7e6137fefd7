/** A service between its start and its end: what `runService` drives and `services/pod` composes. */
export interface App {
  /** Opens stores, streams and listeners; resolves when the service may be called. */
  start(): Promise<void>;
  /** Takes no new work, finishes what is under way. Called once, before `stop`. */
  drain(): Promise<void>;
  /** Closes everything that was opened. Safe after a `start` that failed half way. */
  stop(): Promise<void>;
  /** Whether new work is welcome now: false before the first snapshot, while draining, without a store. */
  isReady(): boolean;
}

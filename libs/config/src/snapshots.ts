import type { Configuration } from './document.ts';

/** One version of the configuration, immutable. Passwords are still sealed. */
export interface Snapshot {
  readonly version: number;
  readonly configuration: Configuration;
}

/** Gives a service the configuration in effect, and tells when it changes (ROUTE-13). */
export interface SnapshotSource {
  /** The newest version read; undefined until there is one. */
  current(): Snapshot | undefined;
  /**
   * Calls the listener with each new version, and at once with the current one where there is one.
   * @returns removes the listener
   */
  onChange(listener: (snapshot: Snapshot) => void): () => void;
  /** Resolves when the source has been asked once, whatever came of it: what there is, is current now. */
  looked(): Promise<void>;
  /** Resolves when a first version was read; rejects when closed before. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

/** Holds the current snapshot and its listeners; what both sources have in common. */
export class SnapshotPublisher {
  readonly #listeners = new Set<(snapshot: Snapshot) => void>();
  readonly #first = Promise.withResolvers<undefined>();
  #current: Snapshot | undefined;

  constructor() {
    // Nobody may be waiting for the first version when the source is closed.
    this.#first.promise.catch(() => undefined);
  }

  current(): Snapshot | undefined {
    return this.#current;
  }

  onChange(listener: (snapshot: Snapshot) => void): () => void {
    this.#listeners.add(listener);
    if (this.#current !== undefined) listener(this.#current);
    return () => this.#listeners.delete(listener);
  }

  ready(): Promise<undefined> {
    return this.#first.promise;
  }

  publish(snapshot: Snapshot): void {
    this.#current = snapshot;
    this.#first.resolve(undefined);
    for (const listener of this.#listeners) listener(snapshot);
  }

  end(): void {
    this.#listeners.clear();
    this.#first.reject(new Error('the source of snapshots was closed'));
  }
}

/** A source in memory, for tests and tools: `set` puts a version into effect. */
export interface MemorySnapshots extends SnapshotSource {
  set(configuration: Configuration): Snapshot;
}

/** Opens a source in memory, with a first version where one is given. */
export function memorySnapshots(configuration?: Configuration): MemorySnapshots {
  const publisher = new SnapshotPublisher();
  const set = (next: Configuration): Snapshot => {
    const snapshot = { version: (publisher.current()?.version ?? 0) + 1, configuration: next };
    publisher.publish(snapshot);
    return snapshot;
  };
  if (configuration !== undefined) set(configuration);
  return {
    set,
    current: () => publisher.current(),
    onChange: (listener) => publisher.onChange(listener),
    looked: () => Promise.resolve(),
    ready: async () => {
      await publisher.ready();
    },
    close: () => {
      publisher.end();
      return Promise.resolve();
    },
  };
}

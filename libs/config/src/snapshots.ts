import type { Configuration, SlimConfiguration } from './document.ts';
import { packLists, type PackedLists } from './packed-lists.ts';

/** One version of the configuration, immutable. Passwords are still sealed. */
export interface Snapshot {
  readonly version: number;
  /** All but the prefixes of routing gateways and the rates of rate groups. */
  readonly configuration: SlimConfiguration;
  /** Those. */
  readonly lists: PackedLists;
}

/** A version whose document is at hand as a whole. */
export function snapshotOf(version: number, configuration: Configuration): Snapshot {
  return { version, configuration: slimmed(configuration), lists: packLists(configuration) };
}

/** The document without its long lists. */
export function slimmed(configuration: Configuration): SlimConfiguration {
  return {
    ...configuration,
    rateGroups: configuration.rateGroups.map((group) => without(group, 'rates')),
    routingGateways: configuration.routingGateways.map((gateway) => without(gateway, 'prefixes')),
  };
}

function without<Item extends object, Key extends keyof Item>(
  item: Item,
  key: Key,
): Omit<Item, Key> {
  const rest = Object.entries(item).filter(([name]) => name !== key);
  return Object.fromEntries(rest) as Omit<Item, Key>;
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
  /** Whether the store was read, and has no version yet: then nobody has one. */
  isEmpty(): boolean;
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
    const snapshot = snapshotOf((publisher.current()?.version ?? 0) + 1, next);
    publisher.publish(snapshot);
    return snapshot;
  };
  if (configuration !== undefined) set(configuration);
  return {
    set,
    current: () => publisher.current(),
    onChange: (listener) => publisher.onChange(listener),
    looked: () => Promise.resolve(),
    isEmpty: () => publisher.current() === undefined,
    ready: async () => {
      await publisher.ready();
    },
    close: () => {
      publisher.end();
      return Promise.resolve();
    },
  };
}

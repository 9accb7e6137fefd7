import type { ImportedList, ImportSource, Snapshot } from '@tandem/config';
import { NumberList } from '@tandem/domain';
import type { NumberMatch } from '@tandem/domain';
import type { Logger } from '@tandem/service';
import type { NumberLists } from './core/number-lists.ts';

/** ROUTE-13: a change is in effect within two seconds, whatever the store of the lists does. */
const LOOKED_FOR_MS = 1500;

export interface NumberListsParts {
  /** Opens the source, once there is a list to be followed; undefined where lists cannot be had. */
  readonly open: (onList: (name: string, list: ImportedList) => void) => ImportSource | undefined;
  /** Puts a version of the configuration into effect, a large one in steps. @throws, or rejects, where it cannot be used */
  readonly use: (snapshot: Snapshot) => Promise<void> | undefined;
  readonly logger: Pick<Logger, 'error'>;
}

/**
 * The lists that calls are held against, each swapped whole (ROUTE-10). A configuration comes into effect when its lists
 * have been looked for, so that no call sees a list that is denied as empty only since it has not been read.
 */
export class NumberListsInEffect {
  readonly #parts: NumberListsParts;
  readonly #imported = new Map<string, ImportedList>();
  #matches: ReadonlyMap<string, NumberMatch> = new Map();
  #source: ImportSource | undefined;
  #current: NumberLists = new Map();
  #latest: Snapshot | undefined;

  constructor(parts: NumberListsParts) {
    this.#parts = parts;
  }

  /** Never changed once it is given: a call takes it once. */
  get current(): NumberLists {
    return this.#current;
  }

  /** How many numbers each list has. */
  sizes(): ReadonlyMap<string, number> {
    return new Map(
      [...this.#imported].map(([name, { content }]) => [
        name,
        content.packed.length + content.others.length,
      ]),
    );
  }

  /** The version of each list that is looked at; 0 where it has not come, or nothing was imported. */
  versions(): ReadonlyMap<string, number> {
    const lists = this.#latest?.configuration.numberLists ?? [];
    return new Map(lists.map(({ name }) => [name, this.#imported.get(name)?.version ?? 0]));
  }

  /** @throws, or rejects, where a version without lists cannot be used; the one before stays */
  follow(snapshot: Snapshot): Promise<void> | undefined {
    this.#latest = snapshot;
    const { numberLists = [] } = snapshot.configuration;
    if (numberLists.length === 0) {
      void this.#source?.follow([]);
      const without = (): void => {
        if (this.#latest === snapshot) this.#take(new Map());
      };
      const used = this.#parts.use(snapshot);
      if (used === undefined) without();
      return used?.then(without);
    }
    this.#source ??= this.#parts.open((name, list) => {
      this.#imported.set(name, list);
      this.#take(this.#matches, name);
    });
    const matches = new Map(numberLists.map(({ name, match }) => [name, match] as const));
    const timer = Promise.withResolvers<undefined>();
    const timeout = setTimeout(() => {
      timer.resolve(undefined);
    }, LOOKED_FOR_MS);
    const looked = this.#source?.follow([...matches.keys()]) ?? Promise.resolve();
    // Lists that are known have to be compared as they were until the version is in effect.
    void Promise.race([looked, timer.promise]).then(() => {
      clearTimeout(timeout);
      // It reports its own failures.
      if (this.#latest === snapshot) void this.#useWithLists(snapshot, matches);
    });
    return undefined;
  }

  async close(): Promise<void> {
    this.#latest = undefined;
    await this.#source?.close();
  }

  async #useWithLists(
    snapshot: Snapshot,
    matches: ReadonlyMap<string, NumberMatch>,
  ): Promise<void> {
    try {
      await this.#parts.use(snapshot);
      if (this.#latest === snapshot) this.#take(matches);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#parts.logger.error({ version: snapshot.version, reason }, 'configuration not used');
    }
  }

  /** @param changed the list that is another one; those that are compared as before are kept */
  #take(matches: ReadonlyMap<string, NumberMatch>, changed?: string): void {
    const next = new Map<string, NumberList>();
    for (const name of this.#imported.keys()) {
      if (!matches.has(name) && !this.#isFollowed(name)) this.#imported.delete(name);
    }
    for (const [name, match] of matches) {
      const imported = this.#imported.get(name);
      if (imported === undefined) continue;
      const known = this.#current.get(name);
      const isSame = known !== undefined && name !== changed && this.#matches.get(name) === match;
      next.set(name, isSame ? known : new NumberList(imported.content, match));
    }
    this.#matches = matches;
    this.#current = next;
  }

  #isFollowed(name: string): boolean {
    const lists = this.#latest?.configuration.numberLists ?? [];
    return lists.some((list) => list.name === name);
  }
}

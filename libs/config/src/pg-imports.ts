import type { Pool } from 'pg';
import type { SnapshotLogger } from './pg-snapshots.ts';

/**
 * Gives a service what stands beside the document under a name of it: numbers of a list, rates of a group. Each import makes another
 * version, which is swapped whole (ROUTE-13).
 */
export interface ImportSource {
  /**
   * Says the imports of which names are looked at from now on.
   * @returns resolves when each of them has been looked for, or cannot be now; at once where all are known
   */
  follow(names: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export interface ImportSettings<Imported> {
  /** Used for reading and left open on `close`. */
  readonly pool: Pool;
  readonly logger: SnapshotLogger;
  /** Called with what has come or changed, whole. */
  readonly onImport: (name: string, imported: Imported) => void;
  /** Interval of the check of the versions. @default 1000 */
  readonly pollMs?: number;
}

/** What is imported, and where it stands. */
interface ImportKind<Imported> {
  /** In the singular, for the log. */
  readonly what: string;
  readonly table: string;
  /** The column of the name. */
  readonly column: string;
  /** @returns undefined where it was taken away meanwhile */
  readonly read: (pool: Pool, name: string, version: number) => Promise<Imported | undefined>;
  /** What there is where nothing was imported. @default nothing is told */
  readonly empty?: Imported;
}

/** PostgreSQL: the table is not there yet. */
const NOT_MIGRATED = '42P01';

/**
 * Follows imports in PostgreSQL: which version is the newest is asked every second, as long as any is looked at. A PostgreSQL that goes
 * away leaves what is known in effect.
 */
export class PostgresImports<Imported> implements ImportSource {
  readonly #kind: ImportKind<Imported>;
  readonly #settings: ImportSettings<Imported>;
  readonly #timer: NodeJS.Timeout;
  /** Versions that were told, by name; 0 where nothing was imported. */
  readonly #versions = new Map<string, number>();
  #names: readonly string[] = [];
  #reading: Promise<void> | undefined;
  #isAway = false;

  constructor(kind: ImportKind<Imported>, settings: ImportSettings<Imported>) {
    this.#kind = kind;
    this.#settings = settings;
    this.#timer = setInterval(() => {
      if (this.#names.length > 0) void this.#read();
    }, settings.pollMs ?? 1000);
  }

  async follow(names: readonly string[]): Promise<void> {
    this.#names = names;
    for (const name of this.#versions.keys()) {
      if (!names.includes(name)) this.#versions.delete(name);
    }
    if (names.every((name) => this.#versions.has(name))) return;
    // One that is under way may have begun without the new names.
    await this.#reading;
    await this.#read();
  }

  async close(): Promise<void> {
    this.#names = [];
    clearInterval(this.#timer);
    await this.#reading;
  }

  /** At most one at a time; never rejects. */
  #read(): Promise<void> {
    const store = `store of ${this.#kind.what}s`;
    this.#reading ??= this.#readNewer()
      .then(() => {
        if (this.#isAway) this.#settings.logger.info({}, `${store} is back`);
        this.#isAway = false;
      })
      .catch((error: unknown) => {
        if (error instanceof Error && 'code' in error && error.code === NOT_MIGRATED) return;
        const reason = error instanceof Error ? error.message : String(error);
        if (!this.#isAway) this.#settings.logger.warn({ reason }, `${store} is away`);
        this.#isAway = true;
      })
      .finally(() => {
        this.#reading = undefined;
      });
    return this.#reading;
  }

  async #readNewer(): Promise<void> {
    const { column, table } = this.#kind;
    const names = this.#names;
    const { rows } = await this.#settings.pool.query<{ name: string; version: string }>(
      `SELECT ${column} AS name, max(version) AS version FROM ${table}
        WHERE ${column} = ANY($1) GROUP BY ${column}`,
      [names],
    );
    const newest = new Map(rows.map(({ name, version }) => [name, Number(version)]));
    for (const name of names) {
      const version = newest.get(name) ?? 0;
      if (this.#versions.get(name) !== version) await this.#take(name, version);
    }
  }

  async #take(name: string, version: number): Promise<void> {
    const { empty, read, what } = this.#kind;
    const { logger, onImport, pool } = this.#settings;
    const startMs = performance.now();
    const imported = version === 0 ? empty : await read(pool, name, version);
    const isThere = version === 0 || imported !== undefined;
    if (!isThere || !this.#names.includes(name)) return;
    this.#versions.set(name, version);
    if (imported === undefined) return;
    onImport(name, imported);
    if (version === 0) return;
    const milliseconds = Math.round(performance.now() - startMs);
    logger.info({ name, version, milliseconds }, `${what} read`);
  }
}

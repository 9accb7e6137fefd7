import type { NumberListContent } from '@tandem/domain';
import type { Pool } from 'pg';
import type { SnapshotLogger } from './pg-snapshots.ts';

/** What is in a list, and since which version of it. */
export interface ImportedList {
  readonly version: number;
  readonly content: NumberListContent;
}

/** Gives a service what is in the lists that it looks at, and tells when that changes (ROUTE-10, ROUTE-13). */
export interface NumberListSource {
  /**
   * Says which lists are looked at from now on.
   * @returns resolves when each of them has been looked for, or cannot be now; at once where all are known
   */
  follow(names: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export interface NumberListSettings {
  /** Used for reading and left open on `close`. */
  readonly pool: Pool;
  readonly logger: SnapshotLogger;
  /** Called with a list that has come or changed, whole. */
  readonly onList: (name: string, list: ImportedList) => void;
  /** Interval of the check of the versions. @default 1000 */
  readonly pollMs?: number;
}

interface ContentRow {
  readonly version: string;
  readonly packed: Buffer;
  readonly others: string[];
}

/** PostgreSQL: the table is not there yet. */
const NOT_MIGRATED = '42P01';

/**
 * Follows lists in PostgreSQL: which version is the newest is asked every second, as long as any list is looked at. A PostgreSQL that goes
 * away leaves what is known in effect.
 */
export function openNumberLists(settings: NumberListSettings): NumberListSource {
  return new PostgresNumberLists(settings);
}

class PostgresNumberLists implements NumberListSource {
  readonly #settings: NumberListSettings;
  readonly #timer: NodeJS.Timeout;
  /** Versions in effect, by name; 0 where nothing was imported. */
  readonly #versions = new Map<string, number>();
  #names: readonly string[] = [];
  #reading: Promise<void> | undefined;
  #isAway = false;

  constructor(settings: NumberListSettings) {
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
    this.#reading ??= this.#readNewer()
      .then(() => {
        if (this.#isAway) this.#settings.logger.info({}, 'store of number lists is back');
        this.#isAway = false;
      })
      .catch((error: unknown) => {
        if (error instanceof Error && 'code' in error && error.code === NOT_MIGRATED) return;
        const reason = error instanceof Error ? error.message : String(error);
        if (!this.#isAway) {
          this.#settings.logger.warn({ reason }, 'store of number lists is away');
        }
        this.#isAway = true;
      })
      .finally(() => {
        this.#reading = undefined;
      });
    return this.#reading;
  }

  async #readNewer(): Promise<void> {
    const names = this.#names;
    const { rows } = await this.#settings.pool.query<{ list: string; version: string }>(
      `SELECT list, max(version) AS version FROM tandem_config.number_list
        WHERE list = ANY($1) GROUP BY list`,
      [names],
    );
    const newest = new Map(rows.map(({ list, version }) => [list, Number(version)]));
    for (const name of names) {
      const version = newest.get(name) ?? 0;
      if (this.#versions.get(name) === version) continue;
      if (version > 0) await this.#take(name);
      else this.#versions.set(name, 0);
    }
  }

  async #take(name: string): Promise<void> {
    const { rows } = await this.#settings.pool.query<ContentRow>(
      `SELECT version, packed, others FROM tandem_config.number_list
        WHERE list = $1 ORDER BY version DESC LIMIT 1`,
      [name],
    );
    const [row] = rows;
    if (row === undefined || !this.#names.includes(name)) return;
    const list = { version: Number(row.version), content: contentOf(row) };
    this.#versions.set(name, list.version);
    this.#settings.onList(name, list);
    const { version, content } = list;
    const numbers = content.packed.length + content.others.length;
    this.#settings.logger.info({ list: name, version, numbers }, 'number list in effect');
  }
}

/** The content of a row of the table. */
export function contentOf(row: Pick<ContentRow, 'packed' | 'others'>): NumberListContent {
  // A copy of its own, since a buffer may begin anywhere.
  const { buffer, byteOffset, byteLength } = row.packed;
  const packed = new Float64Array(buffer.slice(byteOffset, byteOffset + byteLength));
  return { packed, others: row.others };
}

/** The same, to be stored. */
export function packedBytes({ packed }: NumberListContent): Buffer {
  return Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
}

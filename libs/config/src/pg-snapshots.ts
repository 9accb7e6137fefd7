import { Client, Pool } from 'pg';
import { snapshotAfter } from './changed-snapshot.ts';
import { completeConfiguration } from './complete-configuration.ts';
import type { ConfigurationDelta } from './delta.ts';
import { releaseMemory } from './release-memory.ts';
import { readInThread } from './read-in-thread.ts';
import { changesFrom, storeState, wholeVersion, type WholeVersion } from './stored-versions.ts';
import { SnapshotPublisher, snapshotOf, type Snapshot, type SnapshotSource } from './snapshots.ts';

/** The part of a log that is needed here. */
export interface SnapshotLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** Where snapshots come from. */
export interface SnapshotSettings {
  /** PostgreSQL; or give `pool`, from which connections for reading are taken, and its `url` for listening. */
  readonly url: string;
  /** Used for reading and left open on `close`. @default a pool of one connection */
  readonly pool?: Pool;
  readonly logger: SnapshotLogger;
  /** Interval of the check of the version, for when a notification was lost. @default 1000 */
  readonly pollMs?: number;
  /** Bytes of a stored document, compressed, from which it is read in a thread of its own. @default 65536 */
  readonly largeBytes?: number;
}

/** Below, a document is read within some milliseconds; to start a thread takes 0.1 s of another core. */
const LARGE_BYTES = 64 * 1024;

/** The channel on which a new version is announced in the transaction that stores it. */
export const CONFIGURATION_CHANNEL = 'tandem_configuration';

/** PostgreSQL: the schema, a table or a function is not there yet. */
const NOT_MIGRATED = new Set(['42P01', '3F000', '42883']);

/**
 * Reads the configuration from PostgreSQL: a notification wakes it, and the version is checked every second
 * besides. A PostgreSQL that goes away leaves the last snapshot in effect; reading goes on when it is back.
 */
export function openSnapshots(settings: SnapshotSettings): SnapshotSource {
  return new PostgresSnapshots(settings);
}

class PostgresSnapshots implements SnapshotSource {
  readonly #publisher = new SnapshotPublisher();
  readonly #settings: SnapshotSettings;
  readonly #pool: Pool;
  readonly #timer: NodeJS.Timeout;
  readonly #firstLook: Promise<void>;
  readonly #closing = new AbortController();
  #listening: Client | undefined;
  #reading: Promise<void> | undefined;
  #isReadAgain = false;
  #isClosed = false;
  #isAway = false;
  /** Of the store, when it was last asked. */
  #life: string | undefined;
  #isOfThisLife = true;
  #isEmpty = false;
  /** Characters of the document in effect. */
  #lastSize = 0;

  constructor(settings: SnapshotSettings) {
    this.#settings = settings;
    this.#pool =
      settings.pool ??
      new Pool({ connectionString: settings.url, max: 1, connectionTimeoutMillis: 5000 });
    if (settings.pool === undefined) this.#pool.on('error', () => undefined);
    this.#timer = setInterval(() => {
      this.#wake();
    }, settings.pollMs ?? 1000);
    this.#wake();
    this.#firstLook = this.#reading ?? Promise.resolve();
  }

  current(): Snapshot | undefined {
    return this.#publisher.current();
  }

  onChange(listener: (snapshot: Snapshot) => void): () => void {
    return this.#publisher.onChange(listener);
  }

  looked(): Promise<void> {
    return this.#firstLook;
  }

  isEmpty(): boolean {
    return this.#isEmpty;
  }

  async ready(): Promise<void> {
    await this.#publisher.ready();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#closing.abort();
    clearInterval(this.#timer);
    await this.#reading;
    const listening = this.#listening;
    this.#listening = undefined;
    await listening?.end().catch(() => undefined);
    if (this.#settings.pool === undefined) await this.#pool.end();
    this.#publisher.end();
  }

  /** At most one read at a time; a wake-up during a read leads to one more. */
  #wake(): void {
    if (this.#isClosed) return;
    if (this.#reading !== undefined) {
      this.#isReadAgain = true;
      return;
    }
    this.#reading = this.#readOnce().finally(() => {
      this.#reading = undefined;
      if (!this.#isReadAgain) return;
      this.#isReadAgain = false;
      this.#wake();
    });
  }

  async #readOnce(): Promise<void> {
    try {
      await this.#listen();
      await this.#readNewer();
      if (this.#isAway) this.#settings.logger.info({}, 'configuration store is back');
      this.#isAway = false;
    } catch (error) {
      if (NOT_MIGRATED.has(codeOf(error))) return;
      if (!this.#isAway && !this.#isClosed) {
        const reason = error instanceof Error ? error.message : String(error);
        this.#settings.logger.warn({ reason }, 'configuration store is away');
      }
      this.#isAway = true;
    }
  }

  async #readNewer(): Promise<void> {
    const { life, newest } = await storeState(this.#pool);
    if (this.#life !== undefined && this.#life !== life) {
      // What a restored store says is in effect, and it may begin again at a lower version.
      this.#settings.logger.warn({ version: newest }, 'configuration store was restored');
      this.#isOfThisLife = false;
    }
    this.#life = life;
    this.#isEmpty = newest === 0;
    const known = this.#known();
    if (newest === 0 || (known !== undefined && newest <= known.version)) return;
    const changes = known && (await changesFrom(this.#pool, known.version, newest));
    if (this.#isClosed) return;
    const changed = known && changes && (await this.#changed(known, changes, newest));
    this.#take(changed ?? (await this.#readWhole(newest)));
    this.#isOfThisLife = true;
  }

  /** @returns undefined where the changes are not of what is known: the whole is read */
  async #changed(
    known: Snapshot,
    changes: readonly ConfigurationDelta[],
    version: number,
  ): Promise<Snapshot | undefined> {
    try {
      return await snapshotAfter(known, changes, version);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#settings.logger.warn({ version, reason: error.message }, 'change does not fit');
      return undefined;
    }
  }

  async #readWhole(version: number): Promise<Snapshot | undefined> {
    const largeBytes = this.#settings.largeBytes ?? LARGE_BYTES;
    const row = await wholeVersion(this.#pool, version, largeBytes);
    if (row === undefined || this.#isClosed) return undefined;
    const changes = await changesFrom(this.#pool, row.version, version);
    if (changes === undefined)
      throw new Error(`changes before version ${String(version)} are gone`);
    const base =
      row.size === null
        ? await this.#readLarge(row)
        : snapshotOf(row.version, completeConfiguration(row.document, row.shape));
    // The one before may have been the large one.
    releaseMemory(Math.max(row.size ?? row.stored, this.#lastSize));
    this.#lastSize = row.size ?? row.stored;
    return snapshotAfter(base, changes, version);
  }

  async #readLarge({ version, stored }: WholeVersion): Promise<Snapshot> {
    const startMs = performance.now();
    const { url, logger } = this.#settings;
    // Its lists alone: to hand over the rest would take longer than to read it.
    const known = this.#known();
    const job = { url, version, known: known && { version: known.version, lists: known.lists } };
    const { isWhole, snapshot } = await readInThread(job, this.#closing.signal);
    const milliseconds = Math.round(performance.now() - startMs);
    const read = isWhole ? 'all' : 'changes';
    logger.info({ version, stored, read, milliseconds }, 'large configuration read');
    return snapshot;
  }

  /** What is in effect, where it is of this life of the store. */
  #known(): Snapshot | undefined {
    return this.#isOfThisLife ? this.current() : undefined;
  }

  #take(snapshot: Snapshot | undefined): void {
    if (snapshot === undefined || this.#isClosed) return;
    this.#publisher.publish(snapshot);
    this.#settings.logger.info({ version: snapshot.version }, 'configuration in effect');
  }

  async #listen(): Promise<void> {
    if (this.#listening !== undefined || this.#isClosed) return;
    const client = new Client({
      connectionString: this.#settings.url,
      connectionTimeoutMillis: 5000,
      keepAlive: true,
    });
    const forget = (): void => {
      if (this.#listening === client) this.#listening = undefined;
    };
    client.on('error', forget);
    client.on('end', forget);
    client.on('notification', () => {
      this.#wake();
    });
    try {
      await client.connect();
      await client.query(`LISTEN ${CONFIGURATION_CHANNEL}`);
      this.#listening = client;
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

import { Client, Pool } from 'pg';
import { completeConfiguration } from './complete-configuration.ts';
import { releaseMemory } from './release-memory.ts';
import { readInThread } from './read-in-thread.ts';
import type { KnownLists } from './read-pieces.ts';
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

/** A row of the table. */
interface VersionRow {
  readonly version: string;
  readonly shape: string;
  /** Bytes of the document as it is stored. */
  readonly stored: number;
  /** Null where it is large. */
  readonly document: unknown;
  /** Characters of the document; null where it is large. */
  readonly size: number | null;
}

/** PostgreSQL: the schema or the table is not there yet. */
const NOT_MIGRATED = new Set(['42P01', '3F000']);

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
    const known = this.current()?.version ?? 0;
    // One statement is one snapshot of the database: never half of a version.
    const result = await this.#pool.query<VersionRow>(
      `SELECT version, shape, pg_column_size(document) AS stored,
              CASE WHEN pg_column_size(document) < $2 THEN document END AS document,
              CASE WHEN pg_column_size(document) < $2 THEN length(document::text) END AS size
         FROM tandem_config.version WHERE version > $1 ORDER BY version DESC LIMIT 1`,
      [known, this.#settings.largeBytes ?? LARGE_BYTES],
    );
    const row = result.rows[0];
    if (row === undefined || this.#isClosed) return;
    if (row.size === null) await this.#readLarge(row);
    else
      this.#take(snapshotOf(Number(row.version), completeConfiguration(row.document, row.shape)));
    // The one before may have been the large one.
    releaseMemory(Math.max(row.size ?? row.stored, this.#lastSize));
    this.#lastSize = row.size ?? row.stored;
  }

  async #readLarge({ version, stored }: VersionRow): Promise<void> {
    const startMs = performance.now();
    const { url, logger } = this.#settings;
    const job = { url, version: Number(version), known: this.#known() };
    const { isWhole, snapshot } = await readInThread(job, this.#closing.signal);
    if (this.#isClosed) return;
    const milliseconds = Math.round(performance.now() - startMs);
    const read = isWhole ? 'all' : 'changes';
    logger.info(
      { version: snapshot.version, stored, read, milliseconds },
      'large configuration read',
    );
    this.#take(snapshot);
  }

  /** Its lists alone: to hand over the rest would take longer than to read it. */
  #known(): KnownLists | undefined {
    const current = this.current();
    return current && { version: current.version, lists: current.lists };
  }

  #take(snapshot: Snapshot): void {
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

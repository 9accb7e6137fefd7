import { Client, Pool } from 'pg';
import { completeConfiguration } from './complete-configuration.ts';
import { releaseMemory } from './release-memory.ts';
import { SnapshotPublisher, type Snapshot, type SnapshotSource } from './snapshots.ts';

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
}

/** The channel on which a new version is announced in the transaction that stores it. */
export const CONFIGURATION_CHANNEL = 'tandem_configuration';

/** A row of the table. */
interface VersionRow {
  readonly version: string;
  readonly document: unknown;
  readonly shape: string;
  /** Characters of the document. */
  readonly size: number;
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
      `SELECT version, document, shape, length(document::text) AS size FROM tandem_config.version
        WHERE version > $1 ORDER BY version DESC LIMIT 1`,
      [known],
    );
    const row = result.rows[0];
    if (row === undefined || this.#isClosed) return;
    const configuration = completeConfiguration(row.document, row.shape);
    this.#publisher.publish({ version: Number(row.version), configuration });
    this.#settings.logger.info({ version: Number(row.version) }, 'configuration in effect');
    // The one before may have been the large one.
    releaseMemory(Math.max(row.size, this.#lastSize));
    this.#lastSize = row.size;
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

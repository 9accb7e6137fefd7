import {
  applyDelta,
  changesFrom,
  completeConfiguration,
  CONFIGURATION_CHANNEL,
  configurationShape,
  deltaBetween,
  foldInThread,
  readDocumentInThread,
  releaseMemory,
  storeState,
  wholeVersion,
  type Configuration,
} from '@tandem/config';
import type { Logger, Pool, PoolClient } from '@tandem/service';
import type {
  ApplyDecision,
  NewVersion,
  OpeningBalance,
  StoredConfiguration,
} from '../core/prepare-version.ts';
import type { ApplyContext, ConfigurationStore, Decide, VersionEntry } from '../ports.ts';
import { guarded } from './guarded.ts';

interface VersionRow {
  readonly version: string;
  readonly applied_at: Date;
  readonly applied_by: string;
  readonly note: string;
}

/** Where threads find the store, and what is large there. */
export interface ConfigurationStoreSettings {
  /** Not set: large documents are read here, and everybody waits. */
  readonly url?: string | undefined;
  readonly logger?: Logger | undefined;
  /** Bytes of a stored document from which changes of it are stored as changes. @default 65536 */
  readonly largeBytes?: number;
  /** Changes after which the whole document is stored again. @default 256 */
  readonly foldAfter?: number;
}

const LARGE_BYTES = 64 * 1024;
const FOLD_AFTER = 256;
/** Characters: a change that says more is a document of its own. */
const MOST_DELTA = 256 * 1024;

/** The versions in schema `tandem_config`. */
export function openConfigurationStore(
  pool: Pool,
  settings: ConfigurationStoreSettings = {},
): ConfigurationStore {
  return new PgConfigurationStore(pool, settings);
}

class PgConfigurationStore implements ConfigurationStore {
  readonly #pool: Pool;
  readonly #settings: ConfigurationStoreSettings;
  readonly #largeBytes: number;
  #cached: (StoredConfiguration & { readonly life: string }) | undefined;
  #reading: { readonly key: string; readonly configuration: Promise<Configuration> } | undefined;
  #folding: Promise<void> | undefined;

  constructor(pool: Pool, settings: ConfigurationStoreSettings) {
    this.#pool = pool;
    this.#settings = settings;
    this.#largeBytes = settings.largeBytes ?? LARGE_BYTES;
  }

  async current(): Promise<StoredConfiguration | undefined> {
    return guarded(() => this.#newest(this.#pool));
  }

  async isLarge(): Promise<boolean> {
    return guarded(async () => {
      const { rows } = await this.#pool.query<{ stored: number }>(
        `SELECT pg_column_size(document) AS stored FROM tandem_config.version
          ORDER BY version DESC LIMIT 1`,
      );
      return (rows[0]?.stored ?? 0) >= this.#largeBytes;
    });
  }

  async list(page: { limit: number; before?: number }): Promise<VersionEntry[]> {
    return guarded(async () => {
      const { rows } = await this.#pool.query<VersionRow>(
        `${ENTRIES} WHERE $1::bigint IS NULL OR version < $1 ORDER BY version DESC LIMIT $2`,
        [page.before ?? null, page.limit],
      );
      return rows.map(entryOf);
    });
  }

  async get(
    version: number,
  ): Promise<(VersionEntry & { configuration: Configuration }) | undefined> {
    return guarded(async () => {
      const { rows } = await this.#pool.query<VersionRow>(`${ENTRIES} WHERE version = $1`, [
        version,
      ]);
      const row = rows[0];
      if (row === undefined) return undefined;
      return { ...entryOf(row), configuration: await this.#read(this.#pool, version) };
    });
  }

  async apply(decide: Decide, context: ApplyContext): Promise<ApplyDecision> {
    return guarded(async () => {
      const client = await this.#pool.connect();
      try {
        await client.query('BEGIN');
        const decision = await this.#decide(client, decide, context);
        await client.query(decision.kind === 'new' && !context.isDryRun ? 'COMMIT' : 'ROLLBACK');
        client.release();
        if (decision.kind === 'new' && !context.isDryRun) this.#startFolding(decision.version);
        return decision;
      } catch (error) {
        // The connection may be what broke: the pool opens another, PostgreSQL rolls back.
        client.release(true);
        throw error;
      }
    });
  }

  async #decide(client: PoolClient, decide: Decide, context: ApplyContext): Promise<ApplyDecision> {
    // Two documents applied at once: the second sees what the first has stored.
    await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('tandem configuration', 0))`);
    const opened = await client.query<OpeningBalance>(
      'SELECT account, amount, currency FROM tandem_config.opening_balance',
    );
    const openings = new Map(opened.rows.map((entry) => [entry.account, entry]));
    const current = await this.#newest(client);
    const decision = decide(current, openings);
    if (decision.kind === 'new' && !context.isDryRun) {
      await insert(client, decision, {
        context,
        delta: await this.#deltaOf(client, current, decision),
      });
    }
    return decision;
  }

  /** A small change of a large document, as text; undefined where the document is stored whole. */
  async #deltaOf(
    client: PoolClient,
    current: StoredConfiguration | undefined,
    { configuration }: NewVersion,
  ): Promise<string | undefined> {
    if (current === undefined) return undefined;
    const whole = await wholeVersion(client, current.version, 0);
    if (whole === undefined || whole.stored < this.#largeBytes) return undefined;
    const delta = JSON.stringify(deltaBetween(current.configuration, configuration));
    return delta.length <= MOST_DELTA ? delta : undefined;
  }

  /** A version never changes: its document is read once, and of those that follow it what they change. */
  async #newest(client: Pool | PoolClient): Promise<StoredConfiguration | undefined> {
    const { life, newest } = await storeState(client);
    if (newest === 0) return undefined;
    const cached = this.#cached?.life === life ? this.#cached : undefined;
    if (cached?.version === newest) return cached;
    const changes =
      cached === undefined || cached.version > newest
        ? undefined
        : await changesFrom(client, cached.version, newest);
    const configuration =
      cached === undefined || changes === undefined
        ? await this.#readOnce(client, { version: newest, life })
        : changes.reduce(applyDelta, cached.configuration);
    this.#cached = { version: newest, configuration, life };
    return this.#cached;
  }

  /** Who asks while a version is read waits for that. */
  async #readOnce(
    client: Pool | PoolClient,
    { life, version }: { readonly version: number; readonly life: string },
  ): Promise<Configuration> {
    const key = `${life} ${String(version)}`;
    if (this.#reading?.key === key) return this.#reading.configuration;
    const reading = { key, configuration: this.#read(client, version) };
    this.#reading = reading;
    try {
      return await reading.configuration;
    } finally {
      if (this.#reading === reading) this.#reading = undefined;
    }
  }

  /** @throws where there is no such version */
  async #read(client: Pool | PoolClient, version: number): Promise<Configuration> {
    const { url } = this.#settings;
    const isHere = url === undefined;
    const most = isHere ? 0x7fff_ffff : this.#largeBytes;
    const whole = await wholeVersion(client, version, most);
    const changes = whole && (await changesFrom(client, whole.version, version));
    if (whole === undefined || changes === undefined) {
      throw new Error(`what version ${String(version)} is made of is not there`);
    }
    releaseMemory(whole.size ?? whole.stored);
    const configuration =
      whole.size === null && url !== undefined
        ? await readDocumentInThread({ url, version: whole.version })
        : completeConfiguration(whole.document, whole.shape);
    return changes.reduce(applyDelta, configuration);
  }

  /** One at a time; the next change tries again where it fails. */
  #startFolding(version: number): void {
    if (this.#folding !== undefined) return;
    this.#folding = this.#foldWhereDue(version)
      .catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        this.#settings.logger?.warn({ version, reason }, 'configuration was not stored as a whole');
      })
      .finally(() => {
        this.#folding = undefined;
      });
  }

  /** Whoever reads a version reads the last whole one and all changes since. */
  async #foldWhereDue(version: number): Promise<void> {
    const { foldAfter = FOLD_AFTER, url } = this.#settings;
    if (url === undefined) return;
    const { rows } = await this.#pool.query<{ version: string }>(
      'SELECT max(version) AS version FROM tandem_config.version',
    );
    if (version - Number(rows[0]?.version ?? version) >= foldAfter) {
      await foldInThread({ url, version });
    }
  }
}

/** Each version, stored whichever way. */
const ENTRIES = `SELECT version, applied_at, applied_by, note FROM (
    SELECT version, applied_at, applied_by, note FROM tandem_config.version WHERE NOT is_folded
    UNION ALL SELECT version, applied_at, applied_by, note FROM tandem_config.change) entries`;

async function insert(
  client: PoolClient,
  decision: NewVersion,
  { context, delta }: { readonly context: ApplyContext; readonly delta: string | undefined },
): Promise<void> {
  const [table, column] = delta === undefined ? ['version', 'document'] : ['change', 'delta'];
  await client.query(
    `INSERT INTO tandem_config.${table} (version, applied_by, note, ${column}, shape)
     VALUES ($1, $2, $3, $4, $5)`,
    [
      decision.version,
      context.appliedBy,
      context.note,
      delta ?? JSON.stringify(decision.configuration),
      configurationShape(),
    ],
  );
  if (decision.openings.length > 0) {
    await client.query(
      `INSERT INTO tandem_config.opening_balance (account, amount, currency, version)
       SELECT account, amount, currency, $1 FROM jsonb_to_recordset($2::jsonb)
         AS opening (account text, amount text, currency text)`,
      [decision.version, JSON.stringify(decision.openings)],
    );
  }
  await client.query('SELECT pg_notify($1, $2)', [CONFIGURATION_CHANNEL, String(decision.version)]);
}

function entryOf(row: VersionRow): VersionEntry {
  return {
    version: Number(row.version),
    appliedAt: row.applied_at,
    appliedBy: row.applied_by,
    note: row.note,
  };
}

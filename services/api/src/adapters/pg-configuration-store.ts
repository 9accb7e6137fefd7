import {
  completeConfiguration,
  CONFIGURATION_CHANNEL,
  configurationShape,
  releaseMemory,
  type Configuration,
} from '@tandem/config';
import type { Pool, PoolClient } from '@tandem/service';
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

interface StoredDocument {
  readonly document: unknown;
  readonly shape: string;
}

/** The versions in schema `tandem_config`. */
export function openConfigurationStore(pool: Pool): ConfigurationStore {
  return new PgConfigurationStore(pool);
}

class PgConfigurationStore implements ConfigurationStore {
  readonly #pool: Pool;
  #cached: StoredConfiguration | undefined;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async current(): Promise<StoredConfiguration | undefined> {
    return guarded(() => this.#newest(this.#pool));
  }

  async list(page: { limit: number; before?: number }): Promise<VersionEntry[]> {
    return guarded(async () => {
      const { rows } = await this.#pool.query<VersionRow>(
        `SELECT version, applied_at, applied_by, note FROM tandem_config.version
          WHERE $1::bigint IS NULL OR version < $1 ORDER BY version DESC LIMIT $2`,
        [page.before ?? null, page.limit],
      );
      return rows.map(entryOf);
    });
  }

  async get(
    version: number,
  ): Promise<(VersionEntry & { configuration: Configuration }) | undefined> {
    return guarded(async () => {
      const { rows } = await this.#pool.query<VersionRow & StoredDocument & { size: number }>(
        `SELECT version, applied_at, applied_by, note, document, shape, length(document::text) AS size
           FROM tandem_config.version WHERE version = $1`,
        [version],
      );
      const row = rows[0];
      if (row === undefined) return undefined;
      releaseMemory(row.size);
      return { ...entryOf(row), configuration: documentOf(row) };
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
    const decision = decide(await this.#newest(client), openings);
    if (decision.kind === 'new' && !context.isDryRun) await insert(client, decision, context);
    return decision;
  }

  /** A version never changes: its document is read once. */
  async #newest(client: Pool | PoolClient): Promise<StoredConfiguration | undefined> {
    const newest = await client.query<{ version: string | null }>(
      'SELECT max(version) AS version FROM tandem_config.version',
    );
    const version = Number(newest.rows[0]?.version ?? 0);
    if (version === 0) return undefined;
    if (this.#cached?.version === version) return this.#cached;
    const { rows } = await client.query<StoredDocument>(
      'SELECT document, shape FROM tandem_config.version WHERE version = $1',
      [version],
    );
    // Versions are never removed: the row is there.
    const [row] = rows;
    if (row === undefined) return undefined;
    this.#cached = { version, configuration: documentOf(row) };
    return this.#cached;
  }
}

async function insert(
  client: PoolClient,
  decision: NewVersion,
  context: ApplyContext,
): Promise<void> {
  await client.query(
    `INSERT INTO tandem_config.version (version, applied_by, note, document, shape)
     VALUES ($1, $2, $3, $4, $5)`,
    [
      decision.version,
      context.appliedBy,
      context.note,
      JSON.stringify(decision.configuration),
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

function documentOf({ document, shape }: StoredDocument): Configuration {
  return completeConfiguration(document, shape);
}

function entryOf(row: VersionRow): VersionEntry {
  return {
    version: Number(row.version),
    appliedAt: row.applied_at,
    appliedBy: row.applied_by,
    note: row.note,
  };
}

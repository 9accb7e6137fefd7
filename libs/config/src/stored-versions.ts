import type { QueryResult, QueryResultRow } from 'pg';
import { completeDelta, type ConfigurationDelta } from './delta.ts';

/** A connection, or a pool of them. */
export interface Queryable {
  query<Row extends QueryResultRow>(text: string, values?: unknown[]): Promise<QueryResult<Row>>;
}

/** Where the store of versions is. */
export interface StoreState {
  /** Another one after a restore: what was known before is of another history then. */
  readonly life: string;
  /** 0 = none yet. */
  readonly newest: number;
}

/** A version that is stored as a whole. */
export interface WholeVersion {
  readonly version: number;
  readonly shape: string;
  /** Bytes of the document as it is stored. */
  readonly stored: number;
  /** Null where it is large. */
  readonly document: unknown;
  /** Characters of the document; null where it is large. */
  readonly size: number | null;
}

/** Asks for the newest version, stored whichever way. */
export async function storeState(client: Queryable): Promise<StoreState> {
  const { rows } = await client.query<{ life: string; newest: string | null }>(
    `SELECT tandem_config.store_life() AS life,
            greatest((SELECT max(version) FROM tandem_config.version),
                     (SELECT max(version) FROM tandem_config.change)) AS newest`,
  );
  return { life: rows[0]?.life ?? '', newest: Number(rows[0]?.newest ?? 0) };
}

/**
 * The changes from one version to another.
 * @returns undefined where a version in between is stored as a whole alone
 * @throws ZodError where a change of another release does not fit
 */
export async function changesFrom(
  client: Queryable,
  since: number,
  version: number,
): Promise<ConfigurationDelta[] | undefined> {
  if (since === version) return [];
  const { rows } = await client.query<{ shape: string; delta: ConfigurationDelta }>(
    `SELECT shape, delta FROM tandem_config.change WHERE version > $1 AND version <= $2
      ORDER BY version`,
    [since, version],
  );
  if (rows.length !== version - since) return undefined;
  return rows.map(({ delta, shape }) => completeDelta(delta, shape));
}

/**
 * The version itself, or the last one before it that is stored as a whole.
 * @param largeBytes of a stored document, from which it is left out
 */
export async function wholeVersion(
  client: Queryable,
  version: number,
  largeBytes: number,
): Promise<WholeVersion | undefined> {
  const { rows } = await client.query<Omit<WholeVersion, 'version'> & { version: string }>(
    // One statement is one snapshot of the database: never half of a version.
    `SELECT version, shape, pg_column_size(document) AS stored,
            CASE WHEN pg_column_size(document) < $2 THEN document END AS document,
            CASE WHEN pg_column_size(document) < $2 THEN length(document::text) END AS size
       FROM tandem_config.version WHERE version <= $1 ORDER BY version DESC LIMIT 1`,
    [version, largeBytes],
  );
  const [row] = rows;
  return row && { ...row, version: Number(row.version) };
}

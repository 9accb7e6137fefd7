import { contentOf, packedBytes } from '@tandem/config';
import type { NumberListContent } from '@tandem/domain';
import type { Pool, PoolClient } from '@tandem/service';
import type { NumberListStore, NumberListVersion } from '../ports.ts';
import { guarded } from './guarded.ts';
import { inTransaction } from './in-transaction.ts';

/** Versions of a list that are kept. */
const KEPT = 20;

const VERSION = 'list, version, imported_at, imported_by, note, numbers';

interface VersionRow {
  readonly list: string;
  readonly version: string;
  readonly imported_at: Date;
  readonly imported_by: string;
  readonly note: string;
  readonly numbers: number;
}

interface ContentRow {
  readonly version: string;
  readonly packed: Buffer;
  readonly others: string[];
}

/** Lists in `tandem_config.number_list`. */
export function openNumberListStore(pool: Pool): NumberListStore {
  const content = async (
    client: Pool | PoolClient,
    list: string,
    version?: number,
  ): Promise<{ readonly version: number; readonly content: NumberListContent } | undefined> => {
    const { rows } = await client.query<ContentRow>(
      `SELECT version, packed, others FROM tandem_config.number_list
        WHERE list = $1 AND ($2::bigint IS NULL OR version = $2) ORDER BY version DESC LIMIT 1`,
      [list, version ?? null],
    );
    const [row] = rows;
    return row && { version: Number(row.version), content: contentOf(row) };
  };
  return {
    list: () =>
      guarded(async () => {
        const { rows } = await pool.query<VersionRow>(
          `SELECT DISTINCT ON (list) ${VERSION} FROM tandem_config.number_list ORDER BY list, version DESC`,
        );
        return rows.map(versionOf);
      }),
    versions: (list) =>
      guarded(async () => {
        const { rows } = await pool.query<VersionRow>(
          `SELECT ${VERSION} FROM tandem_config.number_list WHERE list = $1 ORDER BY version DESC`,
          [list],
        );
        return rows.map(versionOf);
      }),
    content: (list, version) => guarded(async () => (await content(pool, list, version))?.content),
    change: (list, decide, { appliedBy, note }) =>
      guarded(() =>
        inTransaction(pool, async (client) => {
          await client.query(`SELECT pg_advisory_xact_lock(hashtext('number list ' || $1))`, [
            list,
          ]);
          const current = await content(client, list);
          const next = decide(current?.content, current?.version ?? 0);
          if (next === undefined) return undefined;
          const { rows } = await client.query<{ version: string }>(
            `INSERT INTO tandem_config.number_list (list, version, imported_by, note, numbers, packed, others)
             SELECT $1, coalesce(max(version), 0) + 1, $2, $3, $4, $5, $6
               FROM tandem_config.number_list WHERE list = $1
             RETURNING version`,
            [
              list,
              appliedBy,
              note,
              next.packed.length + next.others.length,
              packedBytes(next),
              next.others,
            ],
          );
          const version = Number(rows[0]?.version);
          await client.query(
            'DELETE FROM tandem_config.number_list WHERE list = $1 AND version <= $2',
            [list, version - KEPT],
          );
          return version;
        }),
      ),
  };
}

function versionOf(row: VersionRow): NumberListVersion {
  return {
    list: row.list,
    version: Number(row.version),
    importedAt: row.imported_at,
    importedBy: row.imported_by,
    note: row.note,
    numbers: row.numbers,
  };
}

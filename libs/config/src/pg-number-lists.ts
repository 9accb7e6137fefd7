import type { NumberListContent } from '@tandem/domain';
import type { Pool } from 'pg';
import { PostgresImports, type ImportSettings, type ImportSource } from './pg-imports.ts';

/** What is in a list, and since which version of it. */
export interface ImportedList {
  readonly version: number;
  readonly content: NumberListContent;
}

interface ContentRow {
  readonly packed: Buffer;
  readonly others: string[];
}

/** Gives a service what is in the lists that it looks at (ROUTE-10). */
export function openNumberLists(settings: ImportSettings<ImportedList>): ImportSource {
  return new PostgresImports(
    { what: 'number list', table: 'tandem_config.number_list', column: 'list', read: readList },
    settings,
  );
}

async function readList(
  pool: Pool,
  name: string,
  version: number,
): Promise<ImportedList | undefined> {
  const { rows } = await pool.query<ContentRow>(
    'SELECT packed, others FROM tandem_config.number_list WHERE list = $1 AND version = $2',
    [name, version],
  );
  return rows[0] && { version, content: contentOf(rows[0]) };
}

/** The content of a row of the table. */
export function contentOf(row: ContentRow): NumberListContent {
  // A copy of its own, since a buffer may begin anywhere.
  const { buffer, byteOffset, byteLength } = row.packed;
  const packed = new Float64Array(buffer.slice(byteOffset, byteOffset + byteLength));
  return { packed, others: row.others };
}

/** The same, to be stored. */
export function packedBytes({ packed }: NumberListContent): Buffer {
  return Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
}

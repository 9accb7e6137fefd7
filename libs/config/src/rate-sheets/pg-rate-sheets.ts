import type { ClientBase, Pool } from 'pg';
import { RatePacker, type PackedRates } from '../packed-lists.ts';
import { PostgresImports, type ImportSettings, type ImportSource } from '../pg-imports.ts';

/** The rates of a group as they were imported. */
export interface ImportedSheet {
  /** 0 where nothing was imported. */
  readonly version: number;
  readonly rates: PackedRates;
}

/** Bytes of an index that are read at once: some milliseconds of this thread. */
const SLICE = 1024 * 1024;

interface SheetRow {
  readonly version: string;
  readonly terms: Buffer;
  readonly fields: readonly (readonly string[])[];
  readonly size: number;
}

/** Where a packed sheet stands: a version of a group, or one that an import has made. */
export type SheetPlace =
  { readonly group: string; readonly version?: number | undefined } | { readonly importId: string };

/**
 * Reads a sheet, a megabyte at a time, so that a thread that has other things to do can do them in between.
 * @returns undefined where there is none
 */
export async function readSheet(
  client: Pool | ClientBase,
  place: SheetPlace,
): Promise<ImportedSheet | undefined> {
  const [from, values] = placeOf(place);
  const { rows } = await client.query<SheetRow>(
    `SELECT version, terms, fields, octet_length(index) AS size FROM ${from}`,
    values,
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const index = new SharedArrayBuffer(row.size);
  const bytes = Buffer.from(index);
  const version = Number(row.version);
  const exact = 'importId' in place ? place : { ...place, version };
  const [exactFrom, exactValues] = placeOf(exact);
  for (let at = 0; at < row.size; at += SLICE) {
    const slice = await client.query<{ slice: Buffer }>(
      `SELECT substr(index, ${String(at + 1)}, ${String(SLICE)}) AS slice FROM ${exactFrom}`,
      exactValues,
    );
    // It may be taken away while it is read.
    if (slice.rows[0] === undefined) return undefined;
    bytes.set(slice.rows[0].slice, at);
  }
  const terms = new SharedArrayBuffer(row.terms.length);
  Buffer.from(terms).set(row.terms);
  return { version, rates: { index, terms, fields: row.fields } };
}

function placeOf(place: SheetPlace): readonly [from: string, values: unknown[]] {
  if ('importId' in place) {
    return [
      '(SELECT 0 AS version, sheet_terms AS terms, fields, index FROM tandem_config.rate_import WHERE id = $1 AND index IS NOT NULL) AS sheet',
      [place.importId],
    ];
  }
  return [
    `(SELECT version, terms, fields, index FROM tandem_config.rate_sheet
       WHERE rate_group = $1 AND ($2::bigint IS NULL OR version = $2) ORDER BY version DESC LIMIT 1) AS sheet`,
    [place.group, place.version ?? null],
  ];
}

/** Gives a service the sheets that it looks at (BILL-02). */
export function openRateSheets(settings: ImportSettings<ImportedSheet>): ImportSource {
  return new PostgresImports(
    {
      what: 'rate sheet',
      table: 'tandem_config.rate_sheet',
      column: 'rate_group',
      read: (pool, group, version) => readSheet(pool, { group, version }),
      empty: { version: 0, rates: new RatePacker().finish() },
    },
    settings,
  );
}

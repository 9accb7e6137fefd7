import type { ClientBase, Pool } from 'pg';
import { RatePacker, type PackedRates } from '../packed-lists.ts';
import type { SnapshotLogger } from '../pg-snapshots.ts';

/** The rates of a group as they were imported. */
export interface ImportedSheet {
  /** 0 where nothing was imported. */
  readonly version: number;
  readonly rates: PackedRates;
}

/** Gives a service the sheets that it looks at, and tells when one changes (BILL-02, ROUTE-13). */
export interface RateSheetSource {
  /** Says the sheets of which groups are looked at from now on; `onSheets` tells once all of them are there. */
  follow(groups: readonly string[]): void;
  close(): Promise<void>;
}

export interface RateSheetSettings {
  /** Used for reading and left open on `close`. */
  readonly pool: Pool;
  readonly logger: SnapshotLogger;
  /** Called with the sheets of all groups that are looked at, each time one of them has come or changed. */
  readonly onSheets: (sheets: ReadonlyMap<string, ImportedSheet>) => void;
  /** Interval of the check of the versions. @default 1000 */
  readonly pollMs?: number;
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

const noSheet: ImportedSheet = { version: 0, rates: new RatePacker().finish() };

/** PostgreSQL: the table is not there yet. */
const NOT_MIGRATED = '42P01';

/**
 * Follows sheets in PostgreSQL: which version is the newest is asked every second, as long as any is looked at. A PostgreSQL that goes
 * away leaves what is known in effect.
 */
export function openRateSheets(settings: RateSheetSettings): RateSheetSource {
  return new PostgresRateSheets(settings);
}

class PostgresRateSheets implements RateSheetSource {
  readonly #settings: RateSheetSettings;
  readonly #timer: NodeJS.Timeout;
  readonly #sheets = new Map<string, ImportedSheet>();
  #groups: readonly string[] = [];
  #isTold = true;
  #reading: Promise<void> | undefined;
  #isAway = false;

  constructor(settings: RateSheetSettings) {
    this.#settings = settings;
    this.#timer = setInterval(() => {
      this.#read();
    }, settings.pollMs ?? 1000);
  }

  follow(groups: readonly string[]): void {
    this.#groups = groups;
    for (const group of this.#sheets.keys()) {
      if (!groups.includes(group)) this.#sheets.delete(group);
    }
    this.#isTold = false;
    this.#tell();
    this.#read();
  }

  async close(): Promise<void> {
    this.#groups = [];
    clearInterval(this.#timer);
    await this.#reading;
  }

  /** At most one at a time; what is new meanwhile is seen a second later, or by the one that follows at once. */
  #read(): void {
    if (this.#groups.length === 0 || this.#reading !== undefined) return;
    const groups = this.#groups;
    this.#reading = this.#readNewer(groups)
      .then(() => {
        if (this.#isAway) this.#settings.logger.info({}, 'store of rate sheets is back');
        this.#isAway = false;
      })
      .catch((error: unknown) => {
        if (error instanceof Error && 'code' in error && error.code === NOT_MIGRATED) return;
        const reason = error instanceof Error ? error.message : String(error);
        if (!this.#isAway) this.#settings.logger.warn({ reason }, 'store of rate sheets is away');
        this.#isAway = true;
      })
      .finally(() => {
        this.#reading = undefined;
        if (this.#groups !== groups) this.#read();
      });
  }

  async #readNewer(groups: readonly string[]): Promise<void> {
    const { logger, pool } = this.#settings;
    const { rows } = await pool.query<{ rate_group: string; version: string }>(
      `SELECT rate_group, max(version) AS version FROM tandem_config.rate_sheet
        WHERE rate_group = ANY($1) GROUP BY rate_group`,
      [groups],
    );
    const newest = new Map(rows.map((row) => [row.rate_group, Number(row.version)]));
    for (const group of groups) {
      const version = newest.get(group) ?? 0;
      if (this.#sheets.get(group)?.version === version) continue;
      const startMs = performance.now();
      const sheet = version === 0 ? noSheet : await readSheet(pool, { group, version });
      if (sheet === undefined || !this.#groups.includes(group)) continue;
      this.#sheets.set(group, sheet);
      this.#isTold = false;
      const milliseconds = Math.round(performance.now() - startMs);
      logger.info({ group, version, milliseconds }, 'rate sheet read');
    }
    this.#tell();
  }

  #tell(): void {
    if (this.#isTold || !this.#groups.every((group) => this.#sheets.has(group))) return;
    this.#isTold = true;
    this.#settings.onSheets(new Map(this.#sheets));
  }
}

import { randomUUID } from 'node:crypto';
import type { Mistake } from '@tandem/config';
import type { Pool, PoolClient } from '@tandem/service';
import type { ImportRequest, ImportState, ImportTerms, RateDenial, RateImport, SheetVersion } from '../rate-ports.ts'; // prettier-ignore
import type { ReadSoFar } from './rate-jobs.ts';

/** Versions of a sheet that are kept. */
const KEPT_VERSIONS = 10;
/** Imports of a group of which the report is kept. */
const KEPT_IMPORTS = 20;
/** A process that reads says so each second. */
const SILENT = "interval '30 seconds'";
/** What nobody has applied after this is given up: its sheet takes room. */
const WAITING = "interval '7 days'";

const IMPORT = `id, rate_group, begun_at, begun_by, note, terms, bytes, lines, report, rates, prefixes,
  CASE WHEN state = 'reading' AND touched_at < now() - ${SILENT} THEN 'broken' ELSE state END AS state`;

interface ImportRow {
  readonly id: string;
  readonly rate_group: string;
  readonly state: ImportState;
  readonly begun_at: Date;
  readonly begun_by: string;
  readonly note: string;
  readonly terms: ImportTerms;
  readonly bytes: string;
  readonly lines: string;
  readonly report: Record<string, unknown> | null;
  readonly rates: number | null;
  readonly prefixes: number | null;
}

/** The rows of imports and of versions of sheets, without what is in them. */
export class PgRateImports {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** @param base what it is held against */
  async begin({ begunBy, group, note, terms }: ImportRequest, base: string): Promise<string | RateDenial> {
    await this.#tidy(group);
    const { rows } = await this.#pool.query<{ id: string }>(
      `INSERT INTO tandem_config.rate_import (id, rate_group, state, begun_by, note, terms, base)
       VALUES ($1, $2, 'reading', $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING id`,
      [randomUUID(), group, begunBy, note, JSON.stringify(terms), base],
    );
    if (rows[0] !== undefined) return rows[0].id;
    const other = await this.#pool.query<{ begun_by: string; begun_at: Date }>(
      `SELECT begun_by, begun_at FROM tandem_config.rate_import WHERE rate_group = $1 AND state = 'reading'`,
      [group],
    );
    const [running] = other.rows;
    return {
      kind: 'import-running',
      begunBy: running?.begun_by ?? '',
      begunAt: running?.begun_at ?? new Date(),
    };
  } // prettier-ignore

  async touch(id: string, { bytes, lines }: ReadSoFar): Promise<void> {
    await this.#pool.query(
      `UPDATE tandem_config.rate_import SET touched_at = now(), bytes = $2, lines = greatest(lines, $3) WHERE id = $1`,
      [id, bytes, lines],
    );
  }

  async breakOff(id: string): Promise<void> {
    await this.#pool.query(
      `UPDATE tandem_config.rate_import SET state = 'broken' WHERE id = $1 AND state = 'reading'`,
      [id],
    );
  }

  async list(group: string): Promise<readonly RateImport[]> {
    const { rows } = await this.#pool.query<ImportRow>(
      `SELECT ${IMPORT} FROM tandem_config.rate_import WHERE rate_group = $1
        ORDER BY begun_at DESC, id LIMIT $2`,
      [group, KEPT_IMPORTS],
    );
    return rows.map(importOf);
  }

  async get(group: string, id: string): Promise<RateImport | undefined> {
    const { rows } = await this.#pool.query<ImportRow>(
      `SELECT ${IMPORT} FROM tandem_config.rate_import WHERE rate_group = $1 AND id::text = $2`,
      [group, id],
    );
    return rows[0] && importOf(rows[0]);
  }

  async mistakes(group: string, id: string): Promise<readonly Mistake[] | undefined> {
    const { rows } = await this.#pool.query<{ mistakes: Mistake[] | null }>(
      'SELECT mistakes FROM tandem_config.rate_import WHERE rate_group = $1 AND id::text = $2',
      [group, id],
    );
    return rows[0] && (rows[0].mistakes ?? []);
  }

  async base(id: string): Promise<string | undefined> {
    const { rows } = await this.#pool.query<{ base: string }>(
      'SELECT base FROM tandem_config.rate_import WHERE id::text = $1',
      [id],
    );
    return rows[0]?.base;
  }

  async discard(group: string, id: string): Promise<RateImport | undefined> {
    await this.#pool.query(
      `UPDATE tandem_config.rate_import SET state = 'discarded', index = NULL, sheet_terms = NULL
        WHERE rate_group = $1 AND id::text = $2 AND state IN ('ready', 'refused', 'broken')`,
      [group, id],
    );
    return this.get(group, id);
  }

  async versions(group: string): Promise<readonly SheetVersion[]> {
    const { rows } = await this.#pool.query<Record<string, string> & { applied_at: Date; rates: number; prefixes: number }>(
      `SELECT version, applied_at, applied_by, note, rates, prefixes FROM tandem_config.rate_sheet
        WHERE rate_group = $1 ORDER BY version DESC`,
      [group],
    );
    return rows.map((row) => ({
      version: Number(row['version']),
      appliedAt: row.applied_at,
      appliedBy: String(row['applied_by']),
      note: String(row['note']),
      rates: row.rates,
      prefixes: row.prefixes,
    }));
  } // prettier-ignore

  /** The newest version of a sheet, and the import that made it. */
  async newest(
    client: Pool | PoolClient,
    group: string,
  ): Promise<{ readonly version: number; readonly importId: string | undefined }> {
    const { rows } = await client.query<{ version: string; import: string | null }>(
      `SELECT version, import FROM tandem_config.rate_sheet WHERE rate_group = $1
        ORDER BY version DESC LIMIT 1`,
      [group],
    );
    const [row] = rows;
    return { version: Number(row?.version ?? 0), importId: row?.import ?? undefined };
  }

  /** Makes a version of what an import has read. @param terms in place of those that it was read with */
  async putImport(
    client: PoolClient,
    { appliedBy, group, id, terms }: { readonly group: string; readonly id: string; readonly appliedBy: string; readonly terms: Buffer | undefined },
  ): Promise<number> {
    const { rows } = await client.query<{ version: string }>(
      `INSERT INTO tandem_config.rate_sheet (rate_group, version, applied_by, note, import, rates, prefixes, index, terms, fields)
       SELECT rate_group, $4::bigint + 1, $2, note, id, rates, prefixes, index, coalesce($3, sheet_terms), fields
         FROM tandem_config.rate_import WHERE id::text = $1 RETURNING version`,
      [id, appliedBy, terms ?? null, (await this.newest(client, group)).version],
    );
    await forgetOld(client, group);
    return Number(rows[0]?.version);
  } // prettier-ignore

  /** The terms of the sheet that an import makes, while it can be applied; nobody else applies it meanwhile. */
  async lockReady(client: PoolClient, id: string): Promise<Buffer | undefined> {
    const { rows } = await client.query<{ sheet_terms: Buffer | null }>(
      `SELECT sheet_terms FROM tandem_config.rate_import WHERE id::text = $1 AND state = 'ready' FOR UPDATE`,
      [id],
    );
    return rows[0]?.sheet_terms ?? undefined;
  }

  async applied(id: string): Promise<void> {
    await this.#pool.query(
      `UPDATE tandem_config.rate_import SET state = 'applied', index = NULL, sheet_terms = NULL WHERE id::text = $1`,
      [id],
    );
  }

  /** @returns undefined where there is no such version */
  async putVersion(
    client: PoolClient,
    { appliedBy, group, note, version }: { readonly group: string; readonly version: number; readonly appliedBy: string; readonly note: string },
  ): Promise<number | undefined> {
    const { rows } = await client.query<{ version: string }>(
      `INSERT INTO tandem_config.rate_sheet (rate_group, version, applied_by, note, rates, prefixes, index, terms, fields)
       SELECT rate_group, $5::bigint + 1, $3, $4, rates, prefixes, index, terms, fields
         FROM tandem_config.rate_sheet WHERE rate_group = $1 AND version = $2 RETURNING version`,
      [group, version, appliedBy, note, (await this.newest(client, group)).version],
    );
    await forgetOld(client, group);
    return rows[0] && Number(rows[0].version);
  } // prettier-ignore

  /** What died while it read, what nobody wants, and what is long over. */
  async #tidy(group: string): Promise<void> {
    await this.#pool.query(
      `UPDATE tandem_config.rate_import SET state = 'broken'
        WHERE rate_group = $1 AND state = 'reading' AND touched_at < now() - ${SILENT}`,
      [group],
    );
    await this.#pool.query(
      `UPDATE tandem_config.rate_import SET state = 'discarded', index = NULL, sheet_terms = NULL
        WHERE rate_group = $1 AND state = 'ready' AND begun_at < now() - ${WAITING}`,
      [group],
    );
    await this.#pool.query(
      `DELETE FROM tandem_config.rate_import WHERE rate_group = $1 AND state <> 'reading' AND id NOT IN
        (SELECT id FROM tandem_config.rate_import WHERE rate_group = $1 ORDER BY begun_at DESC, id LIMIT $2)`,
      [group, KEPT_IMPORTS - 1],
    );
  }
}

async function forgetOld(client: PoolClient, group: string): Promise<void> {
  await client.query(
    `DELETE FROM tandem_config.rate_sheet WHERE rate_group = $1 AND version <=
      (SELECT max(version) - $2 FROM tandem_config.rate_sheet WHERE rate_group = $1)`,
    [group, KEPT_VERSIONS],
  );
}

function importOf(row: ImportRow): RateImport {
  return {
    ...row.terms,
    id: row.id,
    group: row.rate_group,
    state: row.state,
    begunAt: row.begun_at,
    begunBy: row.begun_by,
    note: row.note,
    bytes: Number(row.bytes),
    lines: Number(row.lines),
    report: row.report ?? undefined,
    rates: row.rates ?? undefined,
    prefixes: row.prefixes ?? undefined,
  };
}

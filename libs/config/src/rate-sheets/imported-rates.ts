import type { ClientBase, Pool } from 'pg';
import type { Snapshot } from '../snapshots.ts';
import { readSheet, type SheetPlace } from './pg-rate-sheets.ts';

/** An import of rates that waits to be applied (ADR 89). */
export interface HeldImport {
  readonly rateGroup: string;
  readonly importId: string;
}

/** A version of a group's sheet. */
export interface SheetVersion {
  readonly rateGroup: string;
  readonly version: number;
}

/** The sheets in effect of those groups of a configuration whose rates are imported; groups without any are left out. */
export async function sheetsInEffect(
  client: Pool | ClientBase,
  { configuration }: Pick<Snapshot, 'configuration'>,
): Promise<readonly SheetVersion[]> {
  const groups = configuration.rateGroups.flatMap(({ name, sheet }) => (sheet === true ? [name] : [])); // prettier-ignore
  if (groups.length === 0) return [];
  const { rows } = await client.query<{ readonly rate_group: string; readonly version: string }>(
    `SELECT rate_group, max(version) AS version FROM tandem_config.rate_sheet WHERE rate_group = ANY($1) GROUP BY rate_group`,
    [groups],
  );
  return rows.map((row) => ({ rateGroup: row.rate_group, version: Number(row.version) }));
}

/**
 * A configuration with the rates that stand beside its document: those of some sheets, and those of imports in place of what their groups
 * have. @throws where one of them is not there any more
 */
export async function withImportedRates(
  client: Pool | ClientBase,
  snapshot: Snapshot,
  { held, sheets }: { readonly held: readonly HeldImport[]; readonly sheets: readonly SheetVersion[] }, // prettier-ignore
): Promise<Snapshot> {
  const places = new Map<string, SheetPlace>();
  for (const { rateGroup: group, version } of sheets) places.set(group, { group, version });
  for (const { importId, rateGroup } of held) places.set(rateGroup, { importId });
  if (places.size === 0) return snapshot;
  const rates = new Map(snapshot.lists.rates);
  for (const [group, place] of places) {
    const sheet = await readSheet(client, place);
    if (sheet === undefined) {
      const what = 'importId' in place ? `import ${place.importId}` : `version ${String(place.version)} of the rates`; // prettier-ignore
      throw new Error(`${what} of rate group ${group} is not there any more`);
    }
    rates.set(group, sheet.rates);
  }
  return { ...snapshot, lists: { ...snapshot.lists, rates } };
}

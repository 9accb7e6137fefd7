import type { ImportedSheet, ImportSource, Snapshot } from '@tandem/config';
import type { Logger } from '@tandem/service';

export interface RateSheetParts {
  /** Opens the source, once there is a group with a sheet; undefined where sheets cannot be had. */
  readonly open: (
    onSheet: (group: string, sheet: ImportedSheet) => void,
  ) => ImportSource | undefined;
  /** Puts a version of the configuration into effect. @throws, or rejects, where it cannot be used */
  readonly use: (snapshot: Snapshot) => Promise<void> | undefined;
  readonly logger: Pick<Logger, 'error'>;
}

/**
 * Puts the sheets that were imported in the place of the rates that the document leaves out (ADR 89). A configuration comes into effect when
 * all of its sheets are there: a call that meets a group without its rates would be refused, and the version before goes on
 * meanwhile. A sheet that changes makes new tables of the same configuration.
 */
export class RateSheetsInEffect {
  readonly #parts: RateSheetParts;
  readonly #sheets = new Map<string, ImportedSheet>();
  #source: ImportSource | undefined;
  #latest: Snapshot | undefined;

  constructor(parts: RateSheetParts) {
    this.#parts = parts;
  }

  /** The version of each sheet that is looked at; 0 where it has not come, or nothing was imported. */
  versions(): ReadonlyMap<string, number> {
    const groups = this.#latest === undefined ? [] : groupsOf(this.#latest);
    return new Map(groups.map((group) => [group, this.#sheets.get(group)?.version ?? 0]));
  }

  /** @throws, or rejects, where a version without sheets cannot be used; the one before stays */
  follow(snapshot: Snapshot): Promise<void> | undefined {
    this.#latest = snapshot;
    const groups = groupsOf(snapshot);
    for (const group of this.#sheets.keys()) {
      if (!groups.includes(group)) this.#sheets.delete(group);
    }
    if (groups.length > 0) {
      this.#source ??= this.#parts.open((group, sheet) => {
        if (!this.#isFollowed(group)) return;
        this.#sheets.set(group, sheet);
        this.#use();
      });
    }
    void this.#source?.follow(groups);
    if (groups.length === 0 || this.#source === undefined) return this.#parts.use(snapshot);
    this.#use();
    return undefined;
  }

  async close(): Promise<void> {
    this.#latest = undefined;
    await this.#source?.close();
  }

  #isFollowed(group: string): boolean {
    return this.#latest !== undefined && groupsOf(this.#latest).includes(group);
  }

  /** Once all of its sheets are there. */
  #use(): void {
    const snapshot = this.#latest;
    if (snapshot === undefined) return;
    const rates = new Map(snapshot.lists.rates);
    for (const group of groupsOf(snapshot)) {
      const sheet = this.#sheets.get(group);
      if (sheet === undefined) return;
      rates.set(group, sheet.rates);
    }
    const sheets = new Map([...this.#sheets].map(([group, { version }]) => [group, version]));
    const whole = { ...snapshot, lists: { ...snapshot.lists, rates, sheets } };
    void (async () => {
      try {
        await this.#parts.use(whole);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        this.#parts.logger.error({ version: snapshot.version, reason }, 'configuration not used');
      }
    })();
  }
}

/** The groups whose rates are imported. */
function groupsOf({ configuration }: Snapshot): readonly string[] {
  return configuration.rateGroups.filter(({ sheet }) => sheet === true).map(({ name }) => name);
}

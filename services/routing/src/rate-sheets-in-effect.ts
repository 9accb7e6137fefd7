import type { ImportedSheet, RateSheetSource, Snapshot } from '@tandem/config';
import { RatePacker } from '@tandem/config';
import type { Logger } from '@tandem/service';

const noRates = new RatePacker().finish();

export interface RateSheetParts {
  /** Opens the source, once there is a group with a sheet; undefined where sheets cannot be had. */
  readonly open: (
    onSheets: (sheets: ReadonlyMap<string, ImportedSheet>) => void,
  ) => RateSheetSource | undefined;
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
  #source: RateSheetSource | undefined;
  #sheets: ReadonlyMap<string, ImportedSheet> = new Map();
  #latest: Snapshot | undefined;

  constructor(parts: RateSheetParts) {
    this.#parts = parts;
  }

  /** Rates of each sheet in effect, and its version. */
  get current(): ReadonlyMap<string, ImportedSheet> {
    return this.#sheets;
  }

  /** @throws, or rejects, where a version without sheets cannot be used; the one before stays */
  follow(snapshot: Snapshot): Promise<void> | undefined {
    this.#latest = snapshot;
    const groups = groupsOf(snapshot);
    if (groups.length > 0) {
      this.#source ??= this.#parts.open((sheets) => {
        this.#take(sheets);
      });
    }
    if (groups.length === 0 || this.#source === undefined) {
      this.#sheets = new Map();
      this.#source?.follow([]);
      return this.#parts.use(snapshot);
    }
    this.#source.follow(groups);
    return undefined;
  }

  async close(): Promise<void> {
    this.#latest = undefined;
    await this.#source?.close();
  }

  #take(sheets: ReadonlyMap<string, ImportedSheet>): void {
    const snapshot = this.#latest;
    if (snapshot === undefined) return;
    const groups = groupsOf(snapshot);
    if (groups.length === 0 || !groups.every((group) => sheets.has(group))) return;
    this.#sheets = sheets;
    const rates = new Map(snapshot.lists.rates);
    for (const group of groups) rates.set(group, sheets.get(group)?.rates ?? noRates);
    const versions = new Map([...sheets].map(([group, { version }]) => [group, version]));
    const whole = { ...snapshot, lists: { ...snapshot.lists, rates, sheets: versions } };
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

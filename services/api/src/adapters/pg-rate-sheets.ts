import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { RatePacker, readSheet, type PackedRates, type RateTerms } from '@tandem/config';
import { SwitchError } from '@tandem/domain';
import { stepByStep, type Logger, type Pool, type PoolClient } from '@tandem/service';
import { applyChange } from '../apply-change.ts';
import type { DocumentStore } from '../apply-document.ts';
import { movedStart } from '../core/rate-file/moved-start.ts';
import { ratesNear } from '../core/rates-near.ts';
import type {
  AppliedSheet,
  ImportRequest,
  RateDenial,
  RateImport,
  RateSheets,
} from '../rate-ports.ts';
import { guarded } from './guarded.ts';
import { inTransaction } from './in-transaction.ts';
import { PgRateImports } from './pg-rate-imports.ts';
import { importInThread, textOfThread, type RateBase, type ReadSoFar } from './rate-jobs.ts'; // prettier-ignore

/** What rates were in effect longer ago than this is forgotten by the next import: nothing is rated again by it. */
const REMEMBERED_MS = 400 * 24 * 3600 * 1000;
const TOUCH_MS = 1000;
/** Rates of a document that are packed before others get their turn. */
const RATES_AT_ONCE = 20_000;

export interface RateSheetParts {
  readonly pool: Pool;
  /** Where threads find the store. */
  readonly url: string;
  readonly documents: DocumentStore;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
}

/** The base of a group, and the text by which it is told from others. */
interface GroupBase {
  readonly base: RateBase;
  readonly tag: string;
  readonly isSheet: boolean;
}

/** Rate sheets in `tandem_config`; files are read in a thread for each. */
export function openRateSheetStore(parts: RateSheetParts): RateSheets {
  return new PgRateSheets(parts);
}

class PgRateSheets implements RateSheets {
  readonly #parts: RateSheetParts;
  readonly #rows: PgRateImports;

  constructor(parts: RateSheetParts) {
    this.#parts = parts;
    this.#rows = new PgRateImports(parts.pool);
  }

  async group(name: string) {
    const group = await this.#group(name);
    if (group === undefined) return undefined;
    const isSheet = group.sheet === true;
    const { version } = await guarded(() => this.#rows.newest(this.#parts.pool, name));
    return { isSheet, version: isSheet ? version : 0 };
  }

  async groups() {
    const current = await this.#parts.documents.store.current();
    return (current?.configuration.rateGroups ?? []).map(({ name }) => name);
  }

  async read(request: ImportRequest, file: AsyncIterable<Uint8Array>) {
    const { group, read, terms } = request;
    const { base, tag } = await this.#base(group);
    const id = await guarded(() => this.#rows.begin(request, tag));
    if (typeof id !== 'string') return id;
    let soFar: ReadSoFar = { bytes: 0, lines: 0 };
    const touch = (): void => {
      // Its next call says the same.
      this.#rows.touch(id, soFar).catch(() => undefined);
    };
    const timer = setInterval(touch, TOUCH_MS);
    const startMs = performance.now();
    try {
      const { url } = this.#parts;
      const goneFromMs = Date.parse(terms.effectiveFrom);
      const forgottenBeforeMs = Date.now() - REMEMBERED_MS;
      const { mode } = terms;
      const work = { kind: 'import', importId: id, base, mode, goneFromMs, forgottenBeforeMs, read } as const; // prettier-ignore
      await importInThread({ url, work }, file, (now) => {
        soFar = now;
      });
      await this.#rows.touch(id, soFar);
      const seconds = Math.round(performance.now() - startMs) / 1000;
      this.#parts.logger.info({ group, import: id, ...soFar, seconds }, 'rate file read');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#parts.logger.warn({ group, import: id, ...soFar, reason }, 'rate file was not read');
      await this.#rows.breakOff(id).catch(() => undefined);
      throw error;
    } finally {
      clearInterval(timer);
    }
    const done = await this.import(group, id);
    return done ?? { kind: 'no-such-import' as const };
  }

  imports(group: string) {
    return guarded(() => this.#rows.list(group));
  }

  import(group: string, id: string) {
    return guarded(() => this.#rows.get(group, id));
  }

  mistakes(group: string, id: string) {
    return guarded(() => this.#rows.mistakes(group, id));
  }

  async apply(group: string, id: string, appliedBy: string): Promise<AppliedSheet | RateDenial> {
    const found = await this.import(group, id);
    if (found === undefined) return { kind: 'no-such-import' };
    const before = await guarded(() => this.#rows.newest(this.#parts.pool, group));
    const current = await this.#base(group);
    // Somebody asked again, or died between two steps: it is in effect.
    if (current.isSheet && before.importId === found.id) {
      if (found.state !== 'applied') await guarded(() => this.#rows.applied(id));
      return { kind: 'applied', version: before.version };
    }
    if (found.state !== 'ready') return { kind: 'import-not-ready', state: found.state };
    const put = await guarded(() =>
      inTransaction(this.#parts.pool, async (client) => {
        await this.#lock(client, group);
        if (!(await this.#isSame(client, found))) return { kind: 'rates-changed' as const };
        const ready = await this.#rows.lockReady(client, id);
        if (ready === undefined) return { kind: 'import-not-ready' as const, state: found.state };
        const terms = found.isAtOnce
          ? movedStart(ready, found.effectiveFrom, new Date().toISOString())
          : undefined;
        const version = await this.#rows.putImport(client, { appliedBy, group, id, terms });
        return { kind: 'applied' as const, version };
      }),
    );
    if (put.kind !== 'applied') return put;
    // A version that the document does not look at yet: from this one on it does, and at nothing else.
    if (!current.isSheet) await this.#declare(group, appliedBy, found.note);
    await guarded(() => this.#rows.applied(id));
    this.#parts.logger.info({ group, version: put.version, import: id }, 'rate sheet applied');
    return put;
  }

  async discard(group: string, id: string): Promise<RateImport | RateDenial> {
    const found = await guarded(() => this.#rows.discard(group, id));
    if (found === undefined) return { kind: 'no-such-import' };
    if (found.state === 'discarded') return found;
    return { kind: 'import-not-ready', state: found.state };
  }

  versions(group: string) {
    return guarded(() => this.#rows.versions(group));
  }

  async rollBack(
    group: string,
    version: number,
    by: { readonly appliedBy: string; readonly note: string },
  ): Promise<AppliedSheet | RateDenial> {
    const put = await guarded(() =>
      inTransaction(this.#parts.pool, async (client) => {
        await this.#lock(client, group);
        return this.#rows.putVersion(client, { group, version, ...by });
      }),
    );
    if (put === undefined) return { kind: 'no-such-version' };
    const current = await this.#group(group);
    if (current?.sheet !== true) await this.#declare(group, by.appliedBy, by.note);
    return { kind: 'applied', version: put };
  }

  async near(group: string, callee: string) {
    const sheet = await guarded(() => readSheet(this.#parts.pool, { group }));
    return sheet === undefined ? [] : stepByStep(ratesNear(sheet.rates, callee));
  }

  async *csv(group: string) {
    const { base } = await this.#base(group);
    yield* textOfThread({ url: this.#parts.url, work: { kind: 'export', base } });
  }

  async changes(group: string, id: string) {
    const found = await this.import(group, id);
    if (found?.state !== 'ready') return undefined;
    const { base, tag } = await this.#base(group);
    if (tag !== (await guarded(() => this.#rows.base(id)))) return undefined;
    return textOfThread({ url: this.#parts.url, work: { kind: 'changes', base, importId: id } });
  }

  async #group(name: string) {
    const current = await this.#parts.documents.store.current();
    return current?.configuration.rateGroups.find((group) => group.name === name);
  }

  async #base(name: string): Promise<GroupBase> {
    const group = await this.#group(name);
    if (group?.sheet === true) {
      const { version } = await guarded(() => this.#rows.newest(this.#parts.pool, name));
      const base = { kind: 'sheet', group: name, version } as const;
      return { base, tag: `sheet ${String(version)}`, isSheet: true };
    }
    const packed = await packedInSteps(group?.rates ?? []);
    return { base: { kind: 'rates', rates: packed }, tag: tagOf(packed), isSheet: false };
  }

  async #isSame(client: PoolClient, { group, id }: RateImport): Promise<boolean> {
    const [{ isSheet, tag }, { version }] = [await this.#base(group), await this.#rows.newest(client, group)]; // prettier-ignore
    return (isSheet ? `sheet ${String(version)}` : tag) === (await this.#rows.base(id));
  }

  async #lock(client: PoolClient, group: string): Promise<void> {
    await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('rate sheet ' || $1, 0))`, [
      group,
    ]);
  }

  /** Has the document say that the rates of a group are imported, in place of those that stand in it. */
  async #declare(group: string, appliedBy: string, note: string): Promise<void> {
    const applied = await applyChange(
      {
        make: (current) => {
          const index = current.rateGroups.findIndex(({ name }) => name === group);
          const rateGroups = current.rateGroups.map((each, at) =>
            at === index ? { ...each, sheet: true as const, rates: [] } : each,
          );
          return { kind: 'changed', document: { ...current, rateGroups }, index };
        },
        // That the rates leave the document is what was asked for.
        allowRemoval: Number.MAX_SAFE_INTEGER,
        context: { appliedBy, note, isDryRun: false },
      },
      this.#parts.documents,
    );
    if (applied.kind === 'new' || applied.kind === 'unchanged') return;
    throw new SwitchError(
      'SWITCH_STORE_UNAVAILABLE',
      `the configuration was not changed to look at the sheet (${applied.kind}), so that the rates before are in effect: apply the import again`,
    );
  }
}

async function packedInSteps(
  rates: readonly ({ readonly prefix: string } & RateTerms)[],
): Promise<PackedRates> {
  const packer = new RatePacker();
  for (const [at, rate] of rates.entries()) {
    packer.add(rate);
    if (at % RATES_AT_ONCE === RATES_AT_ONCE - 1) await setImmediate();
  }
  return packer.finish();
}

function tagOf({ fields, index, terms }: PackedRates): string {
  const hash = createHash('sha256').update(new Uint8Array(index)).update(new Uint8Array(terms));
  return `document ${hash.update(JSON.stringify(fields)).digest('base64url')}`;
}

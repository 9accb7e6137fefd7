import { writeFile } from 'node:fs/promises';
import type * as Migration from '@tandem/migration';
import type { Block, Draft, ImportedEntry, Note, Unfit } from '@tandem/migration';
import type { Json } from '../api-client.ts';
import { CliError, exitCodes, type Detail } from '../cli-error.ts';
import { changeQuery, type ChangeOptions } from '../commands/changes.ts';
import { tellApplied } from '../commands/configuration.ts';
import { listAt, textAt } from '../output.ts';
import { readInput } from '../read-input.ts';
import type { CommandContext } from '../run-cli.ts';
import { UNFIT_COLUMNS } from './unfit-columns.ts';

/** What every import may be told. */
export interface ImportOptions extends ChangeOptions {
  readonly out?: string;
  readonly base?: string;
  readonly leaveOut?: boolean;
}

/** What was read of the files. */
export interface Source {
  /** One line for each file: how it was read, and how much is in it. */
  readonly read: readonly string[];
  readonly entries: readonly ImportedEntry[];
  readonly unfit: readonly Unfit[];
  readonly notes: readonly Note[];
  /** What must be in the document before the entries are. @default nothing */
  readonly prepare?: ((document: Block) => Block) | undefined;
}

interface Base {
  readonly document: Block;
  /** Of the switch; undefined where a file was named. */
  readonly version: string | undefined;
}

/** Puts what was read into a document, and applies it, writes it, or says what would change. */
export async function importSources(
  reading: Promise<Source>,
  options: ImportOptions,
  context: CommandContext,
): Promise<void> {
  const source = await reading;
  const output = context.output();
  for (const line of source.read) output.line(line);
  for (const note of source.notes) {
    output.line(`Note: ${note.file} line ${String(note.line)}: ${note.message}.`);
  }
  const migration = await import('@tandem/migration');
  const base = await baseOf(options, context);
  const document = source.prepare?.(base.document) ?? base.document;
  const work = { migration, options, context };
  let { entries, unfit } = source;
  for (;;) {
    const read = drafted({ entries, unfit }, document, work);
    tellUnfit(read.unfit, options, context);
    tellCounts(read.draft, context);
    if (options.out !== undefined) {
      await writeDraft(read.draft, options.out, context);
      return;
    }
    if (base.version === undefined) {
      output.line('It fits; no switch was asked.');
      return;
    }
    unfit = await apply(read.draft, base.version, work);
    if (unfit.length === 0) return;
    entries = without(read.entries, unfit);
  }
}

/** What a draft is made with. */
interface Work {
  readonly migration: typeof Migration;
  readonly options: ImportOptions;
  readonly context: CommandContext;
}

interface Drafted {
  readonly draft: Draft;
  /** Those that are in it. */
  readonly entries: readonly ImportedEntry[];
  readonly unfit: readonly Unfit[];
}

/** @throws CliError where there is nothing to import */
function tellCounts({ counts }: Draft, context: CommandContext): void {
  const parts = Object.entries(counts).map(([list, count]) => `${String(count)} ${list}`);
  if (parts.length > 0) context.output().line(`Read: ${parts.join(', ')}.`);
  else throw new CliError(exitCodes.refused, 'Nothing was read that could be imported.');
}

function without(entries: readonly ImportedEntry[], unfit: readonly Unfit[]): ImportedEntry[] {
  const lines = new Set(unfit.map(({ file, line }) => `${file}:${String(line)}`));
  return entries.filter(({ origin }) => !lines.has(`${origin.file}:${String(origin.line)}`));
}

/** The draft, without the lines that do not fit where they are to be left out. */
function drafted(
  { entries, unfit }: Pick<Source, 'entries' | 'unfit'>,
  document: Block,
  { migration, options }: Work,
): Drafted {
  let kept = entries;
  let bad = unfit;
  for (;;) {
    const draft = migration.draftOf(document, kept);
    const placed = migration.checkDraft(draft);
    const found = [...draft.unfit, ...placed.unfit];
    if (placed.others.length > 0 && found.length === 0) throw refusedDraft(placed.others);
    bad = [...bad, ...found];
    if (found.length === 0 || options.leaveOut !== true)
      return { draft, entries: kept, unfit: bad };
    kept = without(kept, found);
  }
}

function refusedDraft(others: readonly Detail[]): CliError {
  return new CliError(
    exitCodes.refused,
    'The draft has mistakes that are of no line; nothing was changed.',
    others,
  );
}

/** @throws CliError where lines that do not fit are not to be left out */
function tellUnfit(unfit: readonly Unfit[], options: ImportOptions, context: CommandContext): void {
  if (unfit.length === 0) return;
  context.output().rows(unfit as unknown as readonly Json[], UNFIT_COLUMNS, '');
  const count = new Set(unfit.map(({ file, line }) => `${file}:${String(line)}`)).size;
  const words = count === 1 ? '1 line does not fit' : `${String(count)} lines do not fit`;
  if (options.leaveOut === true)
    context.output().line(`${words} and ${count === 1 ? 'is' : 'are'} left out.`); // prettier-ignore
  else {
    throw new CliError(
      exitCodes.refused,
      `${words}; nothing was changed. Mend ${count === 1 ? 'it' : 'them'}, or add --leave-out.`,
    );
  }
}

async function baseOf({ base }: ImportOptions, context: CommandContext): Promise<Base> {
  if (base === 'none') return { document: {}, version: undefined };
  if (base !== undefined) {
    const { parse } = await import('yaml');
    const document = parse(await readInput(base, context)) as unknown;
    if (typeof document !== 'object' || document === null || Array.isArray(document)) {
      throw new CliError(exitCodes.usage, `${base} is no document: write one, or --base none.`);
    }
    return { document: document as Block, version: undefined };
  }
  const api = context.api();
  // The version first: what is applied in between is noticed when this is.
  const versions = await api.json({ path: '/configuration/versions', query: { limit: '1' } });
  const version = textAt(listAt(versions, 'versions')[0] ?? {}, 'version');
  if (version === '') return { document: {}, version: '0' };
  const headers = { accept: 'application/json' };
  return { document: await api.json({ path: '/configuration', headers }), version };
}

async function writeDraft(
  { document }: Draft,
  file: string,
  context: CommandContext,
): Promise<void> {
  // prettier-ignore
  const { stringify } = await import('yaml');
  const text = stringify(document, { aliasDuplicateObjects: false });
  try {
    // It has passwords.
    await writeFile(file, text, { mode: 0o600 });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CliError(exitCodes.usage, `${file} cannot be written: ${why}.`);
  }
  context.output().line(`The draft is in ${file}: tandem apply --dry-run -f ${file} says what it would change.`); // prettier-ignore
}

/**
 * Applies a draft, or has it compared alone.
 * @returns lines that the switch found and that are to be left out; none where it was applied
 */
async function apply(
  draft: Draft,
  version: string,
  { context, migration, options }: Work,
): Promise<readonly Unfit[]> {
  try {
    const result = await context.api().json({
      method: 'PUT',
      path: '/configuration',
      query: changeQuery(options),
      headers: {
        'content-type': 'application/json',
        ...(version === '0' ? {} : { 'if-match': version }),
      },
      body: JSON.stringify(draft.document),
    });
    tellApplied(result, context);
    return [];
  } catch (error) {
    if (!(error instanceof CliError) || error.details.length === 0) throw error;
    // What the switch alone knows, such as which of its edges reach a gateway.
    const { unfit, others } = migration.placeMistakes(error.details, draft);
    if (others.length === 0 && options.leaveOut === true) return unfit;
    if (unfit.length > 0) context.output().rows(unfit as unknown as readonly Json[], UNFIT_COLUMNS, ''); // prettier-ignore
    throw new CliError(error.exitCode, error.message, others);
  }
}

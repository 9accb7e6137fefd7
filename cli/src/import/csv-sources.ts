import { basename, matchesGlob } from 'node:path';
import type { ImportedEntry, TableMapping, Unfit } from '@tandem/migration';
import { CliError, exitCodes } from '../cli-error.ts';
import { readInput } from '../read-input.ts';
import type { CommandContext } from '../run-cli.ts';
import type { Source } from './import-sources.ts';
import { readable, readBytes } from './read-bytes.ts';

/** Reads CSV files by a mapping file. @throws CliError where a file or the mapping cannot be read */
export async function csvSources(
  files: readonly string[],
  mappingFile: string,
  context: CommandContext,
): Promise<Source> {
  const migration = await import('@tandem/migration');
  const text = await readInput(mappingFile, context);
  const mappings = await readable(() => migration.readMapping(mappingFile, text));
  const entries: ImportedEntry[] = [];
  const unfit: Unfit[] = [];
  const read: string[] = [];
  for (const file of files) {
    const own = mappings.filter((mapping) => isFor(mapping, file));
    if (own.length === 0) throw nobodyReads(file, mappingFile, mappings);
    const bytes = await readBytes(file);
    for (const mapping of own) {
      const found = await readable(() => migration.readCsv(file, bytes, mapping));
      const mapped = await readable(() => migration.applyMapping(found.table, mapping));
      for (const each of mapped.entries) entries.push(each);
      unfit.push(...found.unfit, ...mapped.unfit);
      const others = mapped.others === 0 ? '' : `, ${String(mapped.others)} of other kinds left out`; // prettier-ignore
      read.push(`${file}: ${found.table.form}; for ${mapping.into}, lines: ${String(found.table.rows.length)}${others}.`); // prettier-ignore
    }
  }
  return { read, entries, unfit, notes: [] };
}

function isFor({ file: pattern }: TableMapping, file: string): boolean {
  return matchesGlob(basename(file).toLowerCase(), pattern.toLowerCase());
}

function nobodyReads(
  file: string,
  mappingFile: string,
  mappings: readonly TableMapping[],
): CliError {
  // prettier-ignore
  const known = mappings.map((each) => each.file).join(', ');
  return new CliError(
    exitCodes.refused,
    `${file} fits no file of ${mappingFile} (${known}): add it there, or leave it out.`,
  );
}

import type { Json } from '../api-client.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import { readable } from '../import/read-bytes.ts';
import { UNFIT_COLUMNS } from '../import/unfit-columns.ts';
import { readInput } from '../read-input.ts';
import type { CommandContext } from '../run-cli.ts';

const COLUMNS = ['id', 'from', 'caller', 'callee', 'at', 'gateway', 'code', 'seconds', 'price'] as const; // prettier-ignore

/**
 * A file of calls as the API takes it: as it is, or another switch's by a mapping.
 * @throws CliError naming every line that does not fit
 */
export async function callsFile(
  bytes: Uint8Array,
  { file, mapping: mappingFile }: { readonly file: string; readonly mapping: string | undefined },
  context: CommandContext,
): Promise<string> {
  if (mappingFile === undefined) return new TextDecoder().decode(bytes);
  const migration = await import('@tandem/migration');
  const text = await readInput(mappingFile, context);
  const mapping = await readable(() => migration.readCdrMapping(mappingFile, text));
  const { table, unfit: uneven } = await readable(() => migration.readCsv(file, bytes, mapping));
  const { calls, unfit } = await readable(() => migration.readCdrs(table, mapping));
  const bad = [...uneven, ...unfit];
  if (bad.length > 0) {
    context.output().rows(bad as unknown as readonly Json[], UNFIT_COLUMNS, '');
    throw new CliError(exitCodes.refused, `${String(bad.length)} lines of ${file} do not fit; nothing was begun.`); // prettier-ignore
  }
  const lines = calls.map(({ atMs, callee, caller, code, from, gateways, id, price, seconds }) =>
    [
      id,
      from,
      caller,
      callee,
      atMs === undefined ? '' : new Date(atMs).toISOString(),
      gateways[0] ?? '',
      String(code),
      String(seconds),
      price ?? '',
    ]
      .map(quoted)
      .join(','),
  );
  return [COLUMNS.join(','), ...lines].join('\n');
}

/** As it is: a program reads it, and no spreadsheet. */
function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

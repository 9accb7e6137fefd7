import { CliError, exitCodes } from '../cli-error.ts';
import type { Json } from '../api-client.ts';
import { readable, readBytes } from '../import/read-bytes.ts';
import { UNFIT_COLUMNS } from '../import/unfit-columns.ts';
import { readInput } from '../read-input.ts';
import type { CommandContext } from '../run-cli.ts';
import { ShadowRouting } from './shadow-routing.ts';

/** What is compared. */
interface CdrTerms {
  readonly file: string;
  readonly mapping: string;
  readonly isAll: boolean;
}

/** Holds a file of another switch's CDRs against routing. */
export async function compareCdrs(
  { file, isAll, mapping: mappingFile }: CdrTerms,
  context: CommandContext,
): Promise<void> {
  const migration = await import('@tandem/migration');
  const { tellSummary, tellVerdict } = await import('./tell-verdicts.ts');
  const output = context.output();
  const text = await readInput(mappingFile, context);
  const mapping = await readable(() => migration.readCdrMapping(mappingFile, text));
  const bytes = await readBytes(file);
  const { table, unfit: uneven } = await readable(() => migration.readCsv(file, bytes, mapping));
  const { calls, unfit } = await readable(() => migration.readCdrs(table, mapping));
  output.line(`${file}: ${table.form}; ${String(calls.length)} calls.`);
  const bad = [...uneven, ...unfit];
  if (bad.length > 0) output.rows(bad as unknown as readonly Json[], UNFIT_COLUMNS, '');
  if (calls.length === 0) throw new CliError(exitCodes.refused, `${file} has no call that could be compared.`); // prettier-ignore
  const routing = await ShadowRouting.open(context);
  const tally = new migration.Tally();
  await routing.judgeAll(calls, (verdict) => {
    tally.add(verdict);
    tellVerdict(verdict, output, isAll);
  });
  tellSummary(tally.summary(), output);
}

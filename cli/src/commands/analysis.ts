import { Argument, type Command } from 'commander';
import type { Json } from '../api-client.ts';
import { column, listAt, textAt, timeAt } from '../output.ts';
import type { CommandContext } from '../run-cli.ts';
import type { Column } from '../table.ts';

interface AnalysisOptions extends Readonly<Record<string, string | boolean | undefined>> {
  readonly by?: string;
  readonly csv?: boolean;
}

const FIGURES: readonly Column<Json>[] = [
  column('CALLS', 'calls', 'right'),
  column('ANSWERED', 'answered', 'right'),
  column('ASR %', 'asrPercent', 'right'),
  column('NER %', 'nerPercent', 'right'),
  column('ACD S', 'acdSeconds', 'right'),
  column('PDD MS', 'pddMs', 'right'),
  column('BILLED S', 'billedSeconds', 'right'),
];

const money = (title: string, amount: string, currency: string): Column<Json> => ({
  title,
  align: 'right',
  text: (row) => `${textAt(row, amount)} ${textAt(row, currency)}`.trim(),
});
const MONEY = [money('PRICE', 'price', 'currency'), money('COST', 'cost', 'costCurrency')];

const KEPT = `
The figures are exact and kept with the CDRs. They are of full hours (UTC), or of days where destinations are told apart: the answer
says from when until when.`;

/** analysis, summaries (BILL-06). */
export function addAnalysisCommands(program: Command, context: CommandContext): void {
  narrowed(program.command('analysis'))
    .description(
      'show calls, ASR, NER, ACD and PDD by gateway, account, destination, reason or time',
    )
    .option(
      '--by <names>',
      'hour, day, account, vendor, origin, gateway, destination, reason, code; several with commas',
      'gateway',
    )
    .option('--origin <name>', 'mapping gateway or phone')
    .addHelpText('after', KEPT)
    .action(async ({ by, csv, ...query }: AnalysisOptions) => {
      await show({ path: '/call-analysis', query: { by, ...query }, csv }, [], context);
    });

  narrowed(program.command('summaries'))
    .description('show what calls of customers, or over vendors, come to in money')
    .addArgument(new Argument('<side>').choices(['customers', 'vendors']))
    .option(
      '--by <names>',
      'account, vendor, day, hour, gateway, origin, destination; several with commas',
    )
    .addHelpText('after', KEPT)
    .action(async (side: string, { by, csv, ...query }: AnalysisOptions) => {
      await show({ path: `/summaries/${side}`, query: { by, ...query }, csv }, MONEY, context);
    });
}

function narrowed(command: Command): Command {
  return command
    .option(
      '--from <time>',
      'calls that began then or later: a time, a day, or 2h for two hours ago; default a day ago',
    )
    .option('--until <time>', 'calls that began before; default now')
    .option('--account <name>', 'of this customer')
    .option('--vendor <name>')
    .option('--gateway <name>', 'over this routing gateway')
    .option('--destination <digits>', 'what the prefix of the rate begins with')
    .option('--limit <rows>', 'at most so many')
    .option('--csv', 'as CSV');
}

interface Shown {
  readonly path: string;
  readonly query: Readonly<Record<string, string | boolean | undefined>>;
  readonly csv: boolean | undefined;
}

async function show(
  { csv, path, query }: Shown,
  further: readonly Column<Json>[],
  context: CommandContext,
): Promise<void> {
  const asked = query as Readonly<Record<string, string | undefined>>;
  const output = context.output();
  if (csv === true) {
    output.raw(await context.api().text({ path, query: { ...asked, format: 'csv' } }));
    return;
  }
  const answer = await context.api().json({ path, query: asked });
  const rows = listAt(answer, 'rows');
  const [first] = rows;
  // The columns of what calls are told apart by come first in an answer.
  const keys = Object.keys(first ?? {});
  const names = keys.slice(0, keys.indexOf('calls'));
  const columns = [
    ...names.map((name) => column(name.toUpperCase(), name)),
    ...FIGURES,
    ...further,
  ];
  output.rows(rows, columns, 'There was no call.');
  output.line(`From ${timeAt(answer, 'from')} until ${timeAt(answer, 'until')} (UTC).`);
  if (answer['hasMore'] === true) output.line('There are more; see them with --limit.');
}

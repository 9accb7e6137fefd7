import type { Command } from 'commander';
import { segment } from '../api-client.ts';
import { csvText } from '../csv.ts';
import { column, listAt, textAt, timeAt, timeColumn } from '../output.ts';
import { readPages } from '../pages.ts';
import type { CommandContext } from '../run-cli.ts';

const COLUMNS = [
  timeColumn('FIRST (UTC)', 'first'),
  column('COUNT', 'count', 'right'),
  column('CAUSE', 'cause'),
  column('TERMINAL', 'terminal'),
  column('SOURCE', 'source'),
  column('USER-AGENT', 'userAgent'),
  column('TEXT', 'text'),
] as const;

const CSV = ['first', 'last', 'count', 'kind', 'cause', 'outcome', 'terminal', 'account', 'source', 'userAgent', 'text', 'writer'] as const; // prettier-ignore

type Options = Readonly<Record<string, string | undefined>>;

/** journal. */
export function addJournalCommand(program: Command, context: CommandContext): void {
  program
    .command('journal')
    .description(
      'list what happened besides calls, newest first: registrations, requests that were refused, sign-ins of operators, parts of the switch that were away',
    )
    .option('--from <time>', 'a UTC time, a day, or 2h for two hours ago')
    .option('--until <time>')
    .option('--kind <kind>', 'registration, registration-end, request, gateway, operator or part')
    .option('--cause <cause>', 'such as wrong-password, expired, replaced')
    .option('--outcome <outcome>', 'accepted, refused or ended')
    .option('--terminal <name>', 'phone or gateway')
    .option('--account <name>')
    .option('--source <block>', 'address or CIDR block')
    .option('--caller <number>')
    .option('--callee <number>')
    .option('--limit <number>', 'at most so many', '100')
    .option('--csv', 'as CSV')
    .action(({ limit, csv, ...query }: Options & { csv?: true }) =>
      list({ limit: limit ?? '', query, isCsv: csv === true }, context),
    );
}

/** explain registration. */
export function addExplainRegistration(explain: Command, context: CommandContext): void {
  explain
    .command('registration')
    .description('say why a phone is registered or not, and what would change it')
    .argument('<phone>', 'username')
    .action(async (phone: string) => {
      const path = `/explain/registration/${segment(phone)}`;
      const answer = await context.api().json({ path });
      const output = context.output();
      if (output.isJson) {
        output.object(answer);
        return;
      }
      output.line(textAt(answer, 'summary'));
      const change = textAt(answer, 'change');
      if (change !== '') output.line(`What would change it: ${change}`);
      const entries = listAt(answer, 'entries');
      if (entries.length > 0) output.line('Journal, the latest first');
      for (const entry of entries) {
        output.line(`  ${timeAt(entry, 'last')}  ${textAt(entry, 'text')}`);
      }
    });
}

interface ListOptions {
  readonly limit: string;
  readonly query: Options;
  readonly isCsv: boolean;
}

async function list({ isCsv, limit, query }: ListOptions, context: CommandContext): Promise<void> {
  const about = { path: '/journal', query, items: 'entries', columns: COLUMNS, limit };
  const read = await readPages(about, context);
  if (read === undefined) return;
  const output = context.output();
  if (isCsv) {
    output.raw(csvText(read.rows, CSV));
    return;
  }
  output.rows(read.rows, COLUMNS, 'Nothing in the journal matches.');
  if (read.hasMore) output.line('There are more; see them with --limit.');
}

import type { Command } from 'commander';
import { segment, type Json } from '../api-client.ts';
import { addCdrExport, cdrQuery, type CdrOptions } from './cdr-export.ts';
import { column, listAt, textAt, timeColumn } from '../output.ts';
import { readPages } from '../pages.ts';
import type { CommandContext } from '../run-cli.ts';
import { watch } from '../watch.ts';

const CDR_COLUMNS = [
  timeColumn('STARTED (UTC)', 'startedAt'),
  column('CALLER', 'caller'),
  column('CALLEE', 'callee'),
  column('ACCOUNT', 'account'),
  column('GATEWAY', 'gateway'),
  column('SECONDS', 'billedSeconds', 'right'),
  { title: 'PRICE', align: 'right', text: priceText },
  { title: 'RESULT', text: (row: Json) => `${textAt(row, 'code')} ${textAt(row, 'reason')}` },
  column('CALL-ID', 'callId'),
] as const;

const CALL_COLUMNS = [
  timeColumn('STARTED (UTC)', 'startedAt'),
  column('STATE', 'state'),
  column('CALLER', 'caller'),
  column('CALLEE', 'callee'),
  column('ACCOUNT', 'account'),
  column('GATEWAY', 'gateway'),
  column('CALL-ID', 'callId'),
] as const;

type Filters = Readonly<Record<'account' | 'gateway' | 'caller' | 'callee' | 'address' | 'limit', string | undefined>>; // prettier-ignore

interface CallOptions extends Partial<Filters> {
  readonly watch?: true;
}

/** cdrs, cdrs export, calls, calls hang-up. */
export function addCallCommands(program: Command, context: CommandContext): void {
  const cdrs = program
    .command('cdrs')
    .description('list CDRs, newest first')
    .option(
      '--from <time>',
      'started not before: 2026-01-31T12:00:00Z, a day, or 2h for two hours ago',
    )
    .option('--until <time>', 'started before')
    .option('--account <name>')
    .option('--gateway <name>')
    .option('--caller <number>')
    .option('--callee <number>')
    .option('--reason <name>', 'termination reason, such as InsufficientBalance')
    .option('--address <address>', 'where the call came from')
    .option('--caller-prefix <digits>', 'what the number begins with')
    .option('--callee-prefix <digits>', 'what the number begins with')
    .option('--code <code>', 'what the caller got, such as 503')
    .option('--failed', 'those alone that were not answered')
    .option('--limit <number>', 'at most so many', '100')
    .action((options: CdrOptions) => listCdrs(options, context));
  addCdrExport(cdrs, context);

  const inProgress = program
    .command('calls')
    .description('list calls in progress')
    .option('--account <name>')
    .option('--gateway <name>')
    .option('--caller <number>')
    .option('--callee <number>')
    .option('--address <address>', 'where the caller sends from')
    .option('--limit <number>', 'at most so many', '100')
    .option('--watch', 'show them anew as they change: of --account and --gateway alone')
    .action(async ({ watch: isWatched, ...options }: CallOptions) => {
      const nothing = 'No call is in progress.';
      if (isWatched === true) {
        const { account, gateway, limit } = options;
        const query = { account, gateway, limit };
        await watch({ topic: 'calls', query, columns: CALL_COLUMNS, nothing }, context);
        return;
      }
      const answer = await context.api().json({ path: '/calls', query: options });
      const output = context.output();
      const calls = listAt(answer, 'calls');
      output.rows(calls, CALL_COLUMNS, nothing);
      const total = Number(answer['total']);
      if (total > calls.length) output.line(`${String(total)} in all; see more with --limit.`);
    });

  inProgress
    .command('hang-up')
    .description('end a call, whichever pod has it')
    .argument('<call-id>', 'as calls lists it')
    .option('--note <text>', 'why; kept in the CDR')
    .action(async (callId: string, { note }: { readonly note?: string }) => {
      const path = `/calls/${segment(callId)}`;
      const answer = await context.api().json({ method: 'DELETE', path, query: { note } });
      const output = context.output();
      if (output.isJson) output.object(answer);
      else output.line(`Call ${callId} is ended.`);
    });
}

async function listCdrs(options: CdrOptions, context: CommandContext): Promise<void> {
  const limit = options['limit'] as string;
  const query = cdrQuery(options);
  const about = { path: '/cdrs', query, items: 'cdrs', columns: CDR_COLUMNS, limit };
  const read = await readPages(about, context);
  if (read === undefined) return;
  const output = context.output();
  output.rows(read.rows, CDR_COLUMNS, 'No CDR matches.');
  if (read.hasMore) output.line('There are more; see them with --limit.');
}

function priceText(row: Json): string {
  return `${textAt(row, 'price')} ${textAt(row, 'currency')}`.trim();
}

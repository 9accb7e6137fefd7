import type { Command } from 'commander';
import { segment } from '../api-client.ts';
import { csvText } from '../csv.ts';
import { column, listAt, textAt, timeColumn } from '../output.ts';
import { readPages } from '../pages.ts';
import type { CommandContext } from '../run-cli.ts';

const PAYMENTS = [
  timeColumn('BOOKED (UTC)', 'at'),
  column('ACCOUNT', 'account'),
  column('KIND', 'kind'),
  column('AMOUNT', 'amount', 'right'),
  column('CURRENCY', 'currency'),
  column('BALANCE AFTER', 'balanceAfter', 'right'),
  column('BY', 'bookedBy'),
  column('REFERENCE', 'reference'),
  column('NOTE', 'note'),
] as const;

const LINES = [
  timeColumn('TIME (UTC)', 'at'),
  column('WHAT', 'kind'),
  column('AMOUNT', 'amount', 'right'),
  column('BALANCE', 'balance', 'right'),
  column('ENTRIES', 'entries', 'right'),
  column('REFERENCE', 'reference'),
  column('NOTE', 'note'),
] as const;

const PAYMENT_CSV = ['at', 'account', 'kind', 'amount', 'currency', 'balanceAfter', 'bookedBy', 'reference', 'note']; // prettier-ignore
const LINE_CSV = ['at', 'kind', 'amount', 'balance', 'entries', 'reference', 'note'];

interface Period {
  readonly from?: string;
  readonly until?: string;
  readonly csv?: true;
}

/** accounts payments, accounts statement. */
export function addPaymentCommands(accounts: Command, context: CommandContext): void {
  accounts
    .command('payments')
    .description('list payments, newest first: of one account, or of all')
    .argument('[name]')
    .option('--from <time>', 'a UTC time, a day, or 30d for thirty days ago')
    .option('--until <time>')
    .option('--kind <kind>', 'payment, recharge, refund or correction')
    .option('--limit <number>', 'at most so many', '100')
    .option('--csv', 'as CSV')
    .action(
      async (
        account: string | undefined,
        {
          csv,
          from,
          kind,
          limit,
          until,
        }: Period & { readonly kind?: string; readonly limit: string },
      ) => {
        const query = { account, from, kind, until };
        const about = { path: '/payments', query, items: 'payments', columns: PAYMENTS, limit };
        const read = await readPages(about, context);
        if (read === undefined) return;
        const output = context.output();
        if (csv === true) {
          output.raw(csvText(read.rows, PAYMENT_CSV));
          return;
        }
        output.rows(read.rows, PAYMENTS, 'No payment matches.');
        if (read.hasMore) output.line('There are more; see them with --limit.');
      },
    );

  accounts
    .command('statement')
    .description('show what moved a balance: each payment, and the calls of each day together')
    .argument('<name>')
    .option('--from <time>', 'a UTC time, a day, or 30d for thirty days ago')
    .option('--until <time>')
    .option('--csv', 'as CSV')
    .action(async (name: string, { csv, from, until }: Period) => {
      const path = `/accounts/${segment(name)}/statement`;
      const statement = await context.api().json({ path, query: { from, until } });
      const lines = listAt(statement, 'lines');
      const output = context.output();
      if (output.isJson) {
        output.object(statement);
        return;
      }
      if (csv === true) {
        output.raw(csvText(lines, LINE_CSV));
        return;
      }
      const currency = textAt(statement, 'currency');
      output.line(`Before: ${textAt(statement, 'openingBalance')} ${currency}`);
      output.rows(lines, LINES, 'Nothing moved it.');
      output.line(`After: ${textAt(statement, 'closingBalance')} ${currency}`);
      if (statement['isCut'] === true) output.line('There are more lines: ask for a shorter time.');
    });
}

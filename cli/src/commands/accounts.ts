import type { Command } from 'commander';
import { segment, type Json } from '../api-client.ts';
import { column, listAt, objectAt, textAt, timeColumn } from '../output.ts';
import type { CommandContext } from '../run-cli.ts';
import { addEntryChanges } from './entries.ts';
import { addPaymentCommands } from './payments.ts';

const COLUMNS = [
  column('ACCOUNT', 'name'),
  column('TYPE', 'type'),
  column('STATUS', 'status'),
  { title: 'BALANCE', align: 'right', text: (row: Json) => textAt(row, 'balance') || '-' },
  column('CURRENCY', 'currency'),
  column('OVERDRAFT', 'overdraft', 'right'),
  column('RATE GROUP', 'rateGroup'),
  column('RESELLER', 'parent'),
  column('VALID UNTIL', 'validUntil'),
  column('LINES', 'lineLimit', 'right'),
] as const;

const DAY_COLUMNS = [
  column('DAY (UTC)', 'day'),
  timeColumn('COMPARED (UTC)', 'doneAt'),
  column('CDRS', 'cdrs', 'right'),
  column('ANSWERED', 'answered', 'right'),
  column('ENTRIES', 'ledgerEntries', 'right'),
  column('OPEN', 'open', 'right'),
  column('PROVISIONAL', 'provisional', 'right'),
  { title: 'LOG', text: (row: Json) => (row['isLogRead'] === true ? 'compared' : '-') },
  {
    title: 'DIFFERENCES',
    align: 'right',
    text: (row: Json) => String(listAt(row, 'differences').length),
  },
] as const;

const DIFFERENCE_COLUMNS = [
  column('DAY (UTC)', 'day'),
  column('WHAT DIFFERS', 'kind'),
  column('OF', 'subject'),
  column('EXPECTED', 'expected', 'right'),
  column('FOUND', 'found', 'right'),
] as const;

interface PayOptions {
  readonly reference: string;
  readonly note?: string;
  readonly kind: string;
  readonly validUntil?: string;
}

/** accounts, accounts pay, payments, statement, add, set and remove, reconciliations. */
export function addAccountCommands(program: Command, context: CommandContext): void {
  const accounts = program
    .command('accounts')
    .description('list accounts with their balances, or show one')
    .argument('[name]')
    .option('--parent <name>', 'those alone that are under this reseller')
    .action(async (name: string | undefined, { parent }: { readonly parent?: string }) => {
      const api = context.api();
      const rows =
        name === undefined
          ? listAt(await api.json({ path: '/accounts', query: { parent } }), 'accounts')
          : [await api.json({ path: `/accounts/${segment(name)}` })];
      context.output().rows(rows, COLUMNS, 'There is no account.');
    });

  accounts
    .command('pay')
    .description('book a payment; a negative amount takes money off')
    .argument('<name>')
    .argument('<amount>', 'decimal, such as 25.50')
    .requiredOption('--reference <text>', 'the same reference books once')
    .option('--note <text>')
    .option('--kind <kind>', 'payment, recharge, refund or correction', 'payment')
    .option('--valid-until <time>', 'until when the account is valid from now on (UTC)')
    .action(async (name: string, amount: string, options: PayOptions) => {
      const { kind, reference, note = '', validUntil } = options;
      const answer = await context.api().json({
        method: 'POST',
        path: `/accounts/${segment(name)}/payments`,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ amount, reference, note, kind, validUntil }),
      });
      const output = context.output();
      if (output.isJson) output.object(answer);
      const account = objectAt(answer, 'account');
      const balance = `${name} has ${textAt(account, 'balance')} ${textAt(account, 'currency')} now.`;
      if (answer['isBooked'] === true) output.line(`Booked ${amount}: ${balance}`);
      else output.line(`Reference ${reference} was booked before, nothing was done: ${balance}`);
    });

  addPaymentCommands(accounts, context);
  addEntryChanges(accounts, { name: 'accounts', kind: 'account' }, context);

  program
    .command('reconciliations')
    .description('show what the daily comparison of events, CDRs and ledger found')
    .option('--limit <days>', 'so many days, the newest first')
    .action(async ({ limit }: { readonly limit?: string }) => {
      const answer = await context.api().json({ path: '/reconciliations', query: { limit } });
      const days = listAt(answer, 'reconciliations');
      const output = context.output();
      output.rows(days, DAY_COLUMNS, 'No day has been compared yet.');
      const differences = days.flatMap((day) =>
        listAt(day, 'differences').map((one) => ({ ...one, day: day['day'] })),
      );
      if (output.isJson || differences.length === 0) return;
      output.line();
      output.rows(differences, DIFFERENCE_COLUMNS, '');
    });
}

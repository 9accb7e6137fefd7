import { setTimeout } from 'node:timers/promises';
import type { Command } from 'commander';
import { segment } from '../api-client.ts';
import type { Json } from '../api-client.ts';
import { column, listAt, objectAt, textAt, timeColumn } from '../output.ts';
import { readPages } from '../pages.ts';
import type { CommandContext } from '../run-cli.ts';
import { writeFileOf } from '../write-file.ts';

const INVOICES = [
  column('ID', 'id', 'right'),
  column('KIND', 'kind'),
  column('STATE', 'state'),
  column('NUMBER', 'number'),
  column('ACCOUNT', 'account'),
  column('FIRST DAY', 'firstDay'),
  column('LAST DAY', 'lastDay'),
  column('TOTAL', 'total', 'right'),
  column('CURRENCY', 'currency'),
  column('ISSUED', 'issuedOn'),
  column('DUE', 'dueOn'),
  column('FOR', 'refersToNumber'),
] as const;

const LINES = [
  column('WHAT', 'kind'),
  column('DESTINATION', 'destination'),
  column('RATE', 'rate'),
  column('ENTRIES', 'entries', 'right'),
  column('SECONDS', 'billedSeconds', 'right'),
  column('AMOUNT', 'amount', 'right'),
  timeColumn('TIME (UTC)', 'at'),
  column('NOTE', 'note'),
] as const;

interface ListOptions {
  readonly account?: string;
  readonly kind?: string;
  readonly state?: string;
  readonly from?: string;
  readonly until?: string;
  readonly limit: string;
}

/** invoices, invoices show, draft, issue, discard, credit, pdf, csv. */
export function addInvoiceCommands(program: Command, context: CommandContext): void {
  const invoices = program
    .command('invoices')
    .description('list invoices, credit notes and drafts, newest first')
    .option('--account <name>')
    .option('--kind <kind>', 'invoice or credit-note')
    .option('--state <state>', 'preparing, draft or issued')
    .option('--from <time>', 'whose period does not end before: a UTC time, a day, or 30d')
    .option('--until <time>')
    .option('--limit <number>', 'at most so many', '100')
    .action(async ({ limit, ...query }: ListOptions) => {
      const about = { path: '/invoices', query, items: 'invoices', columns: INVOICES, limit };
      const read = await readPages(about, context);
      if (read === undefined) return;
      const output = context.output();
      output.rows(read.rows, INVOICES, 'No invoice matches.');
      if (read.hasMore) output.line('There are more; see them with --limit.');
    });

  invoices
    .command('show')
    .description('show an invoice with its lines and sums')
    .argument('<id>', 'as listed')
    .action(async (id: string) => {
      show(await context.api().json({ path: pathOf(id) }), context);
    });

  invoices
    .command('draft')
    .description('draft the next invoice of an account, in place of the draft that it has')
    .argument('<account>')
    .option('--from <day>', 'of the first invoice alone: a day by the time zone of the account')
    .option('--until <day>', 'before this; the end of the last period where not set')
    .action(
      async (account: string, period: { readonly from?: string; readonly until?: string }) => {
        const body = JSON.stringify({ account, ...period });
        const drafted = await send(context, { path: '/invoices', body });
        show(await prepared(context, textAt(drafted, 'id')), context);
      },
    );

  invoices
    .command('issue')
    .description('issue a draft: it gets its number, and is never changed again')
    .argument('<id>')
    .action(async (id: string) => {
      told(await send(context, { path: `${pathOf(id)}/issue` }), 'issued', context);
    });

  invoices
    .command('discard')
    .description('discard a draft')
    .argument('<id>')
    .action(async (id: string) => {
      const gone = await context.api().json({ method: 'DELETE', path: pathOf(id) });
      told(gone, 'discarded', context);
    });

  invoices
    .command('credit')
    .description('draft a credit note for an invoice; it is issued as an invoice is')
    .argument('<id>', 'of the invoice')
    .requiredOption('--reason <text>', 'stands on the credit note')
    .option('--amount <amount>', 'net; all that is left where not set')
    .action(async (id: string, asked: { readonly reason: string; readonly amount?: string }) => {
      const path = `${pathOf(id)}/credit-notes`;
      told(await send(context, { path, body: JSON.stringify(asked) }), 'drafted', context);
    });

  for (const format of ['pdf', 'csv']) {
    invoices
      .command(format)
      .description(format === 'pdf' ? 'write an invoice as PDF' : 'write the lines of an invoice as CSV') // prettier-ignore
      .argument('<id>')
      .option('-o, --output <file>', `where to; invoice-ID.${format} where not given`)
      .action(async (id: string, { output = `invoice-${id}.${format}` }: { readonly output?: string }) => {
        await writeFileOf(output, context.api().chunks({ path: pathOf(id), query: { format } }));
        context.output().line(`Written to ${output}.`);
      }); // prettier-ignore
  }
}

function pathOf(id: string): string {
  return `/invoices/${segment(id)}`;
}

function send(
  context: CommandContext,
  { body, path }: { readonly path: string; readonly body?: string },
): Promise<Json> {
  const json = body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } };
  return context.api().json({ method: 'POST', path, ...json });
}

/** Waits until a draft is added up. */
async function prepared(context: CommandContext, id: string): Promise<Json> {
  for (;;) {
    const found = await context.api().json({ path: pathOf(id) });
    if (textAt(objectAt(found, 'invoice'), 'state') !== 'preparing') return found;
    await setTimeout(1000);
  }
}

function told(invoice: Json, what: string, context: CommandContext): void {
  const output = context.output();
  if (output.isJson) {
    output.object(invoice);
    return;
  }
  const kind = textAt(invoice, 'kind') === 'invoice' ? 'Invoice' : 'Credit note';
  const name = textAt(invoice, 'number') || textAt(invoice, 'id');
  const of = `${textAt(invoice, 'total')} ${textAt(invoice, 'currency')}`;
  output.line(`${kind} ${name} of ${textAt(invoice, 'account')} over ${of} ${what}.`);
}

function show(whole: Json, context: CommandContext): void {
  const output = context.output();
  if (output.isJson) {
    output.object(whole);
    return;
  }
  const invoice = objectAt(whole, 'invoice');
  output.rows([invoice], INVOICES, '');
  output.rows(listAt(whole, 'lines'), LINES, 'Nothing was charged or paid.');
  const taxes = listAt(whole, 'taxes').map((tax) => [`${textAt(tax, 'name')} ${textAt(tax, 'percent')} %`, textAt(tax, 'amount')]); // prettier-ignore
  const sums = [
    ['Charges, exactly', textAt(invoice, 'charges')],
    ['Net', textAt(invoice, 'net')],
    ...taxes,
    ['Total', textAt(invoice, 'total')],
    ['Balance before', textAt(invoice, 'openingBalance')],
    ['Payments', textAt(invoice, 'payments')],
    ['Balance after', textAt(invoice, 'closingBalance')],
  ];
  const currency = textAt(invoice, 'currency');
  for (const [name = '', amount = ''] of sums) output.line(`${name}: ${amount} ${currency}`);
}

import type { Command } from 'commander';
import type { Json } from '../api-client.ts';
import { csvText } from '../csv.ts';
import { column, textAt, timeColumn, type Output } from '../output.ts';
import { readPages } from '../pages.ts';
import type { CommandContext } from '../run-cli.ts';
import { watch } from '../watch.ts';
import { addHistoryCommands } from './registration-history.ts';

const COLUMNS = [
  column('PHONE', 'phone'),
  column('ACCOUNT', 'account'),
  column('KIND', 'kind'),
  column('STATUS', 'status'),
  column('CONTACT', 'contact'),
  column('SECONDS LEFT', 'expiresInSeconds', 'right'),
  { title: 'SOURCE', text: sourceText },
  timeColumn('REGISTERED (UTC)', 'registeredAt'),
  column('USER-AGENT', 'userAgent'),
] as const;

/** How long each has still to go is nothing that changes. */
const WATCHED = COLUMNS.map((each) =>
  each.title === 'SECONDS LEFT' ? timeColumn('EXPIRES (UTC)', 'expiresAt') : each,
);

/** Options that say which registrations. */
const FILTERS = [
  ['--phone <name>', 'username, or its beginning with * behind it: "10*"'],
  ['--source <block>', 'address or CIDR block that they were heard from'],
  ['--account <name>', ''],
  ['--kind <kind>', 'phone, or gateway: dynamic gateways'],
  ['--user-agent <text>', 'the beginning of it, in whatever case'],
  [
    '--status <status>',
    'registered, expiring, flapping, unreachable, or unregistered: phones without one',
  ],
] as const;

type Options = Readonly<Record<string, string | undefined>>;

/** registrations. */
export function addRegistrationCommands(program: Command, context: CommandContext): void {
  const registrations = program
    .command('registrations')
    .description('list registrations of phones and dynamic gateways')
    .option('--sort <by>', 'phone, expires, source or user-agent')
    .option('--limit <number>', 'at most so many', '100')
    .option('--csv', 'as CSV')
    .option('--details', 'all that is known of each')
    .option('--watch', 'show them anew as they change: of --phone and --account alone')
    .action(
      ({ limit, csv, details, watch: isWatched, ...query }: Options & { csv?: true; details?: true; watch?: true }) => {
        if (isWatched !== true) return list({ limit: limit ?? '', query, form: formOf(csv, details) }, context);
        const { account, phone } = query;
        const nothing = 'Nobody is registered.';
        return watch({ topic: 'registrations', query: { account, phone, limit }, columns: WATCHED, nothing }, context);
      },
    ); // prettier-ignore
  for (const [flags, text] of FILTERS) registrations.option(flags, text);

  addHistoryCommands(registrations, context);

  const remove = registrations
    .command('remove')
    .description('unregister phones: one contact, or all that match; they may come back')
    .option('--contact <uri>', 'one contact of the phone')
    .option('--all', 'everybody, where nothing else says which')
    .action(async (options: Options & { all?: true }) => {
      // Options of both commands are taken by the outer one.
      const given = { ...registrations.opts<Options>(), ...options };
      const { account, contact, kind, phone, source, status, userAgent } = given;
      const all = options.all === undefined ? undefined : 'true';
      const answer = await context.api().json({
        method: 'DELETE',
        path: '/registrations',
        query: { account, all, contact, kind, phone, source, status, userAgent },
      });
      const output = context.output();
      if (output.isJson) output.object(answer);
      output.line(`${textAt(answer, 'removed')} registrations were removed.`);
    });
  for (const [flags, text] of FILTERS) remove.option(flags, text);
}

type Form = 'table' | 'csv' | 'details';

function formOf(csv: true | undefined, details: true | undefined): Form {
  if (csv === true) return 'csv';
  return details === true ? 'details' : 'table';
}

interface ListOptions {
  readonly limit: string;
  readonly query: Options;
  readonly form: Form;
}

async function list({ limit, query, form }: ListOptions, context: CommandContext): Promise<void> {
  const about = { path: '/registrations', query, items: 'registrations', columns: COLUMNS, limit };
  const read = await readPages(about, context);
  if (read === undefined) return;
  const output = context.output();
  write(read.rows, form, output);
  if (form === 'csv') return;
  const more = read.hasMore ? ' There are more that match; see them with --limit.' : '';
  output.line(`${textAt(read.last, 'total')} phones are registered.${more}`);
}

function write(rows: readonly Json[], form: Form, output: Output): void {
  if (form === 'table') output.rows(rows, COLUMNS, 'No registration matches.');
  if (form === 'csv') output.raw(csvText(rows, CSV));
  if (form !== 'details') return;
  for (const row of rows) {
    for (const [name, value] of Object.entries(row)) {
      output.line(
        `${name}: ${Array.isArray(value) ? value.join(' ') : textAt({ value }, 'value')}`,
      );
    }
    output.line();
  }
}

const CSV = [
  'phone',
  'account',
  'status',
  'contact',
  'expiresAt',
  'source',
  'transport',
  'isBehindNat',
  'userAgent',
  'registeredAt',
  'refreshedAt',
  'edge',
  'kind',
] as const;

function sourceText(row: Json): string {
  const nat = row['isBehindNat'] === true ? ' (NAT)' : '';
  const source = textAt(row, 'source');
  return source === '' ? '' : `${textAt(row, 'transport')} ${source}${nat}`;
}

import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import { segment } from '../api-client.ts';
import type { Json } from '../api-client.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import { csvPages } from '../csv-pages.ts';
import { column, listAt, textAt, timeColumn } from '../output.ts';
import { readPages } from '../pages.ts';
import type { CommandContext } from '../run-cli.ts';
import { writeFileOf } from '../write-file.ts';

const RERATINGS = [
  column('ID', 'id', 'right'),
  column('STATE', 'state'),
  { title: 'DONE', align: 'right', text: (row: Json) => `${String(Math.floor(shareOf(row) * 100))} %` },
  timeColumn('FROM (UTC)', 'from'),
  timeColumn('UNTIL (UTC)', 'until'),
  { title: 'ACCOUNTS', text: (row: Json) => namesOf(row) },
  { title: 'RATES', text: (row: Json) => ratesOf(row) },
  column('LINES', 'lines', 'right'),
  column('BY', 'createdBy'),
  column('NOTE', 'note'),
] as const; // prettier-ignore

const SUMS = [
  column('ACCOUNT', 'account'),
  { title: 'AS', text: roleOf },
  column('CALLS', 'calls', 'right'),
  column('DIFFERENT', 'differing', 'right'),
  column('NO RATE', 'unrated', 'right'),
  column('STANDS', 'before', 'right'),
  column('WOULD BE', 'after', 'right'),
  column('DIFFERENCE', 'difference', 'right'),
  column('CURRENCY', 'currency'),
] as const;

const APPLIED = [
  column('BOOKED FOR', 'account'),
  column('ENTRIES', 'entries', 'right'),
  column('DIFFERENCE', 'difference', 'right'),
  column('CURRENCY', 'currency'),
] as const;

const LINES = [
  timeColumn('STARTED (UTC)', 'startedAt'),
  column('ACCOUNT', 'account'),
  { title: 'AS', text: roleOf },
  column('CALLEE', 'callee'),
  column('STANDS', 'before', 'right'),
  column('WOULD BE', 'after', 'right'),
  column('DIFFERENCE', 'difference', 'right'),
  column('CALL', 'callId'),
  column('WHY', 'why'),
] as const;

interface PreviewOptions {
  readonly from: string;
  readonly until: string;
  readonly account: string;
  readonly version?: string;
  readonly rates?: string;
  readonly note?: string;
  readonly wait: boolean;
}

/** reratings, reratings preview, show, lines, apply, reverse, cancel (BILL-06). */
export function addReratingCommands(program: Command, context: CommandContext): void {
  const reratings = program
    .command('reratings')
    .description('list calls that were rated once more, newest first')
    .option('--limit <number>', 'at most so many', '100')
    .action(async ({ limit }: { readonly limit: string }) => {
      const about = { path: '/reratings', query: {}, items: 'reratings', columns: RERATINGS, limit }; // prettier-ignore
      const read = await readPages(about, context);
      if (read !== undefined) context.output().rows(read.rows, RERATINGS, 'Nothing was rated once more yet.'); // prettier-ignore
    });

  reratings
    .command('preview')
    .description('rate the calls of a period once more, and see the difference; nothing is booked')
    .requiredOption('--from <time>', 'calls from then on, such as 2026-03-01T00:00:00Z')
    .requiredOption('--until <time>', 'and before then')
    .requiredOption('--account <names>', 'customers, resellers and vendors, with commas')
    .option(
      '--config-version <number>',
      'of the configuration whose rates count; that in effect where not set',
    ) // prettier-ignore
    .option('--rates <group:id>', 'imports of rates that wait to be applied, with commas')
    .option('--note <text>', 'kept with it')
    .option('--no-wait', 'begin it, and leave it')
    .action((options: PreviewOptions & { readonly configVersion?: string }) => {
      const { configVersion: version, ...others } = options;
      return preview({ ...others, ...(version === undefined ? {} : { version }) }, context);
    });

  reratings
    .command('show')
    .description('show how far a re-rating is, and what it comes to')
    .argument('<id>', 'as listed')
    .option('--wait', 'until it is previewed, or applied')
    .action(async (id: string, { wait }: { readonly wait?: true }) => {
      tell(wait === true ? await waited(id, context) : await context.api().json({ path: pathOf(id) }), context); // prettier-ignore
    });

  reratings
    .command('lines')
    .description('list calls whose price becomes another one, and those that find no rate')
    .argument('<id>', 'as listed')
    .option('--unrated', 'those alone that find no rate')
    .option('--limit <number>', 'at most so many', '100')
    .option('--csv <file>', 'write all of them as CSV')
    .action(async (id: string, { csv, limit, unrated }: { readonly csv?: string; readonly limit: string; readonly unrated?: true }) => {
      const path = `${pathOf(id)}/lines`;
      const query = unrated === true ? { only: 'unrated' } : {};
      if (csv !== undefined) {
        await writeFileOf(csv, csvPages(context, path, query));
        context.output().line(`Written to ${csv}.`);
        return;
      }
      const read = await readPages({ path, query, items: 'lines', columns: LINES, limit }, context);
      if (read === undefined) return;
      context.output().rows(read.rows, LINES, 'There is none.');
      if (read.hasMore) context.output().line('There are more; see them with --limit or --csv.');
    }); // prettier-ignore

  reratings
    .command('apply')
    .description('book the differences: an entry of the ledger for each call')
    .argument('<id>', 'as listed')
    .option('--no-wait', 'begin it, and leave it')
    .action(async (id: string, { wait }: { readonly wait: boolean }) => {
      const begun = await context.api().json({ method: 'POST', path: `${pathOf(id)}/apply` });
      tell(wait ? await waited(id, context) : begun, context);
    });

  reratings
    .command('reverse')
    .description('preview taking back what a re-rating has booked; then apply that')
    .argument('<id>', 'of one that is applied')
    .option('--note <text>', 'kept with it')
    .action(async (id: string, { note }: { readonly note?: string }) => {
      const made = await sent(`${pathOf(id)}/reverse`, { note }, context);
      tell(await waited(textAt(made, 'id'), context), context);
    });

  reratings
    .command('cancel')
    .description('give up a re-rating that is not applied')
    .argument('<id>', 'as listed')
    .action(async (id: string) => {
      const answer = await context.api().json({ method: 'DELETE', path: pathOf(id) });
      if (context.output().isJson) context.output().object(answer);
      else context.output().line(`Re-rating ${id} is cancelled.`);
    });
}

async function preview(options: PreviewOptions, context: CommandContext): Promise<void> {
  const { account, from, note, rates = '', until, version, wait } = options;
  const accounts = account.split(',').filter((each) => each !== '');
  const named = rates.split(',').filter((each) => each !== '').map((each) => {
    const [, group, id] = /^(.+):([^:]+)$/.exec(each) ?? [];
    if (group === undefined || id === undefined) throw new CliError(exitCodes.usage, `--rates has "${each}": write GROUP:ID.`);
    return { group, id };
  }); // prettier-ignore
  const body = { accounts, from, until, note, rates: named, version: version === undefined ? undefined : Number(version) }; // prettier-ignore
  const made = await sent('/reratings', body, context);
  tell(wait ? await waited(textAt(made, 'id'), context) : made, context);
}

function sent(path: string, body: unknown, context: CommandContext): Promise<Json> {
  const headers = { 'content-type': 'application/json' };
  return context.api().json({ method: 'POST', path, headers, body: JSON.stringify(body) });
}

/** Between two looks. */
const LOOK_MS = 1000;
const PARTS = 1000;

/** Waits with a bar for who looks. @throws CliError where it has failed, or somebody does not want to wait any more */
async function waited(id: string, context: CommandContext): Promise<Json> {
  const interrupted = context.untilInterrupted();
  for (;;) {
    const told = await context.api().json({ path: pathOf(id) });
    const state = textAt(told, 'state');
    if (state === 'failed') {
      throw new CliError(exitCodes.refused, `Re-rating ${id} has failed: ${textAt(told, 'cause')}.`); // prettier-ignore
    }
    context.progress(Math.floor(shareOf(told) * PARTS), PARTS);
    if (state !== 'previewing' && state !== 'applying') return told;
    await delay(LOOK_MS, undefined, { signal: interrupted }).catch(() => undefined);
    if (interrupted.aborted) {
      throw new CliError(exitCodes.refused, `Re-rating ${id} goes on: tandem reratings show ${id} --wait.`); // prettier-ignore
    }
  }
}

function tell(told: Json, context: CommandContext): void {
  const output = context.output();
  if (output.isJson) {
    output.object(told);
    return;
  }
  const id = textAt(told, 'id');
  output.rows([told], RERATINGS, '');
  output.rows(listAt(told, 'sums'), SUMS, 'No call was rated yet.');
  const dearest = listAt(told, 'dearest');
  if (dearest.length > 0) output.rows(dearest, LINES, '');
  const applied = listAt(told, 'applied');
  if (applied.length > 0) output.rows(applied, APPLIED, '');
  const skipped = textAt(told, 'skipped');
  if (skipped !== '0') output.line(`${skipped} lines were not booked: their CDRs are gone, or were replaced after the preview.`); // prettier-ignore
  if (listAt(told, 'sums').some((sum) => textAt(sum, 'unrated') !== '0')) {
    output.line(`Calls that find no rate keep their price: tandem reratings lines ${id} --unrated`);
  }
  if (textAt(told, 'state') === 'ready') {
    output.line(`Nothing is booked yet: tandem reratings apply ${id}, or cancel ${id}.`);
  }
}

/** As what an account is charged. */
function roleOf(row: Json): string {
  const roles: Readonly<Record<string, string>> = { call: 'customer', cost: 'vendor', level: 'reseller' }; // prettier-ignore
  return roles[textAt(row, 'side')] ?? '';
}

function shareOf(row: Json): number {
  return typeof row['share'] === 'number' ? row['share'] : 0;
}

function namesOf(row: Json): string {
  const names = Array.isArray(row['accounts']) ? row['accounts'].map(String) : [];
  return names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${String(names.length - 3)} more` : names.join(', '); // prettier-ignore
}

function ratesOf(row: Json): string {
  if (textAt(row, 'reverses') !== '') return `takes ${textAt(row, 'reverses')} back`;
  const held = listAt(row, 'rates').map((each) => ` with imported ${textAt(each, 'group')}`);
  return `version ${textAt(row, 'version')}${held.join(',')}`;
}

function pathOf(id: string): string {
  return `/reratings/${segment(id)}`;
}

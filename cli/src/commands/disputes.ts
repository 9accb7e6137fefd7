import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { setTimeout } from 'node:timers/promises';
import type { Command } from 'commander';
import { parse } from 'yaml';
import { segment } from '../api-client.ts';
import type { Json } from '../api-client.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import { csvPages } from '../csv-pages.ts';
import { UNFIT_COLUMNS } from '../import/unfit-columns.ts';
import { column, listAt, objectAt, textAt, timeColumn } from '../output.ts';
import { readPages } from '../pages.ts';
import { readInput } from '../read-input.ts';
import type { CommandContext } from '../run-cli.ts';
import { writeFileOf } from '../write-file.ts';

const DISPUTES = [
  column('ID', 'id', 'right'),
  column('STATE', 'state'),
  column('ACCOUNT', 'account'),
  column('SIDE', 'side'),
  timeColumn('FROM (UTC)', 'from'),
  timeColumn('UNTIL (UTC)', 'until'),
  column('FILE', 'file'),
  column('BY', 'createdBy'),
] as const;

const DIFFERENCES = [
  column('WHAT', 'kind'),
  timeColumn('OURS (UTC)', 'ourStart'),
  timeColumn('THEIRS (UTC)', 'theirStart'),
  column('OUR CALLEE', 'ourCallee'),
  column('THEIR CALLEE', 'theirCallee'),
  column('OUR MS', 'ourDurationMs', 'right'),
  column('THEIR MS', 'theirDurationMs', 'right'),
  column('OUR PRICE', 'ourPrice', 'right'),
  column('THEIR PRICE', 'theirPrice', 'right'),
  column('CALL', 'callId'),
  column('LINE', 'line', 'right'),
] as const;

const SUMS = [
  column('CALLS OF', 'of'),
  column('CALLS', 'calls', 'right'),
  column('DURATION MS', 'durationMs', 'right'),
  column('PRICE', 'price', 'right'),
] as const;

interface CompareOptions {
  readonly file: string;
  readonly account: string;
  readonly side?: string;
  readonly from: string;
  readonly until: string;
  readonly columns?: string;
  readonly mapping?: string;
  readonly time: string;
  readonly duration: string;
  readonly price: string;
  readonly digits: string;
  readonly theirPrefix: string;
  readonly ourPrefix: string;
  readonly callers?: true;
  readonly unanswered?: true;
  readonly startTimes?: true;
}

/** disputes, disputes compare, show, differences, remove. */
export function addDisputeCommands(program: Command, context: CommandContext): void {
  const disputes = program
    .command('disputes')
    .description('list files of CDRs that were compared with ours, newest first')
    .option('--account <name>')
    .option('--limit <number>', 'at most so many', '100')
    .action(async ({ account, limit }: { readonly account?: string; readonly limit: string }) => {
      const about = { path: '/disputes', query: { account }, items: 'disputes', columns: DISPUTES, limit }; // prettier-ignore
      const read = await readPages(about, context);
      if (read === undefined) return;
      context.output().rows(read.rows, DISPUTES, 'Nothing was compared yet.');
    });

  disputes
    .command('compare')
    .description('hold a CSV file of a vendor’s or customer’s CDRs against ours')
    .requiredOption('--file <file>', 'its CDRs as CSV')
    .requiredOption('--account <name>', 'whose they are')
    .requiredOption('--from <time>', 'calls from then on, such as 2026-03-01T00:00:00Z')
    .requiredOption('--until <time>', 'and before then')
    .option(
      '--columns <columns>',
      'which field is in which column: callee=B-number,at=Start,seconds=Duration; also caller, price, id',
    ) // prettier-ignore
    .option('--mapping <file>', 'the same, and more, as YAML: docs/disputes.md')
    .option('--side <side>', 'customer or vendor; the type of the account where not set')
    .option('--time <seconds>', 'calls are the same that begin so close', '60')
    .option('--duration <seconds>', 'durations may differ by so much', '1')
    .option('--price <amount>', 'prices may differ by so much', '0')
    .option('--digits <number>', 'compare so many of the last digits of numbers; 0: all', '0')
    .option('--their-prefix <digits>', 'what their called numbers begin with beside the number', '')
    .option('--our-prefix <digits>', 'the same of ours', '')
    .option('--callers', 'callers have to be the same, too')
    .option('--unanswered', 'compare calls that were not answered, too')
    .option('--start-times', 'their times are those of the INVITE, not of the answer')
    .action((options: CompareOptions) => compare(options, context));

  disputes
    .command('show')
    .description('show what a comparison came to')
    .argument('<id>', 'as listed')
    .action(async (id: string) => {
      tell(await context.api().json({ path: pathOf(id) }), context);
    });

  disputes
    .command('differences')
    .description('list calls that one side alone has, and those that the two tell differently')
    .argument('<id>', 'as listed')
    .option('--kind <kind>', 'only-ours, only-theirs, duration, price or both')
    .option('--limit <number>', 'at most so many', '100')
    .option('--csv <file>', 'write all of them as CSV')
    .action(async (id: string, { csv, kind, limit }: { readonly csv?: string; readonly kind?: string; readonly limit: string }) => {
      const path = `${pathOf(id)}/differences`;
      if (csv !== undefined) {
        await writeFileOf(csv, csvPages(context, path, { kind }));
        context.output().line(`Written to ${csv}.`);
        return;
      }
      const about = { path, query: { kind }, items: 'differences', columns: DIFFERENCES, limit };
      const read = await readPages(about, context);
      if (read === undefined) return;
      context.output().rows(read.rows, DIFFERENCES, 'Nothing differs.');
      if (read.hasMore) context.output().line('There are more; see them with --limit or --csv.');
    }); // prettier-ignore

  disputes
    .command('remove')
    .description('remove a comparison with its differences')
    .argument('<id>')
    .action(async (id: string) => {
      await context.api().json({ method: 'DELETE', path: pathOf(id) });
      context.output().line(`Dispute ${id} removed.`);
    });
}

async function compare(options: CompareOptions, context: CommandContext): Promise<void> {
  const { account, file, from, side, until } = options;
  const mapping = await mappingOf(options, context);
  await stat(file).catch((error: unknown) => {
    throw new CliError(exitCodes.usage, `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}.`); // prettier-ignore
  });
  const body = { account, side, from, until, mapping, file: basename(file), tolerances: tolerancesOf(options) }; // prettier-ignore
  const api = context.api();
  const json = { 'content-type': 'application/json' };
  const made = await api.json({ method: 'POST', path: '/disputes', headers: json, body: JSON.stringify(body) }); // prettier-ignore
  const path = pathOf(textAt(made, 'id'));
  const compared = await api.json({
    method: 'PUT',
    path: `${path}/file`,
    headers: { 'content-type': 'application/octet-stream' },
    body: Readable.toWeb(createReadStream(file)) as ReadableStream<Uint8Array>,
  });
  const output = context.output();
  output.line(`${file}: ${textAt(compared, 'form')}; ${textAt(compared, 'calls')} calls.`);
  const unfit = listAt(compared, 'unfit');
  if (unfit.length > 0 && !output.isJson) {
    output.rows(unfit.slice(0, 20).map((each) => ({ ...each, file })), UNFIT_COLUMNS, ''); // prettier-ignore
    output.line(
      `${textAt(compared, 'unfitCount')} places do not fit; their lines are not compared.`,
    );
  }
  let dispute = objectAt(compared, 'dispute');
  while (textAt(dispute, 'state') === 'comparing') {
    await setTimeout(1000);
    dispute = await api.json({ path });
  }
  tell(dispute, context);
}

async function mappingOf(
  { columns, mapping }: CompareOptions,
  context: CommandContext,
): Promise<Json> {
  const read = mapping === undefined ? {} : (parse(await readInput(mapping, context)) as Json);
  if (columns === undefined && mapping === undefined)
    throw new CliError(exitCodes.usage, 'Say what stands in which column: --columns callee=B-number,at=Start,seconds=Duration, or --mapping FILE.'); // prettier-ignore
  const pairs = (columns ?? '').split(',').filter((each) => each !== '');
  const named = pairs.map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1) throw new CliError(exitCodes.usage, `--columns has "${pair}": write FIELD=COLUMN.`);
    return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()] as const;
  });
  return { ...read, columns: { ...objectAt(read, 'columns'), ...Object.fromEntries(named) } };
}

function tolerancesOf(options: CompareOptions): Json {
  const { callers, digits, duration, ourPrefix, price, startTimes, theirPrefix, time, unanswered } = options; // prettier-ignore
  return {
    timeMs: msOf('--time', time),
    durationMs: msOf('--duration', duration),
    price,
    digits: Number(digits),
    theirPrefix,
    ourPrefix,
    callers: callers === true,
    unanswered: unanswered === true,
    startTimes: startTimes === true,
  };
}

function msOf(option: string, text: string): number {
  const seconds = Number(text);
  if (Number.isFinite(seconds) && seconds >= 0 && text.trim() !== '') return Math.round(seconds * 1000); // prettier-ignore
  throw new CliError(exitCodes.usage, `${option} is "${text}", must be a number of seconds.`);
}

function tell(dispute: Json, context: CommandContext): void {
  const output = context.output();
  if (output.isJson) {
    output.object(dispute);
    return;
  }
  output.rows([dispute], DISPUTES, '');
  const sums = objectAt(dispute, 'sums');
  if (textAt(sums, 'matched') === '') return;
  const sides = { ours: 'ours', theirs: 'theirs', onlyOurs: 'ours alone', onlyTheirs: 'theirs alone' }; // prettier-ignore
  output.rows(Object.entries(sides).map(([key, of]) => ({ ...objectAt(sums, key), of })), SUMS, ''); // prettier-ignore
  output.line(`Both have ${textAt(sums, 'matched')} calls: of ${textAt(sums, 'durationDiffers')} the duration differs, of ${textAt(sums, 'priceDiffers')} the price.`); // prettier-ignore
  const currency = textAt(dispute, 'currency');
  output.line(`Theirs less ours, of these: ${textAt(sums, 'durationMs')} ms, ${textAt(sums, 'price')} ${currency}.`); // prettier-ignore
  output.line(`See them with tandem disputes differences ${textAt(dispute, 'id')}.`);
}

function pathOf(id: string): string {
  return `/disputes/${segment(id)}`;
}

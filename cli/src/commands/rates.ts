import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { Option, type Command } from 'commander';
import { segment, type Json } from '../api-client.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import { column, listAt, objectAt, textAt, timeAt, timeColumn } from '../output.ts';
import { readInput } from '../read-input.ts';
import type { CommandContext } from '../run-cli.ts';
import { readColumns } from './rate-columns.ts';

const VERSION_COLUMNS = [
  column('VERSION', 'version', 'right'),
  timeColumn('APPLIED (UTC)', 'appliedAt'),
  column('BY', 'appliedBy'),
  column('RATES', 'rates', 'right'),
  column('PREFIXES', 'prefixes', 'right'),
  column('NOTE', 'note'),
] as const;

const IMPORT_COLUMNS = [
  column('IMPORT', 'id'),
  column('STATE', 'state'),
  timeColumn('BEGUN (UTC)', 'begunAt'),
  column('BY', 'begunBy'),
  column('FILE', 'file'),
  column('LINES', 'lines', 'right'),
  column('BAD', 'badLines', 'right'),
  column('NOTE', 'note'),
] as const;

const CHANGE_COLUMNS = [
  column('CHANGE', 'kind'),
  { title: 'PREFIX', text: (row: Json) => textAt(row, 'prefix') || 'any' },
  { title: 'FROM (UTC)', text: (row: Json) => timeAt(row, 'from') || 'since ever' },
  { title: 'BEFORE', text: (row: Json) => rateText(objectAt(row, 'before')) },
  { title: 'AFTER', text: (row: Json) => rateText(objectAt(row, 'after')) },
] as const;

const KINDS = ['new', 'dearer', 'cheaper', 'other', 'gone', 'same'] as const;

const RULE = `
The file is read by the switch, which says how it is written and what it would change. Where a line is bad, each is named
and nothing changes. Nothing is in effect before it is applied: by --apply, or by tandem rates apply.
Columns are found by what they are called; --mapping FILE (YAML) or --column FIELD=NAME say it. docs/money.md has more.`;

type Options = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** rates: sheets of a rate group, read from files and written to them (BILL-02). */
export function addRateCommands(program: Command, context: CommandContext): void {
  const rates = program
    .command('rates')
    .description('import and export the rates of a group')
    .argument('[group]', 'show the versions of its rates')
    .action(async (group: string | undefined) => {
      if (group === undefined) {
        rates.help();
        return;
      }
      const answer = await context.api().json({ path: `/rate-groups/${segment(group)}/versions` });
      const none = 'Its rates stand in the configuration: nothing was imported.';
      context.output().rows(listAt(answer, 'versions'), VERSION_COLUMNS, none);
    });
  addImport(rates, context);
  addExport(rates, context);

  rates
    .command('imports')
    .description('show the last imports into a group, with how far they are')
    .argument('<group>')
    .action(async (group: string) => {
      const answer = await context.api().json({ path: `/rate-groups/${segment(group)}/imports` });
      context.output().rows(listAt(answer, 'imports'), IMPORT_COLUMNS, 'Nothing was imported yet.');
    });

  for (const [verb, words] of [
    ['apply', 'put what an import has read into effect, whole'],
    ['discard', 'give an import up'],
  ] as const) {
    rates
      .command(verb)
      .description(words)
      .argument('<group>')
      .argument('<import>', 'its id, as tandem rates imports shows it')
      .action(async (group: string, id: string) => {
        const path = `/rate-groups/${segment(group)}/imports/${segment(id)}/${verb}`;
        const answer = await context.api().json({ method: 'POST', path });
        if (verb === 'apply') tellApplied(answer, context);
        else context.output().line('Given up.');
      });
  }

  rates
    .command('rollback')
    .description('put an earlier version of the rates of a group into effect')
    .argument('<group>')
    .argument('<version>')
    .option('--note <text>', 'kept with the version')
    .action(async (group: string, version: string, { note }: { readonly note?: string }) => {
      const path = `/rate-groups/${segment(group)}/versions/${segment(version)}/rollback`;
      tellApplied(await context.api().json({ method: 'POST', path, query: { note } }), context);
    });

  for (const [name, words, path] of [
    ['changes', 'all that an import changes, as CSV', 'changes'],
    ['bad-lines', 'every bad line of an import, as CSV', 'bad-lines'],
  ] as const) {
    rates
      .command(name)
      .description(words)
      .argument('<group>')
      .argument('<import>')
      .action(async (group: string, id: string) => {
        await write(`/rate-groups/${segment(group)}/imports/${segment(id)}/${path}`, context);
      });
  }
}

function addImport(rates: Command, context: CommandContext): void {
  rates
    .command('import')
    .description('read a file of rates, say what it changes, and apply it where --apply says so')
    .argument('<group>')
    .argument('<file>', 'CSV; - reads standard input')
    .option('--apply', 'put it into effect where no line is bad')
    .addOption(new Option('--mode <mode>', 'replace: what is not in the file is gone; update: it stays').choices(['replace', 'update']).default('replace'))
    .option('--from <time>', 'when it begins to hold, for lines that do not say; may be past. By default when it is applied')
    .option('--until <time>', 'when it ends, for lines that do not say')
    .option('-m, --mapping <file>', 'YAML: FIELD: NAME for each column')
    .option('--column <field=name...>', 'the same, for one column each')
    .addOption(new Option('--delimiter <which>').choices(['comma', 'semicolon', 'tab', 'bar']))
    .addOption(new Option('--decimal <which>').choices(['point', 'comma']))
    .addOption(new Option('--dates <order>', 'of 01/02/2027').choices(['dmy', 'mdy']))
    .option('--encoding <name>')
    .option('--increments <first/next>', 'of lines that do not say', '60/60')
    .option('--note <text>', 'kept with the version')
    .addHelpText('after', RULE)
    .action(async (group: string, file: string, options: Options) => {
      await importRates(group, file, options, context);
    });
} // prettier-ignore

async function importRates(
  group: string,
  file: string,
  { apply, column: columns, mapping, ...rest }: Options,
  context: CommandContext,
): Promise<void> {
  const query = Object.entries(rest).map(([name, value]) => [name, typeof value === 'string' ? value : undefined] as const); // prettier-ignore
  const named = [
    ...(typeof mapping === 'string' ? readColumns(await readInput(mapping, context), mapping) : []),
    ...(Array.isArray(columns) ? (columns as string[]) : []),
  ];
  const answer = await context.api().json({
    method: 'POST',
    path: `/rate-groups/${segment(group)}/imports`,
    query: { ...Object.fromEntries(query), file: file.replace(/^.*[/\\]/, '') },
    lists: { column: named },
    headers: { 'content-type': 'text/csv' },
    body: ReadableStream.from(await piecesOf(file, context)),
  });
  tellImport(answer, context);
  const id = textAt(answer, 'id');
  if (apply !== true) {
    context.output().line(`Nothing is in effect yet: tandem rates apply ${group} ${id}`);
    return;
  }
  const path = `/rate-groups/${segment(group)}/imports/${segment(id)}/apply`;
  tellApplied(await context.api().json({ method: 'POST', path }), context);
}

/** The file as it is read; how far that is, is shown. */
async function piecesOf(file: string, context: CommandContext): Promise<AsyncIterable<Uint8Array>> {
  if (file === '-') return bytesOf(context.stdin);
  try {
    const { size } = await stat(file);
    return counted(createReadStream(file, { highWaterMark: 256 * 1024 }), size, context);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CliError(exitCodes.usage, `${file} cannot be read: ${why}.`);
  }
}

async function* bytesOf(pieces: AsyncIterable<Buffer | string>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) yield typeof piece === 'string' ? Buffer.from(piece) : piece;
}

async function* counted(
  pieces: AsyncIterable<unknown>,
  size: number,
  context: CommandContext,
): AsyncGenerator<Uint8Array> {
  let done = 0;
  for await (const piece of pieces as AsyncIterable<Buffer>) {
    yield piece;
    done += piece.length;
    context.progress(done, size);
  }
}

function tellImport(found: Json, context: CommandContext): void {
  const output = context.output();
  if (output.isJson) {
    output.object(found);
    return;
  }
  const form = objectAt(found, 'form');
  const columns = Object.entries(objectAt(form, 'columns')).map(([field, names]) => `${field} from ${(names as string[]).join(' + ')}`); // prettier-ignore
  const delimiter = textAt(form, 'delimiter').replace('\t', 'tab');
  output.line(`Delimiter ${delimiter}, decimal ${textAt(form, 'decimal')}, encoding ${textAt(form, 'encoding')}, heading in line ${textAt(form, 'headingLine')}.`); // prettier-ignore
  output.line(`Columns: ${columns.join(', ')}.`);
  const ignored = form['ignored'];
  if (Array.isArray(ignored) && ignored.length > 0) output.line(`Not used: ${ignored.join(', ')}.`);
  const counts = objectAt(found, 'counts');
  const numbers = KINDS.map((kind) => `${textAt(counts, kind)} ${kind}`).join(', ');
  output.line(
    `${textAt(found, 'lines')} lines, ${textAt(found, 'fileRates')} prefixes: ${numbers}.`,
  );
  const when = found['isAtOnce'] === true ? 'when it is applied' : timeAt(found, 'effectiveFrom');
  output.line(`Lines that name no time begin ${when}.`);
  output.rows(listAt(found, 'examples'), CHANGE_COLUMNS, 'It changes nothing.');
}

function tellApplied(answer: Json, context: CommandContext): void {
  const output = context.output();
  if (output.isJson) output.object(answer);
  else output.line(`Version ${textAt(answer, 'version')} of the rates of ${textAt(answer, 'group')} is in effect.`); // prettier-ignore
}

function addExport(rates: Command, context: CommandContext): void {
  rates
    .command('export')
    .description('write the rates of a group as CSV, as an import takes them')
    .argument('<group>')
    .option('-o, --output <file>', 'where to; standard output where it is not given')
    .action(async (group: string, { output }: { readonly output?: string }) => {
      await write(`/rate-groups/${segment(group)}/rates`, context, output);
    });
}

async function write(path: string, context: CommandContext, file?: string): Promise<void> {
  const chunks = context.api().chunks({ path });
  if (file !== undefined) {
    await pipeline(chunks, createWriteStream(file));
    context.output().line(`Written to ${file}.`);
    return;
  }
  const decoder = new TextDecoder();
  for await (const chunk of chunks) context.write(decoder.decode(chunk, { stream: true }));
}

function rateText(rate: Json): string {
  if (rate['pricePerMinute'] === undefined) return '';
  const fee = textAt(rate, 'connectionFee');
  const parts = [textAt(rate, 'pricePerMinute'), `${textAt(rate, 'firstIncrement')}/${textAt(rate, 'nextIncrement')}`]; // prettier-ignore
  if (/[1-9]/.test(fee)) parts.push(`fee ${fee}`);
  if (textAt(rate, 'freeSeconds') !== '0') parts.push(`${textAt(rate, 'freeSeconds')} s free`);
  return parts.join(' ');
}

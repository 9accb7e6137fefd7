import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Json } from '../api-client.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import { column, listAt, textAt, timeColumn } from '../output.ts';
import type { CommandContext } from '../run-cli.ts';

interface ApplyOptions {
  readonly file: string;
  readonly dryRun?: boolean;
  readonly note?: string;
  readonly ifVersion?: string;
}

const SIGNS: Readonly<Record<string, string>> = { added: '+', removed: '-', changed: '~' };

/** apply, get, versions. */
export function addConfigurationCommands(program: Command, context: CommandContext): void {
  program
    .command('apply')
    .description('apply the whole configuration, or change nothing')
    .requiredOption('-f, --file <file>', 'YAML or JSON document; - reads standard input')
    .option('--dry-run', 'only say what would change')
    .option('--note <text>', 'kept with the version')
    .option('--if-version <number>', 'apply only where this version is in effect')
    .action((options: ApplyOptions) => apply(options, context));

  program
    .command('get')
    .description('print the configuration in effect; passwords are hidden')
    .option('--format <format>', 'yaml or json', 'yaml')
    .action((options: { format: string }) => get(options.format, context));

  program
    .command('versions')
    .description('list the versions of the configuration, newest first')
    .option('--limit <number>', 'at most so many', '20')
    .action(async (options: { limit: string }) => {
      const { limit } = options;
      const answer = await context
        .api()
        .json({ path: '/configuration/versions', query: { limit } });
      const columns = [
        column('VERSION', 'version', 'right'),
        timeColumn('APPLIED (UTC)', 'appliedAt'),
        column('BY', 'appliedBy'),
        column('NOTE', 'note'),
      ];
      context
        .output()
        .rows(listAt(answer, 'versions'), columns, 'No configuration was applied yet.');
    });
}

async function apply(options: ApplyOptions, context: CommandContext): Promise<void> {
  const text = await readDocument(options.file, context);
  const isJson = options.file.endsWith('.json') || /^\s*\{/.test(text);
  const result = await context.api().json({
    method: 'PUT',
    path: '/configuration',
    query: { dryRun: options.dryRun === true ? 'true' : undefined, note: options.note },
    headers: {
      'content-type': isJson ? 'application/json' : 'application/yaml',
      ...(options.ifVersion === undefined ? {} : { 'if-match': options.ifVersion }),
    },
    body: text,
  });
  const output = context.output();
  if (output.isJson) output.object(result);
  else for (const line of describeResult(result)) output.line(line);
}

function describeResult(result: Json): string[] {
  const version = textAt(result, 'version');
  if (result['isChanged'] !== true) return [`Nothing to change: version ${version} is the same.`];
  const changes = listAt(result, 'changes').map((change) => {
    const fields = Array.isArray(change['fields']) ? (change['fields'] as string[]) : [];
    const detail = fields.length === 0 ? '' : ` (${fields.join(', ')})`;
    return `${SIGNS[textAt(change, 'kind')] ?? ' '} ${textAt(change, 'subject')}${detail}`;
  });
  const more = Number(result['changeCount']) - changes.length;
  if (more > 0) changes.push(`  and ${String(more)} more`);
  const done =
    result['isDryRun'] === true
      ? `Would become version ${version}; nothing was changed.`
      : `Version ${version} is in effect.`;
  return [...changes, done];
}

async function get(format: string, context: CommandContext): Promise<void> {
  if (format !== 'yaml' && format !== 'json') {
    throw new CliError(exitCodes.usage, `--format is "${format}", must be yaml or json.`);
  }
  const output = context.output();
  const isYaml = format === 'yaml' && !output.isJson;
  const accept = isYaml ? 'application/yaml' : 'application/json';
  const text = await context.api().text({ path: '/configuration', headers: { accept } });
  if (isYaml || output.isJson) output.raw(text);
  else output.raw(JSON.stringify(JSON.parse(text), undefined, 2));
}

async function readDocument(file: string, context: CommandContext): Promise<string> {
  if (file === '-') {
    const chunks: Buffer[] = [];
    for await (const chunk of context.stdin) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks).toString('utf8');
  }
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CliError(exitCodes.usage, `${file} cannot be read: ${why}.`);
  }
}

import type { Command } from 'commander';
import { segment, type ApiClient, type ApiRequest, type Json } from '../api-client.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import { column, listAt, textAt, timeColumn } from '../output.ts';
import { readInput } from '../read-input.ts';
import type { CommandContext } from '../run-cli.ts';

interface ApplyTerms {
  readonly dryRun?: boolean;
  readonly note?: string;
  readonly ifVersion?: string;
  readonly allowRemoval?: string;
}

interface ApplyOptions extends ApplyTerms {
  readonly file: string;
}

const SIGNS: Readonly<Record<string, string>> = { added: '+', removed: '-', changed: '~' };

const REMOVAL_RULE = `
Without --allow-removal nothing is changed where more than 5 entries of a kind (phones, rates, gateways …) that are
more than 10 % of it would go, all of a kind that has several, or all that there is. The refusal, and --dry-run, say
what would go and which number allows it. With --allow-removal at most so many entries may go, over all kinds.`;

/** apply, get, versions, rollback. */
export function addConfigurationCommands(program: Command, context: CommandContext): void {
  program
    .command('apply')
    .description('apply the whole configuration, or change nothing')
    .requiredOption('-f, --file <file>', 'YAML or JSON document; - reads standard input')
    .option('--dry-run', 'only say what would change')
    .option('--note <text>', 'kept with the version')
    .option('--if-version <number>', 'apply only where this version is in effect')
    .option('--allow-removal <number>', 'let so many entries be removed')
    .addHelpText('after', REMOVAL_RULE)
    .action((options: ApplyOptions) => apply(options, context));

  program
    .command('rollback')
    .description('bring a version back: its document is applied as a new version')
    .argument('[version]', 'the one before that in effect where it is not named')
    .option('--dry-run', 'only say what would change')
    .option('--note <text>', 'kept with the version')
    .option('--if-version <number>', 'only where this version is in effect')
    .option('--allow-removal <number>', 'let so many entries be removed')
    .addHelpText('after', REMOVAL_RULE)
    .action((version: string | undefined, terms: ApplyTerms) => rollBack(version, terms, context));

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
  const text = await readInput(options.file, context);
  const isJson = options.file.endsWith('.json') || /^\s*\{/.test(text);
  const result = await context.api().json({
    method: 'PUT',
    path: '/configuration',
    query: queryOf(options),
    headers: {
      'content-type': isJson ? 'application/json' : 'application/yaml',
      ...versionHeader(options.ifVersion),
    },
    body: text,
  });
  tellApplied(result, context);
}

async function rollBack(
  version: string | undefined,
  terms: ApplyTerms,
  context: CommandContext,
): Promise<void> {
  const api = context.api();
  const named = version ?? (await versionBefore(api, terms.ifVersion));
  // Which one is "before" is decided by the version in effect: that must still be it.
  const ifVersion =
    terms.ifVersion ?? (version === undefined ? String(Number(named) + 1) : undefined);
  const result = await api.json({
    method: 'POST',
    path: `/configuration/versions/${segment(named)}/rollback`,
    query: queryOf(terms),
    headers: versionHeader(ifVersion),
  });
  tellApplied(result, context);
}

/** Versions are numbered without gaps. */
async function versionBefore(api: ApiClient, ifVersion: string | undefined): Promise<string> {
  const { versions } = (await api.json({
    path: '/configuration/versions',
    query: { limit: '1' },
  })) as { versions?: readonly Json[] };
  const newest = ifVersion ?? textAt(versions?.[0] ?? {}, 'version');
  if (Number(newest) > 1) return String(Number(newest) - 1);
  throw new CliError(exitCodes.refused, 'There is no version before the one in effect.');
}

function queryOf({ dryRun, note, allowRemoval }: ApplyTerms): ApiRequest['query'] & object {
  return { dryRun: dryRun === true ? 'true' : undefined, note, allowRemoval };
}

function versionHeader(ifVersion: string | undefined): Record<string, string> {
  return ifVersion === undefined ? {} : { 'if-match': ifVersion };
}

/**
 * Says what a change of the configuration did, or would do.
 * @throws CliError after a dry run of what would be refused
 */
export function tellApplied(result: Json, context: CommandContext): void {
  const output = context.output();
  if (output.isJson) output.object(result);
  else {
    for (const line of describeResult(result)) output.line(line);
    for (const warning of listAt(result, 'warnings')) {
      output.line(`Warning: ${textAt(warning, 'path')}: ${textAt(warning, 'message')}.`);
    }
  }
  const needed = textAt(result, 'allowRemoval');
  if (needed === '') return;
  const what = listAt(result, 'removals').map(describeRemoval).join(', ');
  throw new CliError(
    exitCodes.refused,
    `This would be refused: it removes ${what}. If it is meant, add --allow-removal ${needed}.`,
  );
}

function describeRemoval(removal: Json): string {
  const names = Array.isArray(removal['names']) ? (removal['names'] as string[]) : [];
  const more = Number(removal['removed']) > names.length ? ', …' : '';
  return `${textAt(removal, 'removed')} of ${textAt(removal, 'of')} ${textAt(removal, 'kind')} (${names.join(', ')}${more})`;
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

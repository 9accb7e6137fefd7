import { Option, type Command } from 'commander';
import type { KamailioTerms } from '@tandem/migration';
import type { CommandContext } from '../run-cli.ts';
import { changing, type ChangeOptions } from './changes.ts';
import { importSources, type ImportOptions } from '../import/import-sources.ts';
import { csvSources } from '../import/csv-sources.ts';
import { kamailioSources } from '../import/kamailio-sources.ts';

type Common = ImportOptions & ChangeOptions;

const RULE = `
What is read is put into the configuration in effect: what has the name of an entry there takes its place, all else stays.
The whole is checked as apply checks it. Where a line does not fit, it is named with its column, what was found and what
would be right, and nothing is changed. Else all of it becomes one version. docs/migration.md has the files.`;

/** import csv, import kamailio: what another switch leaves, as a draft of the configuration. */
export function addImportCommands(program: Command, context: CommandContext): void {
  const command = program
    .command('import')
    .description('take over gateways, prefixes, accounts, phones and rates of another switch');

  importing(command.command('csv'))
    .description('CSV files, whose columns a mapping file names')
    .argument('<files...>')
    .requiredOption('-m, --mapping <file>', 'YAML: which file and column is what')
    .action(async (files: readonly string[], options: Common & { readonly mapping: string }) => {
      await importSources(csvSources(files, options.mapping, context), options, context);
    });

  importing(command.command('kamailio'))
    .description('tables of dispatcher, drouting, permissions and auth_db')
    .argument('<files...>', 'dumps of pg_dump or mysqldump, tables of db_text, CSV or TSV')
    .requiredOption('--account <name>', 'who pays for calls of its gateways and phones')
    .option('--new-account', 'make that account, postpaid, with a rate of 0 for all numbers')
    .option('--group <id>', 'of drouting: the group whose rules are taken')
    .option('--for <gateways>', 'mapping gateways, with commas: their calls alone go by the rules')
    .option('--time-zone <zone>', 'of the times of drouting, such as Europe/Berlin')
    .action(async (files: readonly string[], options: Common & KamailioOptions) => {
      const { account, group, newAccount, timeZone } = options;
      const callers = options.for?.split(',').map((each) => each.trim());
      const terms: KamailioTerms = { account, group, callers, timeZone };
      const sources = kamailioSources(files, terms, { isNewAccount: newAccount === true });
      await importSources(sources, options, context);
    });
}

interface KamailioOptions {
  readonly account: string;
  readonly newAccount?: boolean;
  readonly group?: string;
  readonly for?: string;
  readonly timeZone?: string;
}

function importing(command: Command): Command {
  return changing(command)
    .option('--out <file>', 'write the draft as YAML, and apply nothing')
    .addOption(
      new Option(
        '--base <file>',
        'put it into this document, "none" for an empty one, and ask no switch',
      ).implies({ dryRun: true }),
    )
    .option('--leave-out', 'leave out the lines that do not fit')
    .addHelpText('after', RULE);
}

import type { Command } from 'commander';
import { segment, type Json } from '../api-client.ts';
import { column, listAt, textAt, timeColumn } from '../output.ts';
import { readInput } from '../read-input.ts';
import type { CommandContext } from '../run-cli.ts';
import { changeQuery, changing, type ChangeOptions } from './changes.ts';

const LIST_COLUMNS = [
  column('LIST', 'name'),
  { title: 'MATCH', text: (row: Json) => textAt(row, 'match') || 'not in use' },
  column('NUMBERS', 'numbers', 'right'),
  column('VERSION', 'version', 'right'),
  timeColumn('IMPORTED (UTC)', 'importedAt'),
  column('NOTE', 'note'),
] as const;

const VERSION_COLUMNS = [
  column('VERSION', 'version', 'right'),
  timeColumn('IMPORTED (UTC)', 'importedAt'),
  column('BY', 'importedBy'),
  column('NUMBERS', 'numbers', 'right'),
  column('NOTE', 'note'),
] as const;

const FILE_RULE = `
One number a line, in the first column (commas, semicolons or tabs between columns); a first line without a digit is a
heading. Where any line holds no number, each is named and nothing is changed. The list must be in numberLists of the
configuration. What is imported takes the place of what is in the list, on every pod within two seconds.`;

/** lists: what is in the lists of numbers (ROUTE-10). */
export function addNumberListCommands(program: Command, context: CommandContext): void {
  const lists = program
    .command('lists')
    .description('show the lists of numbers, and what was imported into them last')
    .action(async () => {
      const answer = await context.api().json({ path: '/number-lists' });
      context
        .output()
        .rows(listAt(answer, 'lists'), LIST_COLUMNS, 'There are no lists of numbers.');
    });

  changing(lists.command('import'))
    .description('put the numbers of a file into a list, in place of what is in it')
    .argument('<list>')
    .argument('<file>', 'CSV; - reads standard input')
    .addHelpText('after', FILE_RULE)
    .action(async (list: string, file: string, options: ChangeOptions) => {
      const body = await readInput(file, context);
      const headers = { 'content-type': 'text/csv' };
      const path = `/number-lists/${segment(list)}`;
      tell(
        await context
          .api()
          .json({ method: 'PUT', path, query: changeQuery(options), headers, body }),
        context,
      );
    });

  for (const verb of ['add', 'remove'] as const) {
    changing(lists.command(verb))
      .description(verb === 'add' ? 'add numbers to a list' : 'take numbers out of a list')
      .argument('<list>')
      .argument('<number...>')
      .action(async (list: string, numbers: readonly string[], options: ChangeOptions) => {
        const path = `/number-lists/${segment(list)}/changes`;
        const headers = { 'content-type': 'application/json' };
        const body = JSON.stringify({ [verb]: numbers });
        tell(
          await context
            .api()
            .json({ method: 'POST', path, query: changeQuery(options), headers, body }),
          context,
        );
      });
  }

  lists
    .command('find')
    .description('say whether a list holds a number, as calls would find it')
    .argument('<list>')
    .argument('<number>')
    .action(async (list: string, number: string) => {
      const path = `/number-lists/${segment(list)}/match`;
      const answer = await context.api().json({ path, query: { number } });
      const output = context.output();
      const entry = textAt(answer, 'entry');
      if (output.isJson) output.object(answer);
      else
        output.line(
          entry === '' ? `${number} is not in ${list}.` : `${number} is in ${list} (${entry}).`,
        );
    });

  lists
    .command('export')
    .description('print the numbers of a list, one a line')
    .argument('<list>')
    .action(async (list: string) => {
      const path = `/number-lists/${segment(list)}/numbers`;
      context.output().raw(await context.api().text({ path }));
    });

  lists
    .command('versions')
    .description('list the last versions of a list, newest first')
    .argument('<list>')
    .action(async (list: string) => {
      const answer = await context.api().json({ path: `/number-lists/${segment(list)}/versions` });
      context
        .output()
        .rows(listAt(answer, 'versions'), VERSION_COLUMNS, `Nothing was imported into ${list}.`);
    });

  changing(lists.command('rollback'))
    .description('put what was in a version of a list into it again, as a new version')
    .argument('<list>')
    .argument('<version>')
    .action(async (list: string, version: string, options: ChangeOptions) => {
      const path = `/number-lists/${segment(list)}/versions/${segment(version)}/rollback`;
      tell(
        await context.api().json({ method: 'POST', path, query: changeQuery(options) }),
        context,
      );
    });
}

function tell(changed: Json, context: CommandContext): void {
  const output = context.output();
  if (output.isJson) {
    output.object(changed);
    return;
  }
  const [name, version] = [textAt(changed, 'name'), textAt(changed, 'version')];
  if (changed['isChanged'] !== true) {
    output.line(`Nothing to change: version ${version} of ${name} is the same.`);
    return;
  }
  const twice = Number(changed['duplicates']);
  const duplicates = twice === 0 ? '' : `, ${String(twice)} stood there twice`;
  const counts = `${textAt(changed, 'numbers')} numbers, ${textAt(changed, 'added')} added, ${textAt(changed, 'removed')} removed${duplicates}`;
  output.line(
    changed['isDryRun'] === true
      ? `Would become version ${version} of ${name}: ${counts}; nothing was changed.`
      : `Version ${version} of ${name} is in effect: ${counts}.`,
  );
}

import type { Command } from 'commander';
import { segment, type Json } from '../api-client.ts';
import { column, listAt, textAt } from '../output.ts';
import type { CommandContext } from '../run-cli.ts';
import { changeQuery, changing, type ChangeOptions } from './changes.ts';
import { tellApplied } from './configuration.ts';

const COLUMNS = [
  column('PARAMETER', 'name'),
  { title: 'VALUE', text: (row: Json) => textAt(row, 'value') || '-' },
  { title: 'DEFAULT', text: (row: Json) => textAt(row, 'default') || '-' },
  column('RANGE', 'range'),
  { title: 'SET', text: (row: Json) => (row['isSet'] === true ? 'yes' : '') },
] as const;

/** parameters, parameters set, parameters reset (OPS-05). */
export function addParameterCommands(program: Command, context: CommandContext): void {
  const command = program
    .command('parameters')
    .description('list the system parameters, or tell of one')
    .argument('[name]')
    .option('--search <text>', 'in name or description')
    .option('--set', 'those alone that the configuration sets')
    .action(async (name: string | undefined, options: { search?: string; set?: boolean }) => {
      const output = context.output();
      if (name !== undefined) {
        const one = await context.api().json({ path: `/parameters/${segment(name)}` });
        output.rows([one], COLUMNS, '');
        output.line();
        output.line(textAt(one, 'description'));
        return;
      }
      const query = { search: options.search, set: options.set === true ? 'true' : undefined };
      const answer = await context.api().json({ path: '/parameters', query });
      output.rows(listAt(answer, 'parameters'), COLUMNS, 'There is no such parameter.');
    });

  changing(command.command('set'))
    .description('set a parameter; it is in effect on all pods within 2 s')
    .argument('<name>')
    .argument('<value>')
    .action((name: string, value: string, options: ChangeOptions) =>
      send(name, { method: 'PUT', value: valueOf(value) }, options),
    );

  changing(command.command('reset'))
    .description('put a parameter back to its default')
    .argument('<name>')
    .action((name: string, options: ChangeOptions) => send(name, { method: 'DELETE' }, options));

  async function send(
    name: string,
    { method, value }: { readonly method: 'PUT' | 'DELETE'; readonly value?: number | string },
    options: ChangeOptions,
  ): Promise<void> {
    const result = await context.api().json({
      method,
      path: `/parameters/${segment(name)}`,
      query: changeQuery(options),
      ...(value === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ value }) }),
    });
    tellApplied(result, context);
  }
}

/** A whole number as such; `On`, `Off` and words as they are. */
function valueOf(text: string): number | string {
  return /^-?\d+$/.test(text) ? Number(text) : text;
}

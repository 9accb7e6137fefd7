import type { Command } from 'commander';
import type { Json } from '../api-client.ts';
import { csvText } from '../csv.ts';
import { column, objectAt, timeColumn } from '../output.ts';
import { readPages } from '../pages.ts';
import type { CommandContext } from '../run-cli.ts';

const COLUMNS = [
  timeColumn('AT (UTC)', 'at'),
  column('USER', 'user'),
  column('FROM', 'address'),
  column('OPERATION', 'operation'),
  column('WHAT', 'subject'),
  column('OUTCOME', 'outcome'),
  { title: 'BEFORE → AFTER', text: changeText },
  column('NOTE', 'note'),
] as const;

const CSV = ['id', 'at', 'user', 'role', 'method', 'address', 'operation', 'subject', 'status', 'outcome', 'before', 'after', 'note'] as const; // prettier-ignore

type Options = Readonly<Record<string, string | undefined>>;

/** audit (OPS-12). */
export function addAuditCommand(program: Command, context: CommandContext): void {
  program
    .command('audit')
    .description('list who has changed what, and who has signed in, newest first')
    .option('--from <time>', 'a UTC time, a day, or 2h for two hours ago')
    .option('--until <time>')
    .option('--user <name>')
    .option('--operation <id>', 'such as changeConfiguredPhone, signIn')
    .option('--subject <text>', 'anywhere in what was changed, such as phones/1001')
    .option('--outcome <outcome>', 'done, refused, failed or begun')
    .option('--limit <number>', 'at most so many', '100')
    .option('--csv', 'as CSV')
    .action(async ({ csv, limit, ...query }: Options & { csv?: true }) => {
      const list = {
        path: '/audit',
        query,
        items: 'entries',
        columns: COLUMNS,
        limit: limit ?? '',
      };
      const read = await readPages(list, context);
      if (read === undefined) return;
      const output = context.output();
      if (csv === true) {
        const texts = (row: Json) => ({ ...row, before: valueText(row, 'before'), after: valueText(row, 'after') }); // prettier-ignore
        output.raw(csvText(read.rows.map(texts), CSV));
        return;
      }
      output.rows(read.rows, COLUMNS, 'Nobody has changed anything of that kind.');
      if (read.hasMore) output.line('There are more; see them with --limit.');
    });
}

function valueText(row: Json, key: string): string {
  const value = row[key];
  return value === null || value === undefined ? '' : JSON.stringify(value);
}

/** The fields that differ; where there was nothing, or nothing is left, that alone. */
function changeText(row: Json): string {
  if (row['before'] === null) return row['after'] === null ? '' : 'new';
  if (row['after'] === null) return row['outcome'] === 'done' ? 'gone' : '';
  const [before, after] = [objectAt(row, 'before'), objectAt(row, 'after')];
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const changed = fields.flatMap((field) => {
    const [was, is] = [fieldText(before, field), fieldText(after, field)];
    return was === is ? [] : [`${field} ${was} → ${is}`];
  });
  const text = changed.join(', ');
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}

function fieldText(value: Json, field: string): string {
  return value[field] === undefined ? '-' : JSON.stringify(value[field]);
}

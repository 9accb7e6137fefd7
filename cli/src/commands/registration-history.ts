import type { Command } from 'commander';
import type { Json } from '../api-client.ts';
import { column, listAt, textAt, timeColumn } from '../output.ts';
import type { CommandContext } from '../run-cli.ts';

const CAUSES = { title: 'CAUSES', text: causesText };

const SUMS = [
  column('REGISTERED', 'registered', 'right'),
  column('REFRESHED', 'refreshed', 'right'),
  column('FAILED', 'failed', 'right'),
  column('ENDED', 'ended', 'right'),
  CAUSES,
] as const;

const HISTORY = [timeColumn('FROM (UTC)', 'at'), column('ACTIVE', 'active', 'right'), ...SUMS] as const; // prettier-ignore

type Options = Readonly<Record<string, string | undefined>>;

/** registrations history, registrations analysis. */
export function addHistoryCommands(registrations: Command, context: CommandContext): void {
  registrations
    .command('history')
    .description('registrations over time: how many there are, new ones, refreshes, failures')
    .option('--from <time>', 'a UTC time, a day, or 24h for a day ago (default)')
    .option('--until <time>')
    .option('--step <step>', 'minute or hour; by default minutes of up to six hours, else hours')
    .action(async (query: Options) => {
      const answer = await context.api().json({ path: '/registrations/history', query });
      const points = listAt(answer, 'points');
      context.output().rows(points, HISTORY, 'Nothing was told in this time.');
    });

  registrations
    .command('analysis')
    .description('attempts to register by country, network, device or cause')
    .option('--by <what>', 'country (default), network, device or cause')
    .option('--from <time>', 'a UTC time, a day, or 24h for a day ago (default)')
    .option('--until <time>')
    // `--limit` belongs to the list that this is a part of.
    .option('--rows <number>', 'at most so many', '20')
    .action(async ({ rows: limit, ...query }: Options) => {
      const path = '/registrations/analysis';
      const answer = await context.api().json({ path, query: { ...query, limit } });
      const title = textAt(answer, 'by').toUpperCase();
      const attempts = column('ATTEMPTS', 'attempts', 'right');
      const columns = [column(title, 'key'), attempts, ...SUMS];
      context.output().rows(listAt(answer, 'rows'), columns, 'Nothing was told in this time.');
    });
}

/** "wrong-password 30, expired 2"; what has a column of its own is left out. */
function causesText(row: Json): string {
  return listAt(row, 'causes')
    .filter((each) => !['registered', 'refreshed'].includes(textAt(each, 'cause')))
    .map((each) => `${textAt(each, 'cause')} ${textAt(each, 'count')}`)
    .join(', ');
}

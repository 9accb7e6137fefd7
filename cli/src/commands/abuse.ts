import { InvalidArgumentError, type Command } from 'commander';
import { segment } from '../api-client.ts';
import { column, listAt, timeColumn } from '../output.ts';
import type { CommandContext } from '../run-cli.ts';

const SOURCE_COLUMNS = [
  column('SOURCE', 'source'),
  timeColumn('SINCE (UTC)', 'since'),
  timeColumn('UNTIL (UTC)', 'until'),
  column('FAILURES', 'failures', 'right'),
  column('CAUSE', 'cause'),
] as const;

const FAILURE_COLUMNS = [
  column('USER', 'user'),
  column('SOURCE', 'source'),
  timeColumn('FIRST (UTC)', 'first'),
  timeColumn('LAST (UTC)', 'last'),
  column('COUNT', 'count', 'right'),
  column('REASON', 'reason'),
  column('CAUSE', 'cause'),
  column('EXPLANATION', 'explanation'),
  column('WHAT WOULD CHANGE IT', 'change'),
] as const;

/** blacklist, auth-failures. */
export function addAbuseCommands(program: Command, context: CommandContext): void {
  const blacklist = program
    .command('blacklist')
    .description('list sources that get no answer for a time, after too many failures')
    .action(async () => {
      const answer = await context.api().json({ path: '/blacklist' });
      context
        .output()
        .rows(listAt(answer, 'sources'), SOURCE_COLUMNS, 'No source is black-listed.');
    });

  blacklist
    .command('add')
    .description('black-list a source; blocks stand in security.deny of the configuration')
    .argument('<address>', 'an IP address; of IPv6 its /64 is black-listed')
    .option('--seconds <number>', 'for how long, 604800 at most', readSeconds, 3600)
    .option('--cause <text>', 'shown in the list', 'by an operator')
    .action(async (source: string, { seconds, cause }: { seconds: number; cause: string }) => {
      await context.api().json({
        method: 'POST',
        path: '/blacklist',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ source, seconds, cause }),
      });
      const output = context.output();
      if (output.isJson) output.object({ source, isBlacklisted: true });
      output.line(`${source} gets no answer for ${String(seconds)} s.`);
    });

  blacklist
    .command('lift')
    .description('take a source off the black list')
    .argument('<source>', 'as listed, or an address')
    .action(async (source: string) => {
      await context.api().json({ method: 'DELETE', path: `/blacklist/${segment(source)}` });
      const output = context.output();
      if (output.isJson) output.object({ source, isLifted: true });
      output.line(`${source} is answered again.`);
    });

  program
    .command('auth-failures')
    .description('list who has not proved himself, by user name and source')
    .action(async () => {
      const answer = await context.api().json({ path: '/authentication-failures' });
      const failures = listAt(answer, 'failures');
      context.output().rows(failures, FAILURE_COLUMNS, 'Nobody has failed within a day.');
    });
}

function readSeconds(text: string): number {
  const seconds = Number(text);
  if (/^\d+$/.test(text) && seconds >= 1 && seconds <= 604_800) return seconds;
  throw new InvalidArgumentError('must be whole seconds from 1 to 604800');
}

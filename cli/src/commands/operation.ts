import type { Command } from 'commander';
import { segment, type Json } from '../api-client.ts';
import { column, listAt, textAt, timeAt, timeColumn } from '../output.ts';
import type { CommandContext } from '../run-cli.ts';
import { addAbuseCommands } from './abuse.ts';
import { addRouteCommand } from './route.ts';

const SUSPENSION_COLUMNS = [
  column('TERMINAL', 'terminal'),
  timeColumn('SINCE (UTC)', 'since'),
  timeColumn('UNTIL (UTC)', 'until'),
  column('FAILURES', 'failures', 'right'),
  column('LAST SOURCE', 'lastSource'),
  column('CAUSE', 'cause'),
] as const;

const REST_COLUMNS = [
  column('GATEWAY', 'gateway'),
  timeColumn('UNTIL (UTC)', 'until'),
  column('SECONDS', 'seconds', 'right'),
  column('AFTER CALL', 'callId'),
] as const;

const LINE_COLUMNS = [
  column('SUBJECT', 'subject'),
  column('IN USE', 'inUse', 'right'),
  {
    title: 'LIMIT',
    align: 'right',
    text: (row: Json) => (row['limit'] === 0 ? 'none' : textAt(row, 'limit')),
  },
  { title: 'HELD BY (SINCE, UTC)', text: holdersText },
] as const;

/** suspensions, blacklist, auth-failures, rests, lines, route. */
export function addOperationCommands(program: Command, context: CommandContext): void {
  const suspensions = program
    .command('suspensions')
    .description('list terminals that are suspended after too many wrong passwords')
    .action(async () => {
      const answer = await context.api().json({ path: '/suspensions' });
      context
        .output()
        .rows(listAt(answer, 'suspensions'), SUSPENSION_COLUMNS, 'Nobody is suspended.');
    });

  suspensions
    .command('lift')
    .description('lift a suspension')
    .argument('<terminal...>', 'as listed, or all of a user: phone 1001')
    .action(async (words: readonly string[]) => {
      const terminal = words.join(' ');
      const answer = await context
        .api()
        .json({ method: 'DELETE', path: `/suspensions/${segment(terminal)}` });
      const output = context.output();
      if (output.isJson) output.object({ terminal, isLifted: true });
      const left = String(listAt(answer, 'suspensions').length);
      output.line(`The suspension of ${terminal} is lifted; ${left} left.`);
    });

  addAbuseCommands(program, context);
  addRestCommands(program, context);

  program
    .command('lines')
    .description('list lines in use and who holds them')
    .argument('[subject...]', 'such as account demo')
    .action(async (words: readonly string[]) => {
      const subject = words.length === 0 ? undefined : words.join(' ');
      const answer = await context.api().json({ path: '/lines', query: { subject } });
      context.output().rows(listAt(answer, 'lines'), LINE_COLUMNS, 'No line is in use.');
    });

  addRouteCommand(program, context);
}

function addRestCommands(program: Command, context: CommandContext): void {
  const rests = program
    .command('rests')
    .description('list routing gateways that get no calls for a time, as their carriers have asked')
    .action(async () => {
      const answer = await context.api().json({ path: '/gateway-rests' });
      context.output().rows(listAt(answer, 'rests'), REST_COLUMNS, 'No gateway rests.');
    });

  rests
    .command('end')
    .description(
      'use a routing gateway again before its time; one that is throttled gets all of its calls',
    )
    .argument('<gateway>', 'as listed')
    .action(async (gateway: string) => {
      const path = `/gateway-rests/${segment(gateway)}`;
      await context.api().json({ method: 'DELETE', path });
      const output = context.output();
      if (output.isJson) output.object({ gateway, isEnded: true });
      output.line(`Calls go to ${gateway} again.`);
    });
}

function holdersText(row: Json): string {
  const holders = listAt(row, 'holders');
  const shown = holders
    .slice(0, 5)
    .map((holder) => `${textAt(holder, 'callId')} (${timeAt(holder, 'since')})`);
  const more = holders.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${String(more)} more` : shown.join(', ');
}

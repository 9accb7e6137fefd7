import type { Command } from 'commander';
import { segment } from '../api-client.ts';
import type { Json } from '../api-client.ts';
import { column, listAt, textAt, timeColumn } from '../output.ts';
import type { CommandContext } from '../run-cli.ts';

const COLUMNS = [
  column('GATEWAY', 'gateway'),
  column('STATE', 'state'),
  timeColumn('SINCE (UTC)', 'since'),
  column('ADDRESS OF RECORD', 'addressOfRecord'),
  column('SECONDS LEFT', 'expiresInSeconds', 'right'),
  { title: 'NEXT', text: nextText, align: 'right' },
  { title: 'LAST ANSWER', text: lastText },
  column('EDGE', 'edge'),
] as const;

/** outbound-registrations. */
export function addOutboundRegistrationCommands(program: Command, context: CommandContext): void {
  const outbound = program
    .command('outbound-registrations')
    .description('list registrations of the switch with carriers: state, next attempt, last answer')
    .action(async () => {
      const answer = await context.api().json({ path: '/outbound-registrations' });
      const rows = listAt(answer, 'outboundRegistrations');
      context.output().rows(rows, COLUMNS, 'The switch registers with no carrier.');
    });

  outbound
    .command('retry')
    .description('register with a carrier at once')
    .argument('<gateway>', 'routing gateway, as listed')
    .action(async (gateway: string) => {
      const path = `/outbound-registrations/${segment(gateway)}/retry`;
      const answer = await context.api().json({ method: 'POST', path });
      const output = context.output();
      if (output.isJson) output.object(answer);
      output.line(`${gateway} is registered anew within a second.`);
    });
}

function nextText(row: Json): string {
  const seconds = textAt(row, 'nextAttemptInSeconds');
  return seconds === '' ? 'under way' : `in ${seconds} s`;
}

function lastText(row: Json): string {
  const last = row['lastAnswer'];
  if (typeof last !== 'object' || last === null) return '';
  const said = last as Json;
  const code = textAt(said, 'code');
  const text = textAt(said, 'text');
  const head = code === '0' ? textAt(said, 'reason') : `${code} ${textAt(said, 'reason')}`;
  return text === '' ? head : `${head} (${text})`;
}

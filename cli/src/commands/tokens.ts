import type { Command } from 'commander';
import { segment } from '../api-client.ts';
import { csvText } from '../csv.ts';
import { column, listAt, objectAt, textAt, timeAt, timeColumn } from '../output.ts';
import type { CommandContext } from '../run-cli.ts';

const COLUMNS = [
  column('ID', 'id'),
  column('USER', 'user'),
  column('NAME', 'name'),
  column('ROLE', 'role'),
  timeColumn('EXPIRES (UTC)', 'expiresAt'),
  timeColumn('LAST USED (UTC)', 'lastUsed'),
] as const;

const CSV = ['id', 'user', 'name', 'role', 'createdAt', 'expiresAt', 'lastUsed'] as const;

interface NewToken {
  readonly days: string;
  readonly role?: string;
}

/** tokens, tokens create and revoke (OPS-12). */
export function addTokenCommands(program: Command, context: CommandContext): void {
  const tokens = program
    .command('tokens')
    .description('list your tokens; administrators see those of all')
    .option('--user <name>', 'those of one user')
    .option('--csv', 'as CSV')
    .action(async ({ csv, user }: { readonly user?: string; readonly csv?: true }) => {
      const answer = await context.api().json({ path: '/tokens', query: { user } });
      const rows = listAt(answer, 'tokens');
      const output = context.output();
      if (csv === true) output.raw(csvText(rows, CSV));
      else output.rows(rows, COLUMNS, 'There is no token.');
    });

  tokens
    .command('create')
    .description('make a token of yours for a program; it is shown this once')
    .argument('<name>', 'what it is for')
    .option('--days <days>', 'how long it is good, 1 to 366', '90')
    .option('--role <role>', 'one that may do no more than yours')
    .action(async (name: string, { days, role }: NewToken) => {
      const answer = await context.api().json({
        method: 'POST',
        path: '/tokens',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name, days: Number(days), role }),
      });
      const output = context.output();
      if (output.isJson) output.object(answer);
      output.line(textAt(answer, 'secret'));
      const until = timeAt(objectAt(answer, 'token'), 'expiresAt');
      output.line(`It is shown this once, and good until ${until} UTC.`);
    });

  tokens
    .command('revoke')
    .description('revoke a token')
    .argument('<id>', 'as listed')
    .action(async (id: string) => {
      await context.api().json({ method: 'DELETE', path: `/tokens/${segment(id)}` });
      const output = context.output();
      if (output.isJson) output.object({ id, isRevoked: true });
      output.line(`Token ${id} is revoked.`);
    });
}

import type { Command } from 'commander';
import { segment, type Json } from '../api-client.ts';
import { csvText } from '../csv.ts';
import { column, textAt, timeColumn } from '../output.ts';
import { readPages } from '../pages.ts';
import type { CommandContext } from '../run-cli.ts';

const COLUMNS = [
  column('USER', 'name'),
  column('ROLE', 'role'),
  column('NAME', 'displayName'),
  { title: 'SIGNS IN BY', text: waysText },
  { title: 'STATE', text: stateText },
  timeColumn('LAST SIGN-IN (UTC)', 'lastSignIn'),
] as const;

const CSV = ['name', 'displayName', 'role', 'email', 'isDisabled', 'hasPassword', 'mustChangePassword', 'openIdSubject', 'lockedUntil', 'lastSignIn', 'createdAt'] as const; // prettier-ignore

interface UserOptions {
  readonly role?: string;
  readonly displayName?: string;
  readonly email?: string;
  readonly openidSubject?: string;
  readonly password?: boolean;
  readonly disable?: boolean;
  readonly enable?: boolean;
}

/** users, users add, set, remove, unlock (OPS-12). */
export function addUserCommands(program: Command, context: CommandContext): void {
  const users = program
    .command('users')
    .description('list who may operate the switch, or show one')
    .argument('[name]')
    .option('--search <text>')
    .option('--limit <number>', 'at most so many', '100')
    .option('--csv', 'as CSV')
    .action(async (name: string | undefined, options: { search?: string; limit: string; csv?: true }) => {
      const output = context.output();
      if (name !== undefined) {
        output.rows([await context.api().json({ path: `/users/${segment(name)}` })], COLUMNS, '');
        return;
      }
      const { csv, limit, search } = options;
      const list = { path: '/users', query: { search }, items: 'users', columns: COLUMNS, limit };
      const read = await readPages(list, context);
      if (read === undefined) return;
      if (csv === true) output.raw(csvText(read.rows, CSV));
      else output.rows(read.rows, COLUMNS, 'There is no user: tandem users add NAME --role ROLE.');
    }); // prettier-ignore

  fields(users.command('add'))
    .description('add a user: with a password, or one who signs in by a link or OpenID Connect')
    .argument('<name>')
    .requiredOption('--role <role>', 'administrator, operator, billing or read-only')
    .action(async (name: string, options: UserOptions) => {
      const body = { name, ...(await bodyOf(options)) };
      await tell({ method: 'POST', path: '/users', body });
    });

  fields(users.command('set'))
    .description('change a user; a new password, role and --disable end his sessions')
    .argument('<name>')
    .option('--role <role>', 'administrator, operator, billing or read-only')
    .option('--disable', 'let him in no more')
    .option('--enable', 'let him in again')
    .action(async (name: string, options: UserOptions) => {
      await tell({ method: 'PATCH', path: `/users/${segment(name)}`, body: await bodyOf(options) });
    });

  users
    .command('remove')
    .description('remove a user, with sessions and tokens')
    .argument('<name>')
    .action(async (name: string) => {
      await context.api().json({ method: 'DELETE', path: `/users/${segment(name)}` });
      const output = context.output();
      if (output.isJson) output.object({ name, isRemoved: true });
      output.line(`User ${name} is removed.`);
    });

  users
    .command('unlock')
    .description('let a user sign in again who was locked out by wrong passwords')
    .argument('<name>')
    .action((name: string) => tell({ method: 'POST', path: `/users/${segment(name)}/unlock` }));

  async function bodyOf(options: UserOptions): Promise<Json> {
    const { disable, displayName, email, enable, openidSubject, password, role } = options;
    const isDisabled = disable === true ? true : enable === true ? false : undefined;
    const secret = password === true ? await context.readSecret('New password: ') : undefined;
    const given = { role, displayName, email, isDisabled, password: secret, openIdSubject: openidSubject }; // prettier-ignore
    return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  }

  async function tell(request: { method: 'POST' | 'PATCH'; path: string; body?: Json }) {
    const { body, method, path } = request;
    const headers = { 'content-type': 'application/json' };
    const sent = body === undefined ? {} : { headers, body: JSON.stringify(body) };
    const user = await context.api().json({ method, path, ...sent });
    context.output().rows([user], COLUMNS, '');
  }
}

function fields(command: Command): Command {
  return command
    .option('--display-name <text>')
    .option('--email <address>')
    .option('--openid-subject <sub>', 'who he is for the OpenID provider')
    .option('--password', 'ask for a password, or read the first line of standard input');
}

function waysText(row: Json): string {
  const ways = [
    ...(row['hasPassword'] === true ? ['password'] : []),
    ...(textAt(row, 'openIdSubject') === '' ? [] : ['OpenID']),
  ];
  return ways.length === 0 ? 'link' : ways.join(', ');
}

function stateText(row: Json): string {
  if (row['isDisabled'] === true) return 'disabled';
  const until = textAt(row, 'lockedUntil');
  if (until !== '') return `locked until ${until}`;
  return row['mustChangePassword'] === true ? 'must change password' : '';
}

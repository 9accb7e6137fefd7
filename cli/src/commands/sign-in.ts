import { mkdir, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import type { Command } from 'commander';
import { causeOf, segment, type Json } from '../api-client.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import { listAt, objectAt, textAt, timeAt } from '../output.ts';
import type { CommandContext } from '../run-cli.ts';
import { ownTokenFile } from '../token-place.ts';

interface Options {
  readonly days: string;
  readonly link?: boolean;
}

/** sign-in, sign-out, session (OPS-12). */
export function addSignInCommands(program: Command, context: CommandContext): void {
  program
    .command('sign-in')
    .description('sign in by name and password: a token of yours is made and kept for this command')
    .argument('[name]', 'who signs in', 'admin')
    .option('--days <days>', 'how long the token is good, 1 to 366', '30')
    .option('--link', 'make a link instead by which a browser signs in once as this user')
    .action(async (name: string, { days, link }: Options) => {
      if (link === true) await printLink(name, context);
      else await signIn(name, days, context);
    });

  program
    .command('sign-out')
    .description('forget the token of tandem sign-in; tandem tokens revoke ends it for everybody')
    .action(async () => {
      await rm(ownTokenFile(context.settings().url, context.env), { force: true });
      context.output().line('You are signed out.');
    });

  program
    .command('session')
    .description('say who you are to the API, and what you may do')
    .action(async () => {
      const answer = await context.api().json({ path: '/session' });
      const output = context.output();
      if (output.isJson) {
        output.object(answer);
        return;
      }
      const user = objectAt(answer, 'user');
      const until = timeAt(answer, 'expiresAt');
      const end = until === '' ? '' : `, until ${until} UTC`;
      output.line(`You are ${textAt(user, 'name')}, ${textAt(user, 'role')}${end}.`);
      output.line(`You may: ${(answer['may'] as readonly string[]).join(', ')}`);
    });
}

async function printLink(name: string, context: CommandContext): Promise<void> {
  const path = `/users/${segment(name)}/sign-in-link`;
  const answer = await context.api().json({ method: 'POST', path });
  const output = context.output();
  if (output.isJson) output.object(answer);
  output.line(textAt(answer, 'url'));
  output.line(`It is good once, until ${timeAt(answer, 'expiresAt')} UTC.`);
}

async function signIn(name: string, days: string, context: CommandContext): Promise<void> {
  const password = await context.readSecret(`Password of ${name}: `);
  const { fetch, url } = context.settings();
  const base = `${url.replace(/\/+$/, '')}/api/v1`;
  const send = async (
    method: 'POST' | 'PUT' | 'DELETE',
    path: string,
    { body, headers = {} }: { readonly body?: object; readonly headers?: Record<string, string> },
  ) => {
    let response: Response;
    try {
      response = await fetch(`${base}${path}`, {
        method,
        headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
        ...(body && { body: JSON.stringify(body) }),
      });
    } catch (error) {
      throw new CliError(exitCodes.unreachable, `${url} does not answer (${causeOf(error)}).`);
    }
    const answer = (await response.json()) as Json;
    if (response.ok) return { answer, cookies: response.headers.getSetCookie() };
    const detail = textAt(answer, 'detail').replace(/\.$/, '');
    const mistakes = listAt(answer, 'mistakes').map((each) => ({
      path: textAt(each, 'path'),
      message: textAt(each, 'message'),
    }));
    throw new CliError(exitCodes.notAuthenticated, `${detail}.`, mistakes);
  };
  const { answer: session, cookies } = await send('POST', '/sign-in', {
    body: { name, password },
  });
  const values = cookies.map((cookie) => cookie.split(';')[0] ?? '');
  const csrf = values.find((value) => value.startsWith('tandem-csrf='))?.slice(12) ?? '';
  const headers = { cookie: values.join('; '), 'x-csrf-token': decodeURIComponent(csrf) };
  if (session['mustChangePassword'] === true) {
    const newPassword = await context.readSecret('It has to be changed. New password: ');
    const body = { currentPassword: password, newPassword };
    await send('PUT', '/session/password', { body, headers });
  }
  const token = { name: `tandem on ${hostname()}`, days: Number(days) };
  const { answer } = await send('POST', '/tokens', { body: token, headers });
  // What the command needs is the token: the session was for making it.
  await send('DELETE', '/session', { headers });
  const file = ownTokenFile(url, context.env);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await rm(file, { force: true });
  await writeFile(file, `${textAt(answer, 'secret')}\n`, { mode: 0o600 });
  const role = textAt(objectAt(session, 'user'), 'role');
  const until = timeAt(objectAt(answer, 'token'), 'expiresAt');
  const output = context.output();
  if (output.isJson) output.object({ name, role, expiresAt: until });
  output.line(`You are ${name}, ${role}, until ${until} UTC.`);
}

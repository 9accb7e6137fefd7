import { didYouMean } from '@tandem/config';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { fail, type ProblemError } from '../../api/problem.ts';
import { readTag } from '../../api/read-tag.ts';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import { pageOf } from '../../core/entry-pages.ts';
import { operatorTag } from '../../core/operators/operators.ts';
import { roles } from '../../core/operators/roles.ts';
import type { Operator } from '../../operator-ports.ts';
import { nameSubject } from '../../sign-ins.ts';
import { pageLimit } from '../page-limit.ts';
import { presentTime } from '../times.ts';
import { changedOperator, newOperator } from './changing.ts';
import { presentUser, userCsv } from './presentation.ts';
import type { NewUser, UserChange } from './schemas.ts';

const params = z.object({ name: z.string() });
const fields = ['name', 'displayName', 'role', 'email', 'lastSignIn', 'createdAt'] as const;
const query = z.object({
  search: z.string().default('').describe('Anywhere in a user, in whatever case.'),
  role: z.enum(['', ...roles]).default(''),
  sort: z
    .enum(['', ...fields, ...fields.map((field) => `-${field}` as const)])
    .default('')
    .describe('A field, or - and a field. Empty: by name.'),
  limit: pageLimit,
  cursor: z.string().default('').describe('nextCursor of the page before.'),
  format: z.enum(['json', 'csv']).default('json').describe('csv: this page as text/csv.'),
});

type Params = z.output<typeof params>;

/** Who operates the switch (OPS-12). */
export function userRoutes(app: FastifyInstance, { operators }: RouteParts): void {
  const { publicUrl, signIns, store } = operators;
  const lockOf = (name: string) => store.lockedUntil(nameSubject(name), new Date());
  const send = async (reply: FastifyReply, operator: Operator): Promise<FastifyReply> =>
    reply
      .header('etag', `"${operatorTag(operator)}"`)
      .send(presentUser(operator, await lockOf(operator.name)));

  app.get<{ Querystring: z.output<typeof query> }>(
    '/users',
    {
      schema: routeSchema({
        id: 'listUsers',
        tag: 'operators',
        summary: 'Who may operate the switch',
        query,
        answer: 'UserList',
        alsoAs: 'text/csv',
      }),
    },
    async ({ query: { format, role, ...asked } }, reply) => {
      const users = await Promise.all(
        (await store.list()).map(async (each) => presentUser(each, await lockOf(each.name))),
      );
      const page = pageOf(users, 'name', { ...asked, where: role === '' ? {} : { role } });
      const found = page.entries as unknown as typeof users;
      const nextCursor = page.nextCursor ?? null;
      if (format === 'json') return { users: found, nextCursor, total: page.total };
      if (nextCursor !== null) reply.header('x-next-cursor', nextCursor);
      return reply.type('text/csv; charset=utf-8').send(userCsv(found));
    },
  );

  app.post<{ Body: NewUser }>(
    '/users',
    {
      schema: routeSchema({
        id: 'createUser',
        tag: 'operators',
        summary: 'Add a user; without a password he signs in by a link or OpenID Connect',
        body: 'NewUser',
        answer: 'User',
        errors: [409, 422],
      }),
    },
    async ({ body }, reply) => {
      const operator = await newOperator(body, signIns.settings.passwordLength, new Date());
      if (!(await store.create(operator))) {
        const detail = `there is a user "${body.name}", or one with this openIdSubject, already; nothing was changed`;
        throw fail(409, 'entry-exists', detail);
      }
      return send(reply, operator);
    },
  );

  app.get<{ Params: Params }>(
    '/users/:name',
    {
      schema: routeSchema({
        id: 'getUser',
        tag: 'operators',
        summary: 'One user',
        params,
        answer: 'User',
        errors: [404],
      }),
    },
    async ({ params: { name } }, reply) => send(reply, await named(name)),
  );

  app.patch<{ Params: Params; Body: UserChange }>(
    '/users/:name',
    {
      schema: {
        ...routeSchema({
          id: 'changeUser',
          tag: 'operators',
          summary: 'Change some of a user',
          params,
          body: 'UserChange',
          answer: 'User',
          errors: [404, 409, 412, 422],
        }),
        description:
          'If-Match may be the ETag of the user. A new password, a new role and isDisabled end his sessions. Somebody must stay who may administer (409).',
      },
    },
    async ({ body, headers, params: { name } }, reply) => {
      const before = await named(name);
      const change = await changedOperator(name, body, signIns.settings.passwordLength);
      const tag = readTag(headers['if-match']);
      const result = await store.change(name, (current) =>
        tag === undefined || operatorTag(current) === tag ? change(current) : undefined,
      );
      if (result.kind !== 'changed') throw refused(name, result.kind);
      const { after } = result;
      const isOther =
        after.password !== before.password || after.role !== before.role || after.isDisabled;
      if (isOther) await store.endSessionsOf(name);
      return send(reply, after);
    },
  );

  app.delete<{ Params: Params }>(
    '/users/:name',
    {
      schema: {
        ...routeSchema({
          id: 'removeUser',
          tag: 'operators',
          summary: 'Remove a user, with sessions and tokens',
          params,
          answer: 'UserRemoval',
          errors: [404, 409, 412],
        }),
        description: 'If-Match may be the ETag of the user. What he did stays in the audit log.',
      },
    },
    async ({ headers, params: { name } }) => {
      await named(name);
      const tag = readTag(headers['if-match']);
      const result = await store.remove(
        name,
        (before) => tag === undefined || operatorTag(before) === tag,
      );
      if (result.kind !== 'changed') throw refused(name, result.kind);
      return { isRemoved: true };
    },
  );

  app.post<{ Params: Params }>(
    '/users/:name/unlock',
    {
      schema: routeSchema({
        id: 'unlockUser',
        tag: 'operators',
        summary: 'Let a user sign in again who was locked out by wrong passwords',
        params,
        answer: 'User',
        errors: [404],
      }),
    },
    async ({ params: { name } }, reply) => {
      const operator = await named(name);
      await store.forgetFailures([nameSubject(name)]);
      return send(reply, operator);
    },
  );

  app.post<{ Params: Params }>(
    '/users/:name/sign-in-link',
    {
      schema: routeSchema({
        id: 'createSignInLink',
        tag: 'operators',
        summary: 'Make a link by which a user signs in once, within 15 minutes',
        params,
        answer: 'SignInLink',
        errors: [404],
      }),
    },
    async ({ params: { name } }, reply) => {
      await named(name);
      const link = await signIns.createLink(name);
      if (link === undefined) throw noSuchUser(name, '');
      const url = `${publicUrl()}/api/v1/sign-in/link?code=${link.code}`;
      reply.header('cache-control', 'no-store');
      return { url, expiresAt: presentTime(link.expiresAt.getTime()) };
    },
  );

  async function named(name: string): Promise<Operator> {
    const operator = await store.get(name);
    if (operator !== undefined) return operator;
    const names = (await store.list()).map((each) => each.name);
    throw noSuchUser(name, didYouMean(name, names));
  }
}

function noSuchUser(name: string, hint: string): ProblemError {
  return fail(404, 'no-such-user', `there is no user "${name}"${hint}`);
}

function refused(
  name: string,
  kind: 'no-such-operator' | 'stale' | 'last-administrator' | 'taken',
): ProblemError {
  switch (kind) {
    case 'no-such-operator':
      return noSuchUser(name, '');
    case 'stale':
      return fail(
        412,
        'entry-changed',
        `user "${name}" was changed since it was read: read it again; nothing was changed`,
      );
    case 'taken':
      return fail(
        409,
        'entry-exists',
        'another user has this openIdSubject already; nothing was changed',
      );
    case 'last-administrator':
      return fail(
        409,
        'last-administrator',
        `"${name}" is the last administrator who is not disabled: make another one first; nothing was changed`,
      );
  }
}

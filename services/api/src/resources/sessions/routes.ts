import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { hashPassword, isPassword } from '../../adapters/password-hash.ts';
import { clearSessionCookies } from '../../api/cookies.ts';
import { placeOf, signedIn, type Principal } from '../../api/principal.ts';
import { fail } from '../../api/problem.ts';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import { nameSubject } from '../../sign-ins.ts';
import { checkPassword, weakPassword } from '../users/changing.ts';
import { presentSession, presentSessionEntry } from './presentation.ts';
import type { PasswordChangeRequest } from './schemas.ts';

const params = z.object({ id: z.string() });
const query = z.object({
  user: z.string().default('').describe('For administrators: those of one user.'),
});

/** Who is signed in, and what he may do (OPS-12). */
export function sessionRoutes(app: FastifyInstance, { operators }: RouteParts): void {
  const { signIns, store } = operators;

  app.get(
    '/session',
    {
      schema: routeSchema({
        id: 'getSession',
        tag: 'operators',
        summary: 'Who you are, and what you may do',
        answer: 'Session',
      }),
    },
    (request, reply) =>
      reply.header('cache-control', 'no-store').send(presentSession(signedIn(request))),
  );

  app.delete(
    '/session',
    {
      schema: routeSchema({
        id: 'signOut',
        tag: 'operators',
        summary: 'Sign out',
        answer: 'SignedOut',
      }),
    },
    async (request, reply) => {
      const { session } = signedIn(request);
      if (session !== undefined) await store.endSession(session.id);
      clearSessionCookies(reply);
      return { isSignedOut: session !== undefined };
    },
  );

  app.put<{ Body: PasswordChangeRequest }>(
    '/session/password',
    {
      schema: {
        ...routeSchema({
          id: 'changePassword',
          tag: 'operators',
          summary: 'Change your password',
          body: 'PasswordChange',
          answer: 'Session',
          errors: [409, 422],
        }),
        description:
          'Your other sessions end. Tokens stay: revoke those that somebody else may have.',
      },
    },
    async (request) => {
      const principal = signedIn(request);
      const { currentPassword, newPassword } = request.body;
      const { operator } = principal;
      if (operator === undefined || principal.method === 'token') {
        const detail =
          'a password is changed by who has signed in: there is none behind this token';
        throw fail(409, 'no-password', detail);
      }
      await confirm(principal, currentPassword, placeOf(request).address);
      const length = signIns.settings.passwordLength;
      checkPassword('newPassword', newPassword, length, [operator.name, operator.displayName]);
      if (newPassword === currentPassword) throw weakPassword('newPassword', 'is the one you have: take another one'); // prettier-ignore
      const password = await hashPassword(newPassword);
      await store.change(operator.name, (before) => ({
        ...before,
        password,
        mustChangePassword: false,
      }));
      await store.endSessionsOf(operator.name, principal.session?.id);
      return presentSession({ ...principal, mustChangePassword: false });
    },
  );

  app.get<{ Querystring: z.output<typeof query> }>(
    '/sessions',
    {
      schema: routeSchema({
        id: 'listSessions',
        tag: 'operators',
        summary: 'Your sessions, newest first; for administrators those of all',
        query,
        answer: 'SessionList',
        list: 'sessions',
      }),
    },
    async (request) => {
      const principal = signedIn(request);
      const { user } = request.query;
      const isAll = principal.roles.every((role) => role === 'administrator');
      const wanted = isAll ? user : principal.name;
      const sessions = await store.sessions(new Date(), signIns.settings.idleMs);
      return {
        sessions: sessions
          .filter(({ operator }) => wanted === '' || operator === wanted)
          .map((each) => presentSessionEntry(each, principal.session?.id)),
      };
    },
  );

  app.delete<{ Params: z.output<typeof params> }>(
    '/sessions/:id',
    {
      schema: routeSchema({
        id: 'endSession',
        tag: 'operators',
        summary: 'End a session of yours; for administrators any',
        params,
        answer: 'SessionEnd',
        errors: [404],
      }),
    },
    async (request) => {
      const principal = signedIn(request);
      const { id } = request.params;
      const isAll = principal.roles.every((role) => role === 'administrator');
      const sessions = await store.sessions(new Date(), signIns.settings.idleMs);
      const found = sessions.find((each) => each.id === id);
      if (found === undefined || (!isAll && found.operator !== principal.name)) {
        throw fail(404, 'no-such-session', `no session "${id}" of yours lasts`);
      }
      await store.endSession(id);
      return { isEnded: true };
    },
  );

  /** Whoever has found an open browser does not know the password: guesses count as those of a sign-in. */
  async function confirm(
    { name, operator }: Principal,
    password: string,
    address: string,
  ): Promise<void> {
    if (operator?.password === undefined) return;
    const isLocked = await signIns.countConfirmation(name, address);
    if (isLocked) throw fail(429, 'locked-out', 'too many wrong passwords: try again later');
    if (!(await isPassword(password, operator.password))) {
      throw fail(403, 'wrong-credentials', 'currentPassword is wrong; nothing was changed');
    }
    await store.forgetFailures([nameSubject(name)]);
  }
}

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { setSessionCookies } from '../../api/cookies.ts';
import { placeOf } from '../../api/principal.ts';
import { fail, problem, ProblemError } from '../../api/problem.ts';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import type { StartedSession } from '../../sign-ins.ts';
import { presentStarted } from '../sessions/presentation.ts';
import { openIdRoutes } from './openid-routes.ts';
import { redirect } from './redirect.ts';
import type { SignInRequest } from './schemas.ts';

const linkQuery = z.object({ code: z.string().min(1).max(128) });

/** Signing in (OPS-12): by password, by a link that is good once, by OpenID Connect. */
export function signInRoutes(app: FastifyInstance, parts: RouteParts): void {
  const { operators } = parts;
  const { audit, openId, signIns } = operators;

  app.get(
    '/sign-in',
    {
      schema: routeSchema({
        id: 'getSignIn',
        tag: 'operators',
        summary: 'How one signs in here',
        answer: 'SignInOptions',
      }),
    },
    () => ({
      password: true,
      openId:
        openId === undefined ? null : { title: openId.title, startUrl: '/api/v1/sign-in/openid' },
      rules: { minLength: signIns.settings.passwordLength },
    }),
  );

  app.post<{ Body: SignInRequest }>(
    '/sign-in',
    {
      bodyLimit: 16 * 1024,
      schema: {
        ...routeSchema({
          id: 'signIn',
          tag: 'operators',
          summary: 'Sign in by name and password',
          body: 'SignIn',
          answer: 'Session',
        }),
        description:
          'Sets the cookies tandem-session, which proves the session, and tandem-csrf, which every request but GET sends back as X-CSRF-Token. After five wrong passwords in a row a name is locked for 15 minutes (429).',
      },
    },
    async (request, reply) => {
      const { name, password } = request.body;
      const outcome = await signIns.byPassword(name, password, placeOf(request));
      if (outcome.kind === 'signed-in') {
        await noted(request, outcome);
        setSessionCookies(reply, outcome, operators.isSecure());
        return presentStarted(outcome);
      }
      await notedRefusal(request, name.slice(0, 64), outcome.kind);
      if (outcome.kind === 'wrong') {
        throw fail(401, 'wrong-credentials', 'the name or the password is wrong');
      }
      const seconds = Math.max(1, Math.ceil((outcome.until.getTime() - Date.now()) / 1000));
      const detail = `too many wrong sign-ins: try again in ${String(Math.ceil(seconds / 60))} min, or ask an administrator to unlock you`;
      throw new ProblemError(problem(429, 'locked-out', detail), {
        'retry-after': String(seconds),
      });
    },
  );

  app.get<{ Querystring: z.output<typeof linkQuery> }>(
    '/sign-in/link',
    {
      schema: routeSchema({
        id: 'signInByLink',
        tag: 'operators',
        summary: 'Sign in by a link that is good once, such as the one that make run prints',
        query: linkQuery,
        answer: 'SignInOptions',
        redirects: true,
      }),
    },
    async (request, reply) => {
      const outcome = await signIns.byLink(request.query.code, placeOf(request));
      if (outcome !== undefined) return enter(request, reply, { outcome, to: '/' });
      await notedRefusal(request, '', 'wrong');
      return redirect(reply, '/sign-in?problem=link-expired');
    },
  );

  openIdRoutes(app, parts, { enter, notedRefusal });

  async function enter(
    request: FastifyRequest,
    reply: FastifyReply,
    { outcome, to }: { readonly outcome: StartedSession; readonly to: string },
  ): Promise<FastifyReply> {
    await noted(request, outcome);
    setSessionCookies(reply, outcome, operators.isSecure());
    return redirect(reply, to);
  }

  async function noted(request: FastifyRequest, { operator, session }: StartedSession) {
    const id = await audit.begin({
      ...auditOf(request),
      operator: operator.name,
      role: operator.role,
      method: session.method,
    });
    const after = JSON.stringify({ session: session.id });
    await audit.end(id, { outcome: 'done', status: 200, after });
  }

  async function notedRefusal(request: FastifyRequest, name: string, kind: string): Promise<void> {
    const id = await audit.begin({ ...auditOf(request), operator: name, role: '', method: '' });
    const status = kind === 'locked' ? 429 : 401;
    await audit.end(id, { outcome: 'refused', status, after: undefined });
  }
}

function auditOf(request: FastifyRequest) {
  const address = request.ip;
  const subject = '/sign-in';
  return { at: new Date(), address, operation: 'signIn', subject, before: undefined, note: '' };
}

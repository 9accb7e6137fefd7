import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { signedIn, type Principal } from '../../api/principal.ts';
import { fail } from '../../api/problem.ts';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import { covers } from '../../core/operators/roles.ts';
import type { ApiToken } from '../../operator-ports.ts';
import { digest, newSecret } from '../../sign-ins.ts';
import { presentToken, tokenCsv } from './presentation.ts';
import type { NewToken } from './schemas.ts';

const DAY_MS = 24 * 3600 * 1000;
/** More than anybody has programs for. */
const MOST = 100;

const params = z.object({ id: z.string() });
const query = z.object({
  user: z.string().default('').describe('For administrators: those of one user.'),
  format: z.enum(['json', 'csv']).default('json').describe('csv: as text/csv.'),
});

/** Tokens by which programs come in (OPS-12). */
export function tokenRoutes(app: FastifyInstance, { operators: { store } }: RouteParts): void {
  app.get<{ Querystring: z.output<typeof query> }>(
    '/tokens',
    {
      schema: routeSchema({
        id: 'listTokens',
        tag: 'operators',
        summary: 'Your tokens; for administrators those of all',
        query,
        answer: 'TokenList',
        alsoAs: 'text/csv',
      }),
    },
    async (request, reply) => {
      const { format, user } = request.query;
      const found = await tokensOf(signedIn(request), user);
      const tokens = found.map(presentToken);
      if (format === 'json') return { tokens };
      return reply.type('text/csv; charset=utf-8').send(tokenCsv(tokens));
    },
  );

  app.post<{ Body: NewToken }>(
    '/tokens',
    {
      schema: routeSchema({
        id: 'createToken',
        tag: 'operators',
        summary: 'Make a token of yours; its secret is shown this once',
        body: 'NewToken',
        answer: 'CreatedToken',
        errors: [409, 422],
      }),
    },
    async (request, reply) => {
      const principal = signedIn(request);
      const { days, name, role = principal.role } = request.body;
      if (principal.operator === undefined) {
        const detail =
          'the text in DATA_DIR/api-token is nobody who could have tokens: sign in as a user (tandem users add, tandem sign-in)';
        throw fail(409, 'no-user', detail);
      }
      if (!principal.roles.every((held) => covers(held, role))) {
        const detail = `role is ${role}, and you are ${principal.role}: a token may do no more than you; nothing was made`;
        throw fail(422, 'role-too-high', detail);
      }
      const own = (await store.tokens()).filter(({ operator }) => operator === principal.name);
      if (own.length >= MOST) {
        const detail = `you have ${String(MOST)} tokens: revoke those that nobody uses; nothing was made`;
        throw fail(409, 'too-many-tokens', detail);
      }
      const createdAt = new Date();
      const token: ApiToken = {
        id: randomBytes(9).toString('base64url'),
        operator: principal.name,
        name,
        role,
        createdAt,
        expiresAt: new Date(createdAt.getTime() + days * DAY_MS),
        lastUsed: undefined,
      };
      const secret = `tandem_${newSecret()}`;
      await store.createToken(token, digest(secret));
      reply.header('cache-control', 'no-store');
      return { token: presentToken(token), secret };
    },
  );

  app.delete<{ Params: z.output<typeof params> }>(
    '/tokens/:id',
    {
      schema: routeSchema({
        id: 'revokeToken',
        tag: 'operators',
        summary: 'Revoke a token of yours; for administrators any',
        params,
        answer: 'TokenRevocation',
        errors: [404],
      }),
    },
    async (request) => {
      const { id } = request.params;
      const own = await tokensOf(signedIn(request), '');
      if (!own.some((each) => each.id === id)) {
        throw fail(404, 'no-such-token', `you have no token "${id}"`);
      }
      await store.revokeToken(id);
      return { isRevoked: true };
    },
  );

  async function tokensOf({ name, roles }: Principal, user: string): Promise<ApiToken[]> {
    const isAll = roles.every((role) => role === 'administrator');
    const wanted = isAll ? user : name;
    return (await store.tokens()).filter(({ operator }) => wanted === '' || operator === wanted);
  }
}

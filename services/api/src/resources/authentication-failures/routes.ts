import type { FastifyInstance } from 'fastify';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import { presentAuthenticationFailure } from './presentation.ts';

/** Who has not proved himself: gathered, since a flood of such has no CDRs (behaviour section 2). */
export function authenticationFailureRoutes(app: FastifyInstance, { ports }: RouteParts): void {
  app.get(
    '/authentication-failures',
    {
      schema: {
        ...routeSchema({
          id: 'listAuthenticationFailures',
          tag: 'operation',
          summary: 'Who has not proved himself, by user name and source, the latest first',
          answer: 'AuthenticationFailureList',
          list: 'failures',
        }),
        description:
          '1000 at most. Kept for a day after the last failure; of one source the first 20 user names by name, the others together.',
      },
    },
    async () => {
      const { failures } = await ports.auth.listAuthenticationFailures({});
      return { failures: failures.map(presentAuthenticationFailure) };
    },
  );
}

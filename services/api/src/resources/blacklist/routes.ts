import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { fail } from '../../api/problem.ts';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import { presentBlacklistEntry } from './presentation.ts';
import type { BlacklistAddition } from './schemas.ts';

const sourceParams = z.object({
  source: z.string().describe('As in the list, the / of IPv6 as %2F; or an address.'),
});

/** Sources that get no answer for a time (AUTH-08): list, add, lift. */
export function blacklistRoutes(app: FastifyInstance, { ports }: RouteParts): void {
  const list = async () => {
    const { entries } = await ports.auth.listBlacklist({});
    return { sources: entries.map(presentBlacklistEntry) };
  };

  app.get(
    '/blacklist',
    {
      schema: routeSchema({
        id: 'listBlacklist',
        tag: 'operation',
        summary: 'Sources that get no answer for a time, the longest first, 1000 at most',
        answer: 'Blacklist',
        list: 'sources',
      }),
    },
    list,
  );

  app.post<{ Body: BlacklistAddition }>(
    '/blacklist',
    {
      schema: {
        ...routeSchema({
          id: 'addToBlacklist',
          tag: 'operation',
          summary: 'Black-list a source',
          body: 'BlacklistAddition',
          answer: 'Blacklist',
        }),
        description: 'Answers the list as it is then.',
      },
    },
    async ({ body }) => {
      const { refused } = await ports.auth.addToBlacklist(body);
      if (refused !== '') throw fail(400, 'invalid-request', refused);
      return list();
    },
  );

  app.delete<{ Params: z.output<typeof sourceParams> }>(
    '/blacklist/:source',
    {
      schema: {
        ...routeSchema({
          id: 'liftFromBlacklist',
          tag: 'operation',
          summary: 'Take a source off the black list',
          params: sourceParams,
          answer: 'Blacklist',
          errors: [404],
        }),
        description: 'Answers what is left of the list.',
      },
    },
    async ({ params: { source } }) => {
      const { lifted } = await ports.auth.liftFromBlacklist({ source });
      if (!lifted) throw fail(404, 'not-black-listed', `"${source}" is not black-listed`);
      return list();
    },
  );
}

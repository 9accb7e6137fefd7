import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { fail } from '../../api/problem.ts';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import { presentSuspension } from './presentation.ts';

const terminalParams = z.object({
  terminal: z
    .string()
    .describe('As in the list, with blanks as %20; or "phone 1001" or "1001": all of that user.'),
});

/** Terminals that are suspended: list, lift. */
export function suspensionRoutes(app: FastifyInstance, { ports }: RouteParts): void {
  app.get(
    '/suspensions',
    {
      schema: routeSchema({
        id: 'listSuspensions',
        tag: 'operation',
        summary: 'Terminals that are suspended, with the cause and the end',
        answer: 'SuspensionList',
        list: 'suspensions',
      }),
    },
    async () => {
      const { suspensions } = await ports.auth.listSuspensions({});
      return { suspensions: suspensions.map(presentSuspension) };
    },
  );

  app.delete<{ Params: z.output<typeof terminalParams> }>(
    '/suspensions/:terminal',
    {
      schema: {
        ...routeSchema({
          id: 'liftSuspension',
          tag: 'operation',
          summary: 'Lift a suspension',
          params: terminalParams,
          answer: 'SuspensionList',
          errors: [404],
        }),
        description: 'Answers the suspensions that are left.',
      },
    },
    async ({ params: { terminal } }) => {
      const { lifted } = await ports.auth.liftSuspension({ terminal });
      if (!lifted) throw fail(404, 'not-suspended', `"${terminal}" is not suspended`);
      const { suspensions } = await ports.auth.listSuspensions({});
      return { suspensions: suspensions.map(presentSuspension) };
    },
  );
}

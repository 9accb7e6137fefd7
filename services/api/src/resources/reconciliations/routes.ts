import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import { presentReconciliation } from './presentation.ts';

const daysQuery = z.object({
  limit: z.int().min(1).max(100).default(7).describe('Days.'),
});

/** Whether all that was booked is right. */
export function reconciliationRoutes(app: FastifyInstance, { ports }: RouteParts): void {
  app.get<{ Querystring: z.output<typeof daysQuery> }>(
    '/reconciliations',
    {
      schema: {
        ...routeSchema({
          id: 'listReconciliations',
          tag: 'money',
          summary: 'What the daily comparison of events, CDRs and ledger found, newest day first',
          query: daysQuery,
          answer: 'ReconciliationList',
          list: 'reconciliations',
        }),
        description: 'Nothing is put right by itself. A day is compared an hour after its end.',
      },
    },
    async ({ query }) => {
      const { reconciliations } = await ports.billing.listReconciliations(query);
      return { reconciliations: reconciliations.map(presentReconciliation) };
    },
  );
}

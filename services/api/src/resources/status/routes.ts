import type { FastifyInstance } from 'fastify';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import { presentStatus } from './presentation.ts';

/** How the edge is. */
export function statusRoutes(app: FastifyInstance, { ports }: RouteParts): void {
  app.get(
    '/status',
    {
      schema: routeSchema({
        id: 'getStatus',
        tag: 'operation',
        summary: 'How the edge is: calls, outbox, what it received and dropped, its network',
        answer: 'Status',
      }),
    },
    async () => presentStatus(await ports.edge.getStatus({})),
  );
}

import type { FastifyInstance } from 'fastify';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import { presentNetworkTest } from './presentation.ts';

/** Tests of the network. */
export function networkTestRoutes(app: FastifyInstance, { ports }: RouteParts): void {
  app.post(
    '/network-tests',
    {
      schema: {
        ...routeSchema({
          id: 'testNetwork',
          tag: 'operation',
          summary:
            'Test the network of an edge now: are sources preserved, does its address lead to it',
          answer: 'NetworkTest',
        }),
        description: 'Takes up to three seconds. Every edge tests its network at its start, too.',
      },
    },
    async () => presentNetworkTest(await ports.edge.testNetwork({})),
  );
}

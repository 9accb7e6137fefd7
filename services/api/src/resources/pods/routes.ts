import type { FastifyInstance } from 'fastify';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import { presentPod } from './presentation.ts';

/** Pods and fronts of the edge. */
export function podRoutes(app: FastifyInstance, { ports }: RouteParts): void {
  app.get(
    '/pods',
    {
      schema: routeSchema({
        id: 'listPods',
        tag: 'operation',
        summary: 'Pods and fronts of the edge that live: calls, adoptions, hand-overs',
        answer: 'PodList',
        list: 'pods',
      }),
    },
    async () => ({ pods: (await ports.edge.listPods({})).pods.map(presentPod) }),
  );
}

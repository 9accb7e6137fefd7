import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { fail } from '../../api/problem.ts';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import { presentGatewayRest } from './presentation.ts';

const gatewayParams = z.object({ gateway: z.string() });

/** Gateways that are left alone since their carriers asked for it (ROUTE-06): list, end. */
export function gatewayRestRoutes(app: FastifyInstance, { ports }: RouteParts): void {
  const list = async () => {
    const { rests } = await ports.routing.listRests({});
    return { rests: rests.map(presentGatewayRest) };
  };

  app.get(
    '/gateway-rests',
    {
      schema: routeSchema({
        id: 'listGatewayRests',
        tag: 'operation',
        summary: 'Routing gateways that get no calls for a time, after a 503 with Retry-After',
        answer: 'GatewayRestList',
        list: 'rests',
      }),
    },
    list,
  );

  app.delete<{ Params: z.output<typeof gatewayParams> }>(
    '/gateway-rests/:gateway',
    {
      schema: {
        ...routeSchema({
          id: 'endGatewayRest',
          tag: 'operation',
          summary: 'Use a routing gateway again before its time',
          params: gatewayParams,
          answer: 'GatewayRestList',
          errors: [404],
        }),
        description:
          'One that is throttled (ROUTE-16) gets all of its calls again. Answers the rests that are left.',
      },
    },
    async ({ params: { gateway } }) => {
      const { ended } = await ports.routing.endRest({ gateway });
      if (!ended)
        throw fail(404, 'not-resting', `"${gateway}" does not rest, and is not throttled`);
      return list();
    },
  );
}

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { fail } from '../../api/problem.ts';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import { pageLimit } from '../page-limit.ts';
import { presentGateway, presentGatewayTest } from './presentation.ts';

const listQuery = z.object({
  state: z
    .enum(['', 'online', 'offline', 'degraded', 'unchecked'])
    .default('')
    .describe('Those in this state alone.'),
  after: z.string().default('').describe('nextAfter of the page before.'),
  limit: pageLimit,
});

const params = z.object({ gateway: z.string().describe('Name of the routing gateway.') });

const testQuery = z.object({
  probes: z.int().min(1).max(20).default(5).describe('How often each address is asked.'),
  timeoutMs: z.int().min(100).max(2000).default(1000).describe('How long an answer is waited for.'),
});

/** OPS-02, OPS-04, ROUTE-07: how routing gateways are, and tests of their network. */
export function gatewayRoutes(app: FastifyInstance, { ports }: RouteParts): void {
  app.get<{ Querystring: z.output<typeof listQuery> }>(
    '/gateways',
    {
      schema: routeSchema({
        id: 'listGateways',
        tag: 'operation',
        summary: 'Routing gateways, and whether they answer their OPTIONS check',
        query: listQuery,
        answer: 'GatewayList',
        list: 'gateways',
      }),
    },
    async ({ query }) => {
      const { gateways, nextAfter } = await ports.routing.listGateways({
        ...query,
        gateway: '',
        windowSeconds: 0,
        brief: false,
      });
      return {
        gateways: gateways.map(presentGateway),
        nextAfter: nextAfter === '' ? null : nextAfter,
      };
    },
  );

  app.get<{ Params: z.output<typeof params> }>(
    '/gateways/:gateway',
    {
      schema: routeSchema({
        id: 'getGateway',
        tag: 'operation',
        summary: 'A routing gateway, and whether it answers its OPTIONS check',
        params,
        answer: 'Gateway',
        errors: [404],
      }),
    },
    async ({ params: { gateway } }) => {
      const asked = { gateway, state: '', after: '', limit: 1, windowSeconds: 0, brief: false };
      const [found] = (await ports.routing.listGateways(asked)).gateways;
      if (found === undefined) throw unknown(gateway);
      return presentGateway(found);
    },
  );

  app.post<{ Params: z.output<typeof params>; Querystring: z.output<typeof testQuery> }>(
    '/gateways/:gateway/test',
    {
      schema: {
        ...routeSchema({
          id: 'testGateway',
          tag: 'operation',
          summary: 'Test the network to a routing gateway now: names, ports, round trips, loss',
          params,
          query: testQuery,
          answer: 'GatewayTest',
          errors: [404],
        }),
        description:
          'Any edge does it, and waits for the last answer: probes, a tenth of a second apart, and the time-out. The OPTIONS check goes on beside it.',
      },
    },
    async ({ params: { gateway }, query: { probes, timeoutMs } }) => {
      const targets = await ports.routing.listCheckTargets({ gateway });
      if (!targets.isKnown) throw unknown(gateway);
      const { addresses } = targets;
      const tested =
        addresses.length === 0
          ? { edge: '', tests: [] }
          : await ports.edge.testAddresses({ addresses, probes, timeoutMs });
      return presentGatewayTest(gateway, targets, tested);
    },
  );
}

function unknown(gateway: string) {
  return fail(404, 'not-found', `there is no routing gateway "${gateway}"`);
}

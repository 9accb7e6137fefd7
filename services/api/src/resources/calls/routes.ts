import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { fail } from '../../api/problem.ts';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import { callParams, type CallParams } from '../call-parts/call-id.ts';
import { pageLimit } from '../page-limit.ts';
import { presentCall } from './presentation.ts';

const callQuery = z.object({
  account: z.string().default(''),
  gateway: z.string().default(''),
  limit: pageLimit,
});

/** Calls in progress. */
export function callRoutes(app: FastifyInstance, { ports }: RouteParts): void {
  app.get<{ Querystring: z.output<typeof callQuery> }>(
    '/calls',
    {
      schema: routeSchema({
        id: 'listCalls',
        tag: 'calls',
        summary: 'Calls in progress',
        query: callQuery,
        answer: 'CallList',
      }),
    },
    async ({ query }) => {
      const { calls, total } = await ports.edge.listCalls(query);
      return { calls: calls.map(presentCall), total };
    },
  );

  app.get<{ Params: CallParams }>(
    '/calls/:callId',
    {
      schema: routeSchema({
        id: 'getCall',
        tag: 'calls',
        summary: 'One call in progress',
        params: callParams,
        answer: 'Call',
        errors: [404],
      }),
    },
    async ({ params: { callId } }) => {
      const { call } = await ports.edge.getCall({ callId });
      if (call === undefined) {
        throw fail(404, 'no-such-call', `no call ${callId} is in progress; it may have a CDR`);
      }
      return presentCall(call);
    },
  );
}

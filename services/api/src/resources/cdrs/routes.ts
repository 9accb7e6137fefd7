import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import { callParams, noSuchCall, type CallParams } from '../call-parts/call-id.ts';
import { pageLimit } from '../page-limit.ts';
import { readQueryTime } from '../times.ts';
import { presentCdr } from './presentation.ts';

const cdrQuery = z.object({
  from: z
    .string()
    .optional()
    .describe('Start not before: a UTC time, a day, or 2h for two hours ago.'),
  until: z.string().optional().describe('Start before.'),
  account: z.string().default(''),
  gateway: z.string().default(''),
  caller: z.string().default(''),
  callee: z.string().default(''),
  reason: z.string().default('').describe('Termination reason, such as InsufficientBalance.'),
  address: z.string().default('').describe('Where the call came from, without a port.'),
  failed: z.enum(['', 'true']).default('').describe('true: those alone that were not answered.'),
  limit: pageLimit,
  cursor: z.string().default('').describe('nextCursor of the page before.'),
});

/** Calls that ended. */
export function cdrRoutes(app: FastifyInstance, { ports }: RouteParts): void {
  app.get<{ Querystring: z.output<typeof cdrQuery> }>(
    '/cdrs',
    {
      schema: routeSchema({
        id: 'listCdrs',
        tag: 'calls',
        summary: 'CDRs, newest first',
        query: cdrQuery,
        answer: 'CdrList',
        list: 'cdrs',
      }),
    },
    async ({ query: { failed, from, until, ...filters } }) => {
      const answer = await ports.billing.listCdrs({
        ...filters,
        failed: failed === 'true',
        fromMs: readQueryTime('from', from),
        untilMs: readQueryTime('until', until),
      });
      const nextCursor = answer.nextCursor === '' ? null : answer.nextCursor;
      return { cdrs: answer.cdrs.map(presentCdr), nextCursor };
    },
  );

  app.get<{ Params: CallParams }>(
    '/cdrs/:callId',
    {
      schema: routeSchema({
        id: 'getCdr',
        tag: 'calls',
        summary: 'The newest CDR with this call id or SIP Call-ID',
        params: callParams,
        answer: 'Cdr',
        errors: [404],
      }),
    },
    async ({ params: { callId } }) => {
      const [cdr] = (await ports.billing.getCdr({ callId })).cdrs;
      if (cdr === undefined) throw noSuchCall(callId);
      return presentCdr(cdr);
    },
  );
}

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { fail, type ProblemError } from '../../api/problem.ts';
import { signedIn } from '../../api/principal.ts';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import { callParams, type CallParams } from '../call-parts/call-id.ts';
import { pageLimit } from '../page-limit.ts';
import { readQueryTime } from '../times.ts';
import { presentCall } from './presentation.ts';

const callQuery = z.object({
  account: z.string().default(''),
  gateway: z.string().default('').describe('On either side; those that were tried, too.'),
  caller: z.string().default(''),
  callee: z.string().default(''),
  address: z.string().default('').describe('Where the caller sends from, without a port.'),
  callId: z.string().default('').describe("Tandem's, or the SIP Call-ID of either leg."),
  from: z
    .string()
    .optional()
    .describe('Start not before: a UTC time, a day, or 2h for two hours ago.'),
  until: z.string().optional().describe('Start before.'),
  limit: pageLimit,
});

const endQuery = z.object({
  note: z.string().max(200).default('').describe('Why; kept in the CDR.'),
});

/** Calls in progress: list, read, end. */
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
        list: 'calls',
      }),
    },
    async ({ query: { from, until, ...filters } }) => {
      const { calls, total } = await ports.edge.listCalls({
        ...filters,
        fromMs: readQueryTime('from', from),
        untilMs: readQueryTime('until', until),
        brief: false,
      });
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
      if (call === undefined) throw noSuchCall(callId);
      return presentCall(call);
    },
  );

  app.delete<{ Params: CallParams; Querystring: z.output<typeof endQuery> }>(
    '/calls/:callId',
    {
      schema: {
        ...routeSchema({
          id: 'hangUpCall',
          tag: 'calls',
          summary: 'End a call',
          params: callParams,
          query: endQuery,
          answer: 'CallEnd',
          errors: [404, 409],
        }),
        description:
          'BYE to both sides of an answered call; one that is being set up gets 480. The CDR has EndedByOperator, with the note.',
      },
    },
    async (request) => {
      const { callId } = request.params;
      const { note } = request.query;
      // OPS-10.
      const who = `${signedIn(request).name} ${request.ip}`;
      const operator = note === '' ? who : `${who}: ${note}`;
      const { result } = await ports.edge.hangUp({ callId, operator });
      if (result === 'no-such-call') throw noSuchCall(callId);
      if (result !== 'ended') {
        const detail = `call ${callId} is being set up by a pod that has not ended it within 3 s: try again`;
        throw fail(409, 'not-ended', detail);
      }
      return { callId, isEnded: true };
    },
  );
}

function noSuchCall(callId: string): ProblemError {
  return fail(404, 'no-such-call', `no call ${callId} is in progress; it may have a CDR`);
}

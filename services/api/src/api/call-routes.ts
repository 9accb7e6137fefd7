import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { explain, type ExplainSubject } from '../core/explain.ts';
import { parseQueryTime } from '../core/query-time.ts';
import type { ServicePorts } from '../ports.ts';
import { presentExplanation } from './present-explanation.ts';
import { presentCall, presentCdr } from './present.ts';
import { fail } from './problem.ts';
import { routeSchema } from './route-schema.ts';

const limit = z.int().min(1).max(1000).default(100);
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
  limit,
  cursor: z.string().default('').describe('nextCursor of the page before.'),
});
const callQuery = z.object({
  account: z.string().default(''),
  gateway: z.string().default(''),
  limit,
});
const callParams = z.object({
  callId: z
    .string()
    .min(1)
    .max(512)
    .describe("Tandem's call id, or the SIP Call-ID of either leg."),
});

type CallParams = z.output<typeof callParams>;

/** Calls that ended, calls in progress, and why they went as they did. */
export function callRoutes(app: FastifyInstance, ports: ServicePorts): void {
  app.get<{ Querystring: z.output<typeof cdrQuery> }>(
    '/cdrs',
    {
      schema: routeSchema({
        id: 'listCdrs',
        tag: 'calls',
        summary: 'CDRs, newest first',
        query: cdrQuery,
        answer: 'CdrList',
      }),
    },
    async ({ query: { from, until, ...filters } }) => {
      const answer = await ports.billing.listCdrs({
        ...filters,
        fromMs: queryTime('from', from),
        untilMs: queryTime('until', until),
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

  app.get<{ Params: CallParams }>(
    '/explain/:callId',
    {
      schema: routeSchema({
        id: 'explainCall',
        tag: 'calls',
        summary: 'Why a call went as it did, in words, and what would change it',
        params: callParams,
        answer: 'Explanation',
        errors: [404],
      }),
    },
    async ({ params: { callId } }) => {
      const found = await findCall(ports, callId);
      if (found === undefined) throw noSuchCall(callId);
      return presentExplanation(explain(found.subject), found.others);
    },
  );
}

interface Found {
  readonly subject: ExplainSubject;
  readonly others: readonly string[];
}

/** The CDR says more than the record of a call that has just ended, so it goes first. */
async function findCall(ports: ServicePorts, callId: string): Promise<Found | undefined> {
  const [stored, live] = await Promise.allSettled([
    ports.billing.getCdr({ callId }),
    ports.edge.getCall({ callId }),
  ]);
  const cdrs = stored.status === 'fulfilled' ? stored.value.cdrs : [];
  const call = live.status === 'fulfilled' ? live.value.call : undefined;
  const [newest, ...older] = cdrs;
  const others = older.map((cdr) => cdr.callId);
  if (newest !== undefined && newest.callId !== call?.callId && call === undefined) {
    return { subject: { kind: 'cdr', cdr: newest }, others };
  }
  if (newest !== undefined && newest.callId === call?.callId) {
    return { subject: { kind: 'cdr', cdr: newest }, others };
  }
  if (call !== undefined) {
    return { subject: { kind: 'call', call }, others: cdrs.map((cdr) => cdr.callId) };
  }
  // One of the two could not be asked: "not found" would be a lie.
  if (stored.status === 'rejected') throw stored.reason as Error;
  if (live.status === 'rejected') throw live.reason as Error;
  return undefined;
}

function queryTime(name: string, text: string | undefined): number {
  if (text === undefined) return 0;
  const ms = parseQueryTime(text, Date.now());
  if (ms === undefined) {
    throw fail(
      400,
      'invalid-request',
      `${name} is "${text}", must be a time such as 2026-01-31T12:00:00Z, a day, or 2h for two hours ago`,
    );
  }
  return ms;
}

function noSuchCall(callId: string): Error {
  return fail(
    404,
    'no-such-call',
    `no call with id ${callId} is known: a CDR appears within seconds of the end of a call, under Tandem's call id and under the SIP Call-IDs of both legs`,
  );
}

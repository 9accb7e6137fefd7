import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { ListCdrsRequest } from '@tandem/proto/billing';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import type { BillingPort } from '../../ports.ts';
import { callParams, noSuchCall, type CallParams } from '../call-parts/call-id.ts';
import { pageLimit } from '../page-limit.ts';
import { readQueryTime } from '../times.ts';
import { presentCdr } from './presentation.ts';

const cdrFilter = {
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
  callerPrefix: z.string().default('').describe('What the number begins with, such as 4420.'),
  calleePrefix: z.string().default('').describe('What the number begins with, such as 4420.'),
  code: z.int().min(0).max(699).default(0).describe('What the caller got, such as 503; 0: any.'),
} as const;

const cdrQuery = z.object({
  ...cdrFilter,
  limit: pageLimit,
  cursor: z.string().default('').describe('nextCursor of the page before.'),
});

const exportQuery = z.object({
  ...cdrFilter,
  gzip: z.boolean().default(false).describe('true: as application/gzip.'),
});

type CdrFilter = Omit<z.output<typeof exportQuery>, 'gzip'>;

function filterOf({ failed, from, until, ...query }: CdrFilter): ListCdrsRequest {
  const { account, address, callee, calleePrefix, caller, callerPrefix, code, gateway, reason } = query; // prettier-ignore
  return {
    ...{ account, address, callee, calleePrefix, caller, callerPrefix, code, gateway, reason },
    failed: failed === 'true',
    fromMs: readQueryTime('from', from),
    untilMs: readQueryTime('until', until),
    limit: 0,
    cursor: '',
  };
}

/** Who waits for an export sees its beginning soon; the pages behind it are as long as billing likes. */
const FIRST_PAGE = 500;

/** Page after page, the next one once there is room for it. */
async function* exportPages(
  filter: ListCdrsRequest,
  billing: BillingPort,
): AsyncGenerator<Uint8Array, undefined> {
  let cursor = '';
  do {
    const limit = cursor === '' ? FIRST_PAGE : 0;
    const page = await billing.exportCdrs({ filter: { ...filter, cursor, limit } });
    yield page.csv;
    cursor = page.nextCursor;
  } while (cursor !== '');
  return undefined;
}

async function* withFirst<Item>(
  first: IteratorResult<Item, undefined>,
  others: AsyncGenerator<Item, undefined>,
): AsyncGenerator<Item> {
  if (first.done !== true) yield first.value;
  yield* others;
}

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
    async ({ query }) => {
      const answer = await ports.billing.listCdrs({
        ...filterOf(query),
        limit: query.limit,
        cursor: query.cursor,
      });
      const nextCursor = answer.nextCursor === '' ? null : answer.nextCursor;
      return { cdrs: answer.cdrs.map(presentCdr), nextCursor };
    },
  );

  app.get<{ Querystring: z.output<typeof exportQuery> }>(
    '/cdr-export',
    {
      schema: {
        ...routeSchema({
          id: 'exportCdrs',
          tag: 'calls',
          summary: 'All CDRs that match, oldest first, as text/csv',
          query: exportQuery,
          answer: 'CdrText',
          alsoAs: ['text/csv', 'application/gzip'],
        }),
        description:
          'However many there are: they are sent as they are read. An answer that breaks off is not whole. The columns are told in docs/cdr-feed.md.',
      },
    },
    async ({ query }, reply) => {
      const filter = filterOf(query);
      const pages = exportPages(filter, ports.billing);
      // What is wrong, or away, is told before anything is sent.
      const first = await pages.next();
      const csv = Readable.from(withFirst(first, pages));
      reply.header(
        'content-disposition',
        `attachment; filename="cdrs.csv${query.gzip ? '.gz' : ''}"`,
      );
      if (!query.gzip) return reply.type('text/csv; charset=utf-8').send(csv);
      const gzip = createGzip();
      // What breaks on one side breaks the other, and with it the answer.
      void pipeline(csv, gzip).catch(() => undefined);
      return reply.type('application/gzip').send(gzip);
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

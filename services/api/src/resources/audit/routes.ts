import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { fail } from '../../api/problem.ts';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import { auditOutcomes } from '../../operator-ports.ts';
import { pageLimit } from '../page-limit.ts';
import { readQueryTime } from '../times.ts';
import { auditCsv, presentAuditEntry } from './presentation.ts';

const query = z.object({
  from: z.string().optional().describe('Not before: a UTC time, a day, or 2h for two hours ago.'),
  until: z.string().optional().describe('Before.'),
  user: z.string().default(''),
  operation: z.string().default('').describe('Its id in this description, such as changeUser.'),
  subject: z.string().default('').describe('Anywhere in the path, such as phones/1001.'),
  outcome: z.enum(['', ...auditOutcomes]).default(''),
  limit: pageLimit,
  cursor: z.string().default('').describe('nextCursor of the page before.'),
  format: z.enum(['json', 'csv']).default('json').describe('csv: this page as text/csv.'),
});

/** Who has changed what (OPS-12). */
export function auditRoutes(app: FastifyInstance, { operators: { audit } }: RouteParts): void {
  app.get<{ Querystring: z.output<typeof query> }>(
    '/audit',
    {
      schema: {
        ...routeSchema({
          id: 'listAudit',
          tag: 'operators',
          summary: 'The audit log, newest first',
          query,
          answer: 'AuditList',
          alsoAs: 'text/csv',
        }),
        description:
          'Every change over the API and every sign-in: who, from where, what, before and after. No secret is in it.',
      },
    },
    async ({ query: { cursor, format, from, limit, until, ...filters } }, reply) => {
      if (!/^\d{0,18}$/.test(cursor)) {
        throw fail(400, 'invalid-request', `cursor "${cursor}" is not one of ours`);
      }
      const found = await audit.list({
        ...filters,
        fromMs: readQueryTime('from', from),
        untilMs: readQueryTime('until', until),
        limit: limit + 1,
        before: cursor === '' ? undefined : BigInt(cursor),
      });
      const entries = found.slice(0, limit).map(presentAuditEntry);
      const nextCursor = found.length > limit ? (entries.at(-1)?.id ?? null) : null;
      if (format === 'json') return { entries, nextCursor };
      if (nextCursor !== null) reply.header('x-next-cursor', nextCursor);
      return reply.type('text/csv; charset=utf-8').send(auditCsv(entries));
    },
  );
}

import { parseNetwork } from '@tandem/config';
import { journalCauses, journalKinds, journalOutcomes } from '@tandem/domain';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { fail } from '../../api/problem.ts';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import type { JournalPort } from '../../ports.ts';
import { pageLimit } from '../page-limit.ts';
import { readQueryTime } from '../times.ts';
import { journalCsv, presentEntry } from './presentation.ts';

const query = z.object({
  from: z
    .string()
    .optional()
    .describe('First time not before: a UTC time, a day, or 2h for two hours ago.'),
  until: z.string().optional().describe('First time before.'),
  kind: z.enum(['', ...journalKinds]).default(''),
  cause: z
    .string()
    .default('')
    .describe(`One of ${Object.keys(journalCauses).join(', ')}.`),
  outcome: z.enum(['', ...journalOutcomes]).default(''),
  terminal: z.string().default('').describe('Username of a phone, or name of a gateway.'),
  account: z.string().default(''),
  source: z.string().default('').describe('Address, or CIDR block.'),
  callId: z.string().default('').describe('SIP Call-ID of a request, or id of an entry.'),
  caller: z.string().default(''),
  callee: z.string().default(''),
  limit: pageLimit,
  cursor: z.string().default('').describe('nextCursor of the page before.'),
  format: z.enum(['json', 'csv']).default('json').describe('csv: this page as text/csv.'),
});

/** OPS-10: what happened to phones and gateways besides calls. */
export function journalRoutes(app: FastifyInstance, { ports }: RouteParts): void {
  app.get<{ Querystring: z.output<typeof query> }>(
    '/journal',
    {
      schema: {
        ...routeSchema({
          id: 'listJournal',
          tag: 'operation',
          summary: 'The journal, newest first',
          query,
          answer: 'JournalEntryList',
          alsoAs: 'text/csv',
        }),
        description:
          'Attempts to register, ends of registrations, and requests that were refused or dropped without being calls, with their causes. What happens again within a minute is one entry; of who has not proved himself only so many stand by themselves.',
      },
    },
    async ({ query: { format, from, source, until, ...filters } }, reply) => {
      const network = source === '' ? undefined : parseNetwork(source);
      if (typeof network === 'string') throw fail(400, 'invalid-request', `source: ${network}`);
      const answer = await journalOf(ports).listEntries({
        ...filters,
        source,
        fromMs: readQueryTime('from', from),
        untilMs: readQueryTime('until', until),
      });
      const entries = answer.entries.map(presentEntry);
      const nextCursor = answer.nextCursor === '' ? null : answer.nextCursor;
      if (format === 'json') return { entries, nextCursor };
      if (nextCursor !== null) reply.header('x-next-cursor', nextCursor);
      return reply.type('text/csv; charset=utf-8').send(journalCsv(entries));
    },
  );
}

export function journalOf({ journal }: RouteParts['ports']): JournalPort {
  if (journal !== undefined) return journal;
  throw fail(503, 'unavailable', 'there is no journal: TANDEM_JOURNAL_ADDRESS is not set');
}

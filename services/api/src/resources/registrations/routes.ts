import { parseNetwork } from '@tandem/config';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { fail } from '../../api/problem.ts';
import { signedIn } from '../../api/principal.ts';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import type { RegistrarPort } from '../../ports.ts';
import { pageLimit } from '../page-limit.ts';
import { csvOf, presentRegistration } from './presentation.ts';

const filters = {
  phone: z
    .string()
    .default('')
    .describe('Username, or its beginning with * behind it, such as 10*.'),
  source: z.string().default('').describe('Address, or CIDR block, that it was heard from.'),
  account: z.string().default(''),
  kind: z.enum(['', 'phone', 'gateway']).default('').describe('gateway: dynamic gateways.'),
  userAgent: z.string().default('').describe('Its beginning, in whatever case.'),
  status: z
    .enum(['', 'registered', 'expiring', 'flapping', 'unreachable', 'unregistered'])
    .default('')
    .describe(
      'flapping: devices that keep taking the place of each other; unreachable: no keep-alive is answered; unregistered: phones without a registration.',
    ),
};

const listQuery = z.object({
  ...filters,
  sort: z
    .enum(['', 'phone', 'expires', 'source', 'user-agent'])
    .default('')
    .describe('Empty: by phone, or in the order that is found fastest by the filter.'),
  limit: pageLimit,
  cursor: z.string().default('').describe('nextCursor of the page before.'),
  format: z.enum(['json', 'csv']).default('json').describe('csv: this page as text/csv.'),
});

const removeQuery = z.object({
  ...filters,
  contact: z
    .string()
    .default('')
    .describe('One contact of the phone; all that match where it is empty.'),
  all: z
    .boolean()
    .default(false)
    .describe('Needed where no filter says which: everybody is unregistered then.'),
});

type Filter = Pick<z.output<typeof listQuery>, keyof typeof filters>;

/** Registrations of phones: list, remove. */
export function registrationRoutes(app: FastifyInstance, { ports }: RouteParts): void {
  app.get<{ Querystring: z.output<typeof listQuery> }>(
    '/registrations',
    {
      schema: routeSchema({
        id: 'listRegistrations',
        tag: 'operation',
        summary: 'Registrations of phones and dynamic gateways, live',
        query: listQuery,
        answer: 'RegistrationList',
        alsoAs: 'text/csv',
      }),
    },
    async ({ query: { cursor, format, limit, sort, ...filter } }, reply) => {
      const answer = await registrarOf(ports).listRegistrations({
        filter: checked(filter),
        sort,
        limit,
        cursor,
      });
      const nowMs = Date.now();
      const registrations = answer.registrations.map((each) => presentRegistration(each, nowMs));
      const nextCursor = answer.nextCursor === '' ? null : answer.nextCursor;
      if (format === 'csv') {
        if (nextCursor !== null) reply.header('x-next-cursor', nextCursor);
        return reply.type('text/csv; charset=utf-8').send(csvOf(registrations));
      }
      return { registrations, nextCursor, total: answer.total };
    },
  );

  app.delete<{ Querystring: z.output<typeof removeQuery> }>(
    '/registrations',
    {
      schema: {
        ...routeSchema({
          id: 'removeRegistrations',
          tag: 'operation',
          summary: 'Unregister phones',
          query: removeQuery,
          answer: 'RegistrationRemoval',
        }),
        description: 'Phones that are still there come back with their next REGISTER.',
      },
    },
    async (request) => {
      const { all, contact, ...filter } = request.query;
      const isNarrow = Object.values(filter).some((value) => value !== '');
      if (!isNarrow && !all) {
        const detail = 'no filter says which registrations: give one, or all=true for everybody';
        throw fail(400, 'invalid-request', detail);
      }
      if (contact !== '' && filter.phone === '') {
        throw fail(400, 'invalid-request', 'contact is one of a phone: give phone, too');
      }
      // OPS-10.
      const operator = `${signedIn(request).name} ${request.ip}`;
      return registrarOf(ports).removeRegistrations({
        filter: checked(filter),
        contact,
        operator,
      });
    },
  );
}

export function registrarOf({ registrar }: RouteParts['ports']): RegistrarPort {
  if (registrar !== undefined) return registrar;
  throw fail(503, 'unavailable', 'there is no registrar: TANDEM_REGISTRAR_ADDRESS is not set');
}

function checked(filter: Filter): Filter {
  const network = filter.source === '' ? undefined : parseNetwork(filter.source);
  if (typeof network === 'string') throw fail(400, 'invalid-request', `source: ${network}`);
  return filter;
}

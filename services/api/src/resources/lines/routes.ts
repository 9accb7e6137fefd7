import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import { presentLine } from './presentation.ts';

const lineQuery = z.object({
  subject: z
    .string()
    .default('')
    .describe('"account demo", or several with commas; all where it is empty.'),
  holders: z.boolean().default(true).describe('false: without who holds them.'),
});

/** Lines in use. */
export function lineRoutes(app: FastifyInstance, { ports }: RouteParts): void {
  app.get<{ Querystring: z.output<typeof lineQuery> }>(
    '/lines',
    {
      schema: routeSchema({
        id: 'listLines',
        tag: 'operation',
        summary: 'Lines in use: who holds each and since when',
        query: lineQuery,
        answer: 'LineList',
        list: 'lines',
      }),
    },
    async ({ query: { holders, subject } }) => {
      const { lines } = await ports.routing.listLines({ subject, brief: false });
      return {
        lines: lines.map((line) => presentLine(holders ? line : { ...line, holders: [] })),
      };
    },
  );
}

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { fail } from '../../api/problem.ts';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import { journalOf } from '../journal/routes.ts';
import { presentTime, readQueryTime } from '../times.ts';
import { presentAnalysis, presentPoint } from './presentation.ts';

/** More points than a screen has columns are of no use to anybody. */
const MOST_POINTS = 3000;

const range = {
  from: z.string().default('24h').describe('A UTC time, a day, or 24h for a day ago.'),
  until: z.string().optional().describe('Now where it is left out.'),
};

const historyQuery = z.object({
  ...range,
  step: z
    .enum(['auto', 'minute', 'hour'])
    .default('auto')
    .describe('auto: minutes of up to six hours, else hours.'),
});

const analysisQuery = z.object({
  ...range,
  by: z.enum(['country', 'network', 'device', 'cause']).default('country'),
  limit: z.int().min(1).max(1000).default(20).describe('The rows with most attempts.'),
});

/** REG-06 */
export function registrationHistoryRoutes(app: FastifyInstance, { ports }: RouteParts): void {
  app.get<{ Querystring: z.output<typeof historyQuery> }>(
    '/registrations/history',
    {
      schema: {
        ...routeSchema({
          id: 'registrationHistory',
          tag: 'operation',
          summary: 'Registrations over time: how many there are, new ones, refreshes, failures',
          query: historyQuery,
          answer: 'RegistrationHistory',
        }),
        description: 'Spans in which nothing was told are left out.',
      },
    },
    async ({ query: { from, step, until } }) => {
      const { fromMs, untilMs } = rangeOf(from, until);
      const isShort = untilMs - fromMs <= 6 * 3_600_000;
      const stepSeconds = step === 'minute' || (step === 'auto' && isShort) ? 60 : 3600;
      const points = Math.ceil((untilMs - fromMs) / (stepSeconds * 1000));
      if (points > MOST_POINTS) {
        const detail = `${String(points)} points are more than ${String(MOST_POINTS)}: ask for less time, or step=hour`;
        throw fail(400, 'invalid-request', detail);
      }
      const answer = await journalOf(ports).registrationHistory({ fromMs, untilMs, stepSeconds });
      return { stepSeconds, points: answer.points.map(presentPoint) };
    },
  );

  app.get<{ Querystring: z.output<typeof analysisQuery> }>(
    '/registrations/analysis',
    {
      schema: {
        ...routeSchema({
          id: 'registrationAnalysis',
          tag: 'operation',
          summary: 'Attempts to register by country, network, device or cause',
          query: analysisQuery,
          answer: 'RegistrationAnalysis',
        }),
        description:
          'Whole hours. Networks are the /24 of IPv4 and the /48 of IPv6; devices what User-Agents name without versions. Countries: DB-IP Lite (db-ip.com, CC BY 4.0).',
      },
    },
    async ({ query: { by, from, limit, until } }) => {
      const { fromMs: askedMs, untilMs } = rangeOf(from, until);
      const fromMs = askedMs - (askedMs % 3_600_000);
      const { rows } = await journalOf(ports).registrationAnalysis({ fromMs, untilMs, by, limit });
      return {
        by,
        from: presentTime(fromMs),
        until: presentTime(untilMs),
        rows: rows.map(presentAnalysis),
      };
    },
  );
}

function rangeOf(from: string, until: string | undefined): { fromMs: number; untilMs: number } {
  const fromMs = readQueryTime('from', from);
  const untilMs = until === undefined ? Date.now() : readQueryTime('until', until);
  if (fromMs < untilMs) return { fromMs, untilMs };
  throw fail(400, 'invalid-request', `from (${from}) must be before until (${until ?? 'now'})`);
}

import type { AnalyseCallsResponse } from '@tandem/proto/billing';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import { csvText } from '../csv.ts';
import { readQueryTime } from '../times.ts';
import { presentAnalysis, presentSpan, presentSummary } from './presentation.ts';

const DAY_MS = 86_400_000;

const filter = {
  from: z
    .string()
    .optional()
    .describe(
      'Calls that began then or later: a UTC time, a day, or 2h for two hours ago; a day ago where it is not set.',
    ),
  until: z.string().optional().describe('Calls that began before; now where it is not set.'),
  account: z.string().default('').describe('The customer.'),
  vendor: z.string().default(''),
  gateway: z.string().default('').describe('Routing gateway of the last attempt.'),
  destination: z.string().default('').describe('What the prefix of the rate begins with.'),
  limit: z.int().min(1).max(10_000).default(1000),
  format: z.enum(['json', 'csv']).default('json').describe('csv: as text/csv.'),
} as const;

const analysisQuery = z.object({
  by: z
    .string()
    .default('gateway')
    .describe(
      'What calls are told apart by, with commas: hour, day, account, vendor, origin, gateway, destination, reason, code.',
    ),
  origin: z.string().default('').describe('Mapping gateway or phone.'),
  ...filter,
});

const summaryQuery = z.object({
  by: z
    .string()
    .optional()
    .describe(
      'What calls are told apart by, with commas: account, vendor, day, hour, gateway, origin, destination. Accounts of customers, or vendors, where it is not set.',
    ),
  ...filter,
});

const summaryParams = z.object({ side: z.enum(['customers', 'vendors']) });

type Filter = Omit<z.output<typeof analysisQuery>, 'by' | 'format' | 'origin'>;

const KEPT =
  'The figures are exact, and kept with the CDRs: they stay when CDRs are dropped. Times are widened to full hours, or to days where destinations are told apart.';

/** What calls come to (BILL-06). */
export function callAnalysisRoutes(app: FastifyInstance, { ports }: RouteParts): void {
  app.get<{ Querystring: z.output<typeof analysisQuery> }>(
    '/call-analysis',
    {
      schema: {
        ...routeSchema({
          id: 'analyseCalls',
          tag: 'calls',
          summary: 'Calls, ASR, NER, ACD and PDD, by gateway, account, destination, reason or time',
          query: analysisQuery,
          answer: 'CallAnalysis',
          alsoAs: 'text/csv',
        }),
        description: KEPT,
      },
    },
    async ({ query: { by, format, origin, ...rest } }, reply) => {
      const names = namesOf(by);
      const answer = await ports.billing.analyseCalls({
        ...asked(rest),
        by: names,
        origin,
        money: false,
      });
      const rows = answer.rows.map((row) => presentAnalysis(names, row));
      return send(reply, { answer, rows, format, names });
    },
  );

  app.get<{
    Params: z.output<typeof summaryParams>;
    Querystring: z.output<typeof summaryQuery>;
  }>(
    '/summaries/:side',
    {
      schema: {
        ...routeSchema({
          id: 'summariseCalls',
          tag: 'money',
          summary: 'What calls of customers, or over vendors, come to in money',
          params: summaryParams,
          query: summaryQuery,
          answer: 'Summary',
          alsoAs: 'text/csv',
        }),
        description: `Each pair of currencies by itself. ${KEPT}`,
      },
    },
    async ({ params: { side }, query: { by, format, ...rest } }, reply) => {
      const names = namesOf(by ?? (side === 'customers' ? 'account' : 'vendor'));
      const answer = await ports.billing.analyseCalls({
        ...asked(rest),
        by: names,
        origin: '',
        money: true,
      });
      const rows = answer.rows.map((row) => presentSummary(names, row));
      return send(reply, { answer, rows, format, names });
    },
  );
}

function namesOf(by: string): string[] {
  return by.split(',').map((name) => name.trim()).filter((name) => name !== ''); // prettier-ignore
}

function asked({ from, until, ...filters }: Filter) {
  const nowMs = Date.now();
  const untilMs = until === undefined ? nowMs : readQueryTime('until', until);
  const fromMs = from === undefined ? untilMs - DAY_MS : readQueryTime('from', from);
  return { ...filters, fromMs, untilMs };
}

interface Analysed<Row extends object> {
  readonly answer: AnalyseCallsResponse;
  readonly rows: readonly Row[];
  readonly format: 'json' | 'csv';
  /** Of the keys. */
  readonly names: readonly string[];
}

const FIGURES = ['calls', 'answered', 'asrPercent', 'nerPercent', 'acdSeconds', 'pddMs', 'durationSeconds', 'billedSeconds']; // prettier-ignore
const MONEY = ['currency', 'price', 'costCurrency', 'cost'];

function send<Row extends object>(
  reply: FastifyReply,
  { answer, format, names, rows }: Analysed<Row>,
): FastifyReply {
  if (format === 'json') return reply.send({ ...presentSpan(answer), rows });
  const money = rows.some((row) => 'price' in row) ? MONEY : [];
  const columns = [...names, ...FIGURES, ...money] as (keyof Row & string)[];
  return reply.type('text/csv; charset=utf-8').send(csvText(rows, columns));
}

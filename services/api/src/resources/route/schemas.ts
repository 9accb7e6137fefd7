import { z } from 'zod';
import { step } from '../call-parts/schemas.ts';

const routeCandidate = z.object({
  gateway: z.string(),
  group: z.string().nullable(),
  account: z.string().nullable(),
  addresses: z.array(z.string()),
  caller: z.string(),
  callee: z.string(),
  isChosen: z.boolean().describe('Would be tried first.'),
});

const routeAnalysis = z.object({
  summary: z.string(),
  outcome: z.enum(['routed', 'refused']),
  reason: z.string(),
  code: z.int(),
  change: z.string().nullable(),
  candidates: z.array(routeCandidate),
  steps: z.array(step),
  price: z.string().nullable(),
  charge: z
    .object({ price: z.string(), currency: z.string(), billedSeconds: z.int() })
    .nullable()
    .describe(
      'What the customer would pay for `seconds`; null without them, or where there is no rate.',
    ),
  configurationVersion: z.int(),
});

/** Some seconds of one routing service, and no more than a body may have. */
const MOST_CALLS = 1000;

const routeCalls = z.object({
  from: z.string().min(1).describe('Mapping gateway by name, or phone by username.'),
  at: z.string().optional().describe('A UTC time; now where it is not set.'),
  calls: z
    .array(
      z.object({
        callee: z.string().min(1).describe('As in the analysis of one call.'),
        caller: z
          .string()
          .default('')
          .describe('Calling number as received; of a phone its own name where it is not given.'),
      }),
    )
    .min(1)
    .max(MOST_CALLS)
    .describe('Who analyses more sends them in several requests.'),
});

const routeSummary = routeAnalysis
  .pick({
    summary: true,
    outcome: true,
    reason: true,
    code: true,
    change: true,
    price: true,
    configurationVersion: true,
  })
  .extend({
    callee: z.string(),
    caller: z.string(),
    gateways: z.array(z.string()).describe('In the order in which they would be tried.'),
  });

/** The named shapes of this resource. */
export const routeSchemas = {
  RouteAnalysis: routeAnalysis,
  RouteCalls: routeCalls,
  RouteSummaryList: z.object({
    analyses: z.array(routeSummary).describe('In the order of the calls.'),
  }),
};

export type RouteCalls = z.output<typeof routeCalls>;
export type RouteSummaryView = z.output<typeof routeSummary>;

export type RouteAnalysisView = z.output<typeof routeAnalysis>;

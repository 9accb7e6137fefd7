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

/** The named shapes of this resource. */
export const routeSchemas = {
  RouteAnalysis: routeAnalysis,
};

export type RouteAnalysisView = z.output<typeof routeAnalysis>;

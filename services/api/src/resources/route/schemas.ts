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
  configurationVersion: z.int(),
});

/** The named shapes of this resource. */
export const routeSchemas = {
  RouteAnalysis: routeAnalysis,
};

export type RouteAnalysisView = z.output<typeof routeAnalysis>;

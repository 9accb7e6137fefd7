import { z } from 'zod';
import { attempt, step } from '../call-parts/schemas.ts';

const explanation = z.object({
  callId: z.string(),
  summary: z.string().describe('One sentence that names the value that decided.'),
  outcome: z.enum(['in-progress', 'answered', 'refused', 'failed', 'cancelled']),
  reason: z.string(),
  code: z.int(),
  change: z.string().nullable().describe('What would change the outcome; null where nothing need.'),
  price: z.string().nullable().describe('How the price was computed.'),
  steps: z.array(step).describe('Every decision in order.'),
  attempts: z.array(z.object({ text: z.string(), attempt })),
  others: z.array(z.string()).describe('Other calls that had this SIP Call-ID.'),
});

/** The named shapes of this resource. */
export const explainSchemas = {
  Explanation: explanation,
};

export type ExplanationView = z.output<typeof explanation>;

import { z } from 'zod';
import { attempt, step } from '../call-parts/schemas.ts';
import { journalSchemas } from '../journal/schemas.ts';
import { registrationSchemas } from '../registrations/schemas.ts';

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

const registration = z.object({
  phone: z.string(),
  account: z.string(),
  status: z.enum(['registered', 'unregistered', 'unknown-phone']),
  summary: z.string().describe('Why, with the value that decided.'),
  change: z.string().nullable().describe('What would change it; null where nothing need.'),
  registrations: z.array(registrationSchemas.Registration),
  entries: z
    .array(journalSchemas.JournalEntry)
    .describe('The last of the journal, the latest first.'),
});

/** The named shapes of this resource. */
export const explainSchemas = {
  Explanation: explanation,
  RegistrationExplanation: registration,
};

export type ExplanationView = z.output<typeof explanation>;

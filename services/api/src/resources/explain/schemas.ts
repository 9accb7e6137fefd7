import { z } from 'zod';
import { attempt, step } from '../call-parts/schemas.ts';
import { journalSchemas } from '../journal/schemas.ts';
import { registrationSchemas } from '../registrations/schemas.ts';
import { time } from '../times.ts';

const explanation = z.object({
  callId: z.string(),
  summary: z.string().describe('One sentence that names the value that decided.'),
  outcome: z.enum([
    'in-progress',
    'answered',
    'refused',
    'failed',
    'cancelled',
    'registration',
    'unknown',
  ]),
  reason: z.string(),
  code: z.int(),
  evidence: z
    .array(z.string())
    .describe(
      'What else is known that bears on it, a sentence each: from versions, other calls and the journal.',
    ),
  change: z.string().nullable().describe('What would change the outcome; null where nothing need.'),
  price: z.string().nullable().describe('How the price was computed.'),
  steps: z.array(step).describe('Every decision in order.'),
  attempts: z.array(z.object({ text: z.string(), attempt })),
  others: z.array(z.string()).describe('Other calls that had this SIP Call-ID.'),
  entries: z
    .array(journalSchemas.JournalEntry)
    .describe('What the journal has with this Call-ID, the latest first.'),
  missing: z
    .array(z.string())
    .describe('What could not be asked, since it is away, and why: it may know more.'),
});

const candidate = z.object({
  id: z.string().describe('What /explain/{callId} takes.'),
  kind: z.enum(['call', 'ended-call', 'request', 'registration']),
  at: time,
  caller: z.string(),
  callee: z.string(),
  terminal: z.string().describe('Phone or gateway that it came from; empty: not known.'),
  gateway: z.string().describe('Where it was sent to last.'),
  source: z.string(),
  outcome: z.string(),
  text: z.string().describe('Why, in one sentence.'),
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
  Candidate: candidate,
  CandidateList: z.object({
    candidates: z.array(candidate),
    hasMore: z.boolean(),
    missing: z.array(z.string()).describe('What could not be asked, since it is away.'),
  }),
  RegistrationExplanation: registration,
};

export type CandidateView = z.output<typeof candidate>;
export type ExplanationView = z.output<typeof explanation>;

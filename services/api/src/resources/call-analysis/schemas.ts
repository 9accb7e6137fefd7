import { z } from 'zod';
import { amount } from '../money.ts';
import { time } from '../times.ts';

const keys = {
  hour: z.string().optional().describe('UTC.'),
  day: z.string().optional().describe('UTC.'),
  account: z.string().optional().describe('The customer; empty: none was known.'),
  vendor: z.string().optional(),
  origin: z.string().optional().describe('Mapping gateway or phone.'),
  gateway: z.string().optional().describe('Of the last attempt; empty: it came to none.'),
  destination: z
    .string()
    .optional()
    .describe("Prefix of the customer's rate; empty: none was found."),
  reason: z.string().optional().describe('Termination reason.'),
  code: z.string().optional().describe('What the caller got.'),
};

const figures = {
  calls: z.int(),
  answered: z
    .int()
    .nullable()
    .describe('null, as all behind it, where calls alone are counted by this.'),
  asrPercent: z.number().nullable().describe('Answer-seizure ratio: answered of all calls.'),
  nerPercent: z
    .number()
    .nullable()
    .describe(
      'Network effectiveness ratio (ITU-T E.425): answered, or not for a fault of the network, of all calls.',
    ),
  acdSeconds: z.number().nullable().describe('Average duration of answered calls.'),
  pddMs: z
    .int()
    .nullable()
    .describe('Post-dial delay on average, of calls that rang or were answered.'),
  durationSeconds: z.number().nullable(),
  billedSeconds: z.int().nullable(),
};

const analysisRow = z.object({ ...keys, ...figures });
const summaryRow = z.object({
  ...keys,
  ...figures,
  currency: z.string(),
  price: amount.describe('What customers are charged. Exact decimal.'),
  costCurrency: z.string(),
  cost: amount.describe('What vendors charge. Exact decimal.'),
});

const span = {
  from: time.describe(
    'What was added up begins here: at a full hour, or day where destinations are told apart; UTC.',
  ),
  until: time.describe('It ends before this; likewise.'),
  hasMore: z.boolean().describe('There are more rows than limit.'),
};

const analysis = z.object({ ...span, rows: z.array(analysisRow) });

/** The named shapes of this resource. */
export const callAnalysisSchemas = {
  CallAnalysisRow: analysisRow,
  CallAnalysis: analysis,
  SummaryRow: summaryRow,
  Summary: z.object({ ...span, rows: z.array(summaryRow) }),
};

export type CallAnalysisView = z.output<typeof analysis>;
export type CallAnalysisRowView = z.output<typeof analysisRow>;
export type SummaryRowView = z.output<typeof summaryRow>;

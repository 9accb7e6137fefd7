import { z } from 'zod';
import { time } from '../times.ts';

const causes = z
  .array(z.object({ cause: z.string(), count: z.int() }))
  .describe('Attempts and ends by the causes of the journal, those that there were.');

const sums = {
  registered: z.int().describe('Phones that registered anew, or moved.'),
  refreshed: z.int(),
  failed: z.int().describe('Attempts that were refused.'),
  ended: z.int(),
  causes,
};

const point = z.object({
  at: time,
  active: z
    .int()
    .nullable()
    .describe('Phones that were registered, at most; null where nobody told.'),
  ...sums,
});

const row = z.object({
  key: z.string().describe('Country (ISO 3166-1, private, unknown), network, device or cause.'),
  attempts: z.int(),
  ...sums,
});

/** The named shapes of this resource. */
export const registrationHistorySchemas = {
  RegistrationHistory: z.object({ stepSeconds: z.int(), points: z.array(point) }),
  RegistrationAnalysis: z.object({ by: z.string(), from: time, until: time, rows: z.array(row) }),
};

export type HistoryPointView = z.output<typeof point>;
export type AnalysisRowView = z.output<typeof row>;

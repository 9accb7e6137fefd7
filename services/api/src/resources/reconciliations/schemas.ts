import { z } from 'zod';
import { time } from '../times.ts';

const reconciliation = z.object({
  day: z.string().describe('UTC, such as 2026-11-21.'),
  doneAt: time,
  cdrs: z.int().describe('Of calls that began on the day.'),
  answered: z.int(),
  ledgerEntries: z.int(),
  provisional: z.int().describe('CDRs of any day whose calls have not told their own ends.'),
  open: z.int().describe('Answered calls without an end.'),
  partialEnds: z.int().describe('Ends that wait for the facts of their calls.'),
  deadEvents: z.int().describe('Events that were put aside.'),
  isLogRead: z.boolean().describe('Whether the log of events was compared as well.'),
  differences: z.array(
    z.object({
      kind: z.string().describe('charge, entry without CDR, balance, event without CDR'),
      subject: z.string().describe('The call, entry or account.'),
      expected: z.string(),
      found: z.string(),
    }),
  ),
});

/** The named shapes of this resource. */
export const reconciliationSchemas = {
  Reconciliation: reconciliation,
  ReconciliationList: z.object({ reconciliations: z.array(reconciliation) }),
};

export type ReconciliationView = z.output<typeof reconciliation>;

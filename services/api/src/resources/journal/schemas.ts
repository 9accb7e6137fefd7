import { journalKinds, journalOutcomes } from '@tandem/domain';
import { z } from 'zod';
import { time } from '../times.ts';

const entry = z.object({
  id: z.string(),
  first: time,
  last: time,
  count: z.int().describe('How often it happened within a minute of the first time.'),
  kind: z.enum(['', ...journalKinds]).describe('Empty: of another version of the switch.'),
  cause: z.string(),
  outcome: z.enum(['', ...journalOutcomes]),
  terminal: z.string().describe('Phone or gateway; empty: none, or many that are gathered.'),
  account: z.string(),
  source: z.string().describe('ip:port of the last time; empty: none, or many.'),
  userAgent: z.string().describe('Of the last time.'),
  text: z.string().describe('In words, with the values that decided.'),
  change: z.string().nullable().describe('What would change it.'),
  facts: z
    .record(z.string(), z.string())
    .describe('The values that decided, by the names that operators know.'),
  callIds: z.array(z.string()).describe('SIP Call-IDs of the first ones, and of the last.'),
  caller: z.string().describe('Of the last request; empty: none, or many.'),
  callee: z.string(),
  writer: z.string().describe('The pod that told it.'),
});

/** The named shapes of this resource. */
export const journalSchemas = {
  JournalEntry: entry,
  JournalEntryList: z.object({
    entries: z.array(entry),
    nextCursor: z.string().nullable(),
  }),
};

export type JournalEntryView = z.output<typeof entry>;

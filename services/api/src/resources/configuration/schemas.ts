import { configurationSchema } from '@tandem/config';
import { z } from 'zod';

const change = z.object({
  subject: z.string(),
  kind: z.enum(['added', 'removed', 'changed']),
  fields: z.array(z.string()),
});

const removal = z.object({
  kind: z.string().describe('In the plural: phones, rates, prefixes of routing gateways.'),
  removed: z.int(),
  of: z.int().describe('How many there were.'),
  names: z.array(z.string()).describe('The first three.'),
});

const warning = z.object({
  path: z.string().describe('Where in the document.'),
  message: z.string(),
});

const applied = z.object({
  version: z.int().describe('In effect now; with dryRun, that would be in effect.'),
  isChanged: z.boolean(),
  isDryRun: z.boolean(),
  changeCount: z.int(),
  changes: z.array(change).describe('The first 1000.'),
  removals: z.array(removal).describe('What is gone, by kind; empty where nothing is.'),
  allowRemoval: z
    .int()
    .nullable()
    .describe('What allowRemoval must be for this to be applied; null where it can be as it is.'),
  warnings: z
    .array(warning)
    .describe('What was no hindrance and should be looked at; empty where nothing is.'),
});

/** The named shapes of this resource. */
export const configurationSchemas = {
  Applied: applied,
  Change: change,
  Configuration: configurationSchema,
  Removal: removal,
  Warning: warning,
};

export type AppliedView = z.output<typeof applied>;

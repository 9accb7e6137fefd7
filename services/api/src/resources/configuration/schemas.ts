import { configurationSchema } from '@tandem/config';
import { z } from 'zod';
import { time } from '../times.ts';

const change = z.object({
  subject: z.string(),
  kind: z.enum(['added', 'removed', 'changed']),
  fields: z.array(z.string()),
});

const applied = z.object({
  version: z.int().describe('In effect now; with dryRun, that would be in effect.'),
  isChanged: z.boolean(),
  isDryRun: z.boolean(),
  changeCount: z.int(),
  changes: z.array(change).describe('The first 1000.'),
});

const version = z.object({
  version: z.int(),
  appliedAt: time,
  appliedBy: z.string(),
  note: z.string(),
});

/** The named shapes of this resource. */
export const configurationSchemas = {
  Applied: applied,
  Change: change,
  Configuration: configurationSchema,
  Version: version,
  VersionDocument: version.extend({ configuration: configurationSchema }),
  VersionList: z.object({ versions: z.array(version) }),
};

export type AppliedView = z.output<typeof applied>;
export type VersionView = z.output<typeof version>;

import { configurationSchema } from '@tandem/config';
import { z } from 'zod';
import { time } from '../times.ts';

const version = z.object({
  version: z.int(),
  appliedAt: time,
  appliedBy: z.string(),
  note: z.string(),
});

/** The named shapes of this resource. */
export const configurationVersionSchemas = {
  Version: version,
  VersionDocument: version.extend({ configuration: configurationSchema }),
  VersionList: z.object({ versions: z.array(version) }),
};

export type VersionView = z.output<typeof version>;

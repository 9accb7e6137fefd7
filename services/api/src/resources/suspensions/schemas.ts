import { z } from 'zod';
import { time } from '../times.ts';

const suspension = z.object({
  terminal: z
    .string()
    .describe(
      '"phone 1001 at 192.0.2.7", or "phone 1001 at any other place": wherever it has not proved itself lately.',
    ),
  since: time,
  until: time,
  failures: z.int(),
  cause: z.string(),
  lastSource: z.string(),
});

/** The named shapes of this resource. */
export const suspensionSchemas = {
  Suspension: suspension,
  SuspensionList: z.object({ suspensions: z.array(suspension) }),
};

export type SuspensionView = z.output<typeof suspension>;

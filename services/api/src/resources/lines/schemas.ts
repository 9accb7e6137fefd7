import { z } from 'zod';
import { time } from '../times.ts';

const line = z.object({
  subject: z.string().describe('"account demo", "routing-gateway carrier-a".'),
  limit: z.int().describe('0 = none.'),
  inUse: z.int(),
  holders: z.array(z.object({ callId: z.string(), since: time, leaseUntil: time })),
});

/** The named shapes of this resource. */
export const lineSchemas = {
  Line: line,
  LineList: z.object({ lines: z.array(line) }),
};

export type LineView = z.output<typeof line>;

import { z } from 'zod';
import { time } from '../times.ts';

const entry = z.object({
  source: z.string().describe('An IPv4 address, or the /64 of IPv6.'),
  since: time,
  until: time,
  failures: z.int().describe('0: an operator put it there.'),
  cause: z.string(),
});

const addition = z.strictObject({
  source: z
    .string()
    .min(1)
    .max(64)
    .describe('An IP address; of IPv6 its /64 is black-listed. Blocks stand in security.deny.'),
  seconds: z.int().min(1).max(604_800).default(3600),
  cause: z.string().max(200).default('by an operator'),
});

/** The named shapes of this resource. */
export const blacklistSchemas = {
  BlacklistEntry: entry,
  Blacklist: z.object({ sources: z.array(entry) }),
  BlacklistAddition: addition,
};

export type BlacklistEntryView = z.output<typeof entry>;
export type BlacklistAddition = z.output<typeof addition>;

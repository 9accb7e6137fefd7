import { z } from 'zod';
import { time } from '../times.ts';

const failure = z.object({
  user: z.string().describe('Who was named: "phone 1001", "unknown-user 4711".'),
  source: z.string().describe('An IPv4 address, or the /64 of IPv6.'),
  first: time,
  last: time,
  count: z.int(),
  reason: z.string().describe('The termination reason.'),
  cause: z.string().describe('What was wrong the last time.'),
  explanation: z
    .string()
    .describe('What was sent and what was expected; "" where the cause says all.'),
  change: z.string().describe('What would change it; "" where that depends.'),
});

/** The named shapes of this resource. */
export const authenticationFailureSchemas = {
  AuthenticationFailure: failure,
  AuthenticationFailureList: z.object({ failures: z.array(failure) }),
};

export type AuthenticationFailureView = z.output<typeof failure>;

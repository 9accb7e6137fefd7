import { z } from 'zod';
import { fail } from '../../api/problem.ts';

/** The id in the path of a call, CDR or explanation. */
export const callParams = z.object({
  callId: z
    .string()
    .min(1)
    .max(512)
    .describe(
      "Tandem's call id, the SIP Call-ID of either leg, or the id of an entry of the journal.",
    ),
});

export type CallParams = z.output<typeof callParams>;

/** 404 for an id that no call is known by. */
export function noSuchCall(callId: string): Error {
  return fail(
    404,
    'no-such-call',
    `no call with id ${callId} is known: a CDR appears within seconds of the end of a call, under Tandem's call id and under the SIP Call-IDs of both legs. Ask by what you know of it: tandem explain --from NUMBER, --to NUMBER, --at "2 minutes ago", --address ADDRESS`,
  );
}

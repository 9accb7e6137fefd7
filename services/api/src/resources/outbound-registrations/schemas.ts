import { z } from 'zod';
import { time } from '../times.ts';

const lastAnswer = z
  .object({
    code: z.int().describe('0: there was none.'),
    reason: z.string().describe('Reason phrase; without an answer why there was none.'),
    text: z.string().describe('More of it, such as a Warning, or what was wrong with it.'),
    at: time,
    source: z.string().describe('Transport and address of who answered.'),
  })
  .nullable();

const outboundRegistration = z.object({
  gateway: z.string().describe('Name of the routing gateway.'),
  state: z
    .string()
    .describe(
      'registering; registered; refused: the carrier has answered so; unreachable: it has not answered; unregistering: it is to be removed there; unregistered: no edge is there.',
    ),
  since: time,
  addressOfRecord: z.string(),
  registrars: z.array(z.string()).describe('Addresses or names, as configured.'),
  transport: z.string(),
  contact: z.string().describe('Where the carrier calls; empty: nothing is bound.'),
  expiresAt: time.describe('Until when the carrier has the contact; null: it has not.'),
  expiresInSeconds: z.int(),
  nextAttemptAt: time.describe('null: one is under way.'),
  nextAttemptInSeconds: z.int().nullable(),
  lastAnswer,
  failures: z.int().describe('Attempts that failed one after the other.'),
  edge: z.string().describe('The pod that does it, or did it last.'),
  isHeld: z.boolean().describe('That pod does it now; otherwise any takes it once it is due.'),
  serviceRoute: z.array(z.string()).describe('Service-Route of the carrier (RFC 3608).'),
  sipCallId: z.string(),
  cseq: z.int(),
});

/** The named shapes of this resource. */
export const outboundRegistrationSchemas = {
  OutboundRegistration: outboundRegistration,
  OutboundRegistrationList: z.object({ outboundRegistrations: z.array(outboundRegistration) }),
};

export type OutboundRegistrationView = z.output<typeof outboundRegistration>;

import { z } from 'zod';
import { time } from '../times.ts';

const registration = z.object({
  phone: z.string().describe('Username of the phone, or name of the dynamic gateway.'),
  kind: z.string().describe('phone or gateway.'),
  account: z.string(),
  status: z
    .string()
    .describe(
      'registered; expiring: its phone was to have refreshed it by now; flapping: devices of the phone keep taking the place of each other; unreachable: it answers no keep-alives, and is called last; unregistered: the phone has no registration.',
    ),
  contact: z.string().describe('As its phone wrote it.'),
  expiresAt: time,
  expiresInSeconds: z.int().describe('0 where it has expired: it is kept a few seconds more.'),
  source: z.string().describe('ip:port that it was heard from: where calls go.'),
  transport: z.string(),
  isBehindNat: z.boolean().describe('The contact is not where it was heard from.'),
  userAgent: z.string(),
  registeredAt: time,
  refreshedAt: time,
  priority: z.number().describe('q of the contact.'),
  instance: z.string().describe('+sip.instance; empty: the phone tells none.'),
  regId: z.int().describe('reg-id of a flow (RFC 5626); 0: none.'),
  path: z.array(z.string()).describe('Proxies on the way to it (RFC 3327).'),
  edge: z.string().describe('The pod that took the registration.'),
  flow: z
    .string()
    .describe('Gate and connection by which it is reached; empty: any pod reaches it.'),
  sipCallId: z.string(),
  cseq: z.int(),
  answeredAt: time
    .nullable()
    .describe('When it last answered a keep-alive, to five minutes; null: it never has.'),
  roundTripMs: z.int().nullable().describe('How long that answer took.'),
  unansweredKeepalives: z.int().describe('In a row, until now.'),
  takeovers: z
    .int()
    .describe(
      'How often a device took the place of another one, each within ten minutes of the one before; from three on the phone is flapping.',
    ),
  takenOverAt: time.nullable().describe('When this one did; null: it has not, of late.'),
});

/** The named shapes of this resource. */
export const registrationSchemas = {
  Registration: registration,
  RegistrationList: z.object({
    registrations: z.array(registration),
    nextCursor: z
      .string()
      .nullable()
      .describe('A page may be short where few match: go on until it is null.'),
    total: z.int().describe('Phones that are registered, whatever the filter.'),
  }),
  RegistrationRemoval: z.object({ removed: z.int() }),
};

export type RegistrationView = z.output<typeof registration>;

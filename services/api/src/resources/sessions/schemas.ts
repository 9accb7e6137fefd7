import { z } from 'zod';
import { roles } from '../../core/operators/roles.ts';
import { signInMethods } from '../../operator-ports.ts';
import { time } from '../times.ts';

const session = z.object({
  user: z.object({ name: z.string(), displayName: z.string(), role: z.enum(roles) }),
  method: z.enum(signInMethods),
  since: time,
  expiresAt: time.describe(
    'It ends then at the latest, and sooner where nothing is asked for an hour.',
  ),
  mustChangePassword: z
    .boolean()
    .describe('Nothing but changing the password and signing out is allowed.'),
  may: z.array(z.string()).describe('The operations of this description that are allowed.'),
});

const entry = z.object({
  id: z.string(),
  user: z.string(),
  method: z.enum(signInMethods),
  since: time,
  lastSeen: time.describe('To the minute.'),
  expiresAt: time,
  address: z.string(),
  userAgent: z.string(),
  isCurrent: z.boolean(),
});

const passwordChange = z.strictObject({
  currentPassword: z
    .string()
    .max(4096)
    .default('')
    .describe('May be left out by who has none yet.'),
  newPassword: z.string().max(4096),
});

/** The named shapes of this resource. */
export const sessionSchemas = {
  Session: session,
  SignedOut: z.object({ isSignedOut: z.boolean() }),
  PasswordChange: passwordChange,
  SessionList: z.object({ sessions: z.array(entry) }),
  SessionEnd: z.object({ isEnded: z.boolean() }),
};

export type SessionView = z.output<typeof session>;
export type SessionEntryView = z.output<typeof entry>;
export type PasswordChangeRequest = z.output<typeof passwordChange>;

import { z } from 'zod';
import { roles } from '../../core/operators/roles.ts';
import { time } from '../times.ts';

const role = z.enum(roles);
const subject = z.string().min(1).max(255).nullable();
/** What is too short or long is told by the rules, not here: its length would be in the answer. */
const password = z.string().max(4096);

const user = z.object({
  name: z.string(),
  displayName: z.string(),
  role,
  email: z.string(),
  isDisabled: z.boolean(),
  hasPassword: z.boolean().describe('False: signs in by a link or OpenID Connect alone.'),
  mustChangePassword: z.boolean(),
  openIdSubject: z.string().nullable().describe('The "sub" of the OpenID provider.'),
  lockedUntil: time.describe('After too many wrong passwords.'),
  lastSignIn: time,
  createdAt: time,
});

const changes = {
  displayName: z.string().max(100),
  email: z.string().max(254),
  password,
  mustChangePassword: z.boolean(),
  openIdSubject: subject,
  isDisabled: z.boolean(),
};

const newUser = z.strictObject({
  name: z
    .string()
    .describe('1 to 64 lower-case letters, digits, dots, hyphens, underscores and @; not api.'),
  role,
  ...z.object(changes).omit({ isDisabled: true }).partial().shape,
});
const change = z.strictObject({ role, ...changes }).partial();

/** The named shapes of this resource. */
export const userSchemas = {
  User: user,
  UserList: z.object({
    users: z.array(user),
    nextCursor: z.string().nullable(),
    total: z.int(),
  }),
  NewUser: newUser,
  UserChange: change,
  UserRemoval: z.object({ isRemoved: z.boolean() }),
  SignInLink: z.object({ url: z.string().describe('Good once.'), expiresAt: time }),
};

export type UserView = z.output<typeof user>;
export type NewUser = z.output<typeof newUser>;
export type UserChange = z.output<typeof change>;

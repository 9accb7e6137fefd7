import { z } from 'zod';
import { roles } from '../../core/operators/roles.ts';
import { time } from '../times.ts';

const token = z.object({
  id: z.string(),
  user: z.string(),
  name: z.string(),
  role: z.enum(roles),
  createdAt: time,
  expiresAt: time,
  lastUsed: time.describe('To the minute; null: never.'),
});

const newToken = z.strictObject({
  name: z.string().min(1).max(100).describe('What it is for.'),
  days: z.int().min(1).max(366).default(90).describe('How long it is good.'),
  role: z.enum(roles).optional().describe('One that may do no more than yours. Default: yours.'),
});

/** The named shapes of this resource. */
export const tokenSchemas = {
  Token: token,
  TokenList: z.object({ tokens: z.array(token) }),
  NewToken: newToken,
  CreatedToken: z.object({
    token,
    secret: z
      .string()
      .describe('What goes behind Bearer. It is shown this once, and kept nowhere.'),
  }),
  TokenRevocation: z.object({ isRevoked: z.boolean() }),
};

export type TokenView = z.output<typeof token>;
export type NewToken = z.output<typeof newToken>;

import { z } from 'zod';

const options = z.object({
  password: z.boolean(),
  openId: z
    .object({ title: z.string(), startUrl: z.string() })
    .nullable()
    .describe('Null where there is no provider of OpenID Connect.'),
  rules: z.object({ minLength: z.int().describe('Characters that a new password must have.') }),
});

const request = z.strictObject({
  name: z.string().max(256),
  password: z.string().max(4096),
});

/** The named shapes of this resource. */
export const signInSchemas = { SignInOptions: options, SignIn: request };

export type SignInRequest = z.output<typeof request>;

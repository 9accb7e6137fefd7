import { z } from 'zod';

/** Codes of a refusal that needs a challenge, which no map makes. */
const CHALLENGES = new Set([401, 407]);

const phrase = z
  .string()
  .regex(/^[ -~\u00a1-\uffff]{1,64}$/u, 'must be 1 to 64 characters on one line')
  .refine(
    (text) => text.isWellFormed(),
    'holds half a character (a lone surrogate): write it again',
  )
  .optional()
  .describe('Reason phrase; that of the code where none is given.');

const codeMapping = z.strictObject({
  code: z.int().min(300).max(699).describe('The code that comes.'),
  to: z
    .int()
    .min(400)
    .max(699)
    .superRefine((code, context) => {
      if (!CHALLENGES.has(code)) return;
      const message = `is ${String(code)}: a challenge cannot be made of another code`;
      context.addIssue({ code: 'custom', message });
    })
    .describe('The code that goes on.'),
  phrase,
});

const causeMapping = z.strictObject({
  cause: z.int().min(1).max(127).describe('Cause of Q.850.'),
  to: z.int().min(400).max(699).describe('The code that it means.'),
});

/** What becomes of refusals' codes, on either side (DENY-18). */
export const codeMap = z
  .array(codeMapping)
  .default([])
  .describe('Codes of refusals that are told as others, such as 503 as 480.');

/** How a mapping gateway gets its refusals. */
export const callerQ850 = z
  .strictObject({
    makeReason: z
      .boolean()
      .default(false)
      .describe('Whether a refusal without a cause of Q.850 gets one of its code (RFC 3398).'),
  })
  .default({ makeReason: false });

/** How the answers of a routing gateway are read. */
export const carrierQ850 = z
  .strictObject({
    readCode: z
      .boolean()
      .default(false)
      .describe("Whether the cause of Q.850 in a refusal's Reason says its code (RFC 3398)."),
    causes: z
      .array(causeMapping)
      .default([])
      .describe('Causes that mean another code than RFC 3398 says.'),
    makeReason: z
      .boolean()
      .default(false)
      .describe('Whether a CANCEL without a cause of Q.850 gets one.'),
  })
  .default({ readCode: false, causes: [], makeReason: false });

/** What the caller hears of a routing gateway before the answer. */
export const provisional = z
  .strictObject({
    ringing: z.literal([180, 183]).default(180).describe('What a 180 is told as.'),
    progress: z.literal([180, 183]).default(183).describe('What a 183 is told as.'),
    sdp: z
      .enum(['pass', 'drop'])
      .default('pass')
      .describe(
        'Whether early media reaches the caller: drop takes the session description out of 18x, and 100rel out of what the gateway is offered.',
      ),
  })
  .default({ ringing: 180, progress: 183, sdp: 'pass' });

/** What becomes of a 3xx. */
export const redirects = z
  .enum(['follow', 'map', 'pass'])
  .default('map')
  .describe(
    'A 3xx of the gateway: follow calls its contacts at addresses, at the cost of this gateway; map refuses with 502 or what codeMap says; pass gives it to the caller.',
  );

import { z } from 'zod';
import { certificateUrl, name, network, userAgent } from './fields.ts';
import { knownScanners } from './known-scanners.ts';

/** CALL-12: what signs calls. */
export const stir = z
  .strictObject({
    certificates: z
      .array(
        z.strictObject({
          name: name.describe('Its files are NAME.key and NAME.crt in TANDEM_STIR_KEYS.'),
          x5u: certificateUrl.describe('Where others fetch it.'),
        }),
      )
      .default([]),
    certificate: name.optional().describe('Signs for accounts that name none.'),
  })
  .optional()
  .describe('Signing of calls (STIR/SHAKEN).');

/** AUTH-08: who gets no answer. */
export const security = z
  .strictObject({
    allow: z
      .array(network)
      .default([])
      .describe('Sources that are never black-listed, nor denied by a wider block of deny.'),
    deny: z
      .array(network)
      .default([])
      .describe('Sources that get no answer, unless a gateway lists their address.'),
    scanners: z
      .array(userAgent)
      .default([...knownScanners])
      .describe('How the User-Agent of what gets no answer begins.'),
    userAgents: z
      .array(
        z.strictObject({
          begins: userAgent,
          answers: z
            .union([z.literal(401), z.literal(407), z.literal('none')])
            .describe('The challenge that it answers.'),
        }),
      )
      .default([])
      .describe(
        'What programs are known to answer, besides those that the switch knows: told where a challenge led nowhere (AUTH-15).',
      ),
  })
  .optional()
  .describe('Who is not answered at all (AUTH-08).');

import { z } from 'zod';
import { attempt, decision, origin } from '../call-parts/schemas.ts';
import { amount } from '../money.ts';
import { time } from '../times.ts';

const leg = z
  .object({
    sipCallId: z.string(),
    peerAddress: z.string(),
    transport: z.string(),
    caller: z.string(),
    callee: z.string(),
    userAgent: z.string(),
    codecs: z.array(z.string()),
    from: z
      .string()
      .describe(
        'The number in From where caller is another one: a trusted side has asserted that.',
      ),
    asserted: z.string().describe('The number that was asserted on this leg; empty: none was.'),
  })
  .nullable();

const legMedia = z
  .object({
    packets: z.int().describe('RTP packets that came from this side.'),
    bytes: z.int(),
    lostPackets: z.int().describe('As the other side reported by RTCP, as all that follows.'),
    lossPercent: z.int().describe('On average.'),
    jitterMs: z.int(),
    mos: z
      .number()
      .nullable()
      .describe('Mean opinion score, 1 to 5, on average; null where nothing was reported.'),
    lowestMos: z.number().nullable(),
  })
  .nullable();

const media = z
  .object({ relay: z.string().describe('Media relay, host:port.'), a: legMedia, b: legMedia })
  .nullable()
  .describe(
    'What the media relay counted; null where the call was not anchored, or it could not tell.',
  );

const level = z.object({
  account: z.string(),
  price: amount,
  currency: z.string(),
  billedSeconds: z.int(),
  priceExplanation: z.string(),
  margin: amount.describe('What the account below it owes for the call, less its own price.'),
  currentPrice: amount.describe('price with what re-ratings have corrected since.'),
  currentMargin: amount.describe('margin with what re-ratings have corrected since.'),
});

const cdr = z.object({
  callId: z.string(),
  startedAt: time,
  ringingAt: time,
  answeredAt: time,
  endedAt: time,
  durationMs: z
    .int()
    .describe(
      'From the answer to the moment to which the call is charged; 0 where it was never answered.',
    ),
  billedSeconds: z.int().describe('The duration by SERVER_BILLING_ROUND, then in increments.'),
  price: amount,
  currency: z.string(),
  cost: amount,
  costCurrency: z.string(),
  priceExplanation: z.string(),
  currentPrice: amount.describe('price with what re-ratings have corrected since.'),
  currentCost: amount.describe('cost with what re-ratings have corrected since.'),
  corrections: z
    .array(
      z.object({
        rerating: z.int(),
        side: z
          .enum(['call', 'cost', 'level'])
          .describe('call: of the customer. cost: of the vendor. level: of a reseller.'),
        account: z.string(),
        difference: amount.describe('What is charged more; negative: less.'),
        note: z.string().describe('The rate in words.'),
        appliedAt: time,
        appliedBy: z.string(),
      }),
    )
    .describe('What re-ratings have booked for the call, oldest first.'),
  levels: z
    .array(level)
    .describe('What the resellers above the customer owe, from the one next to it on up.'),
  ratedBy: z
    .strictObject({
      rateGroup: z.string(),
      sheetVersion: z
        .int()
        .nullable()
        .describe('Of the sheet that was imported; null where the rate was of the configuration.'),
      configurationVersion: z.int().describe('By which the call was routed.'),
    })
    .nullable()
    .describe('By whose rates the customer is charged; null where nothing says so.'),
  reason: z.string().describe('Termination reason.'),
  code: z.int().describe('What the caller got; 200 for an answered call.'),
  endedBy: z.string(),
  text: z.string(),
  caller: z.string(),
  callee: z.string(),
  account: z.string(),
  gateway: z.string().describe('Of the last attempt.'),
  origin,
  a: leg,
  b: leg,
  media,
  attempts: z.array(attempt),
  decisions: z.array(decision),
  signature: z
    .object({
      verdict: z.string().describe('passed, missing, stale, invalid, untrusted or unavailable.'),
      attestation: z.string(),
      origid: z.string(),
    })
    .nullable()
    .describe('What was found of the signature that the call came with; null: not looked at.'),
  traceId: z.string(),
  edge: z.string(),
  storedAt: time,
});

/** The named shapes of this resource. */
export const cdrSchemas = {
  Cdr: cdr,
  CdrText: z.string().describe('One CDR a line.'),
  CdrList: z.object({ cdrs: z.array(cdr), nextCursor: z.string().nullable() }),
};

export type CdrView = z.output<typeof cdr>;

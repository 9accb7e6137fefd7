import { z } from 'zod';
import { time } from '../times.ts';

const lastAnswer = z
  .object({
    code: z.int().describe('0: there was none.'),
    text: z.string().describe('Reason phrase; without an answer why there was none.'),
    roundTripMs: z.int().nullable().describe('null: there was no answer.'),
    from: z.string().describe('Who answered.'),
    at: time,
  })
  .nullable();

const gatewayAddress = z.object({
  transport: z.string(),
  address: z.string(),
  isOffline: z.boolean(),
  since: time.describe('Since when it is on line, or off it.'),
  lastAnswer,
  lastChecks: z
    .array(z.boolean())
    .describe('The last checks, the latest first: true was answered.'),
});

const quality = z
  .object({
    windowSeconds: z.int().describe('SS_GATEWAY_QUALITY_WINDOW.'),
    attempts: z.int().describe('Attempts of calls that are over.'),
    answered: z.int(),
    answerSeizureRatio: z.number().describe('ASR: answered of attempts, 0 to 1.'),
    averageCallSeconds: z.number().describe('ACD: of those that were answered.'),
    postDialSeconds: z.number().describe('PDD: from the INVITE to the first ringing or answer.'),
  })
  .nullable()
  .describe('Live, of all pods; null: no attempt has come to its end within the window.');

const throttled = z
  .object({
    sharePercent: z.number().describe('Of its calls it gets so many first.'),
    attempts: z.int().describe('Of these calls so many had failed when it came to that share.'),
    failed: z.int(),
    since: time,
  })
  .nullable()
  .describe('It keeps failing, and gets fewer calls (ROUTE-16); null: it gets all of them.');

const gateway = z.object({
  name: z.string(),
  group: z.string(),
  isLocked: z.boolean(),
  state: z
    .string()
    .describe(
      'online; offline: no address answers the OPTIONS check, and it gets no calls; degraded: some do not; unchecked: nobody asks, or has asked yet.',
    ),
  uncheckedBecause: z.string(),
  since: time.describe('Since when it is in that state; null: it is not checked.'),
  checkPeriodSeconds: z.int().nullable(),
  failures: z.int().nullable().describe('So many of `window` checks that fail take it off line.'),
  window: z.int().nullable(),
  checkedAt: time,
  edge: z.string().describe('The pod that checked it last.'),
  throttled,
  quality,
  prefixes: z
    .array(z.object({ prefix: z.string(), quality }))
    .describe('Of each of its prefixes that calls were routed by; of one gateway alone.'),
  addresses: z.array(gatewayAddress),
});

const roundTrip = z
  .object({ least: z.int(), mean: z.int(), most: z.int() })
  .nullable()
  .describe('Milliseconds; null: nobody has answered.');

const testedAddress = z.object({
  transport: z.string(),
  address: z.string(),
  sent: z.int().describe('How often it was asked, each time once.'),
  answered: z.int(),
  lossPercent: z.number(),
  roundTripMs: roundTrip,
  lastAnswer: z.string(),
  answeredFrom: z.array(z.string()).describe('Others than the address that was asked.'),
  isGood: z.boolean(),
  text: z.string().describe('What it means.'),
});

const gatewayTest = z.object({
  gateway: z.string(),
  edge: z.string().describe('The pod that tested.'),
  names: z.array(z.string()).describe('What the names of the gateway stand for, by which records.'),
  addresses: z.array(testedAddress),
  isGood: z.boolean().describe('Every address has answered everything, and itself.'),
  text: z.string(),
});

/** The named shapes of this resource. */
export const gatewaySchemas = {
  Gateway: gateway,
  GatewayList: z.object({
    gateways: z.array(gateway),
    nextAfter: z.string().nullable().describe('`after` of the next page; null: this is the last.'),
  }),
  GatewayTest: gatewayTest,
};

export type GatewayView = z.output<typeof gateway>;
export type GatewayTestView = z.output<typeof gatewayTest>;

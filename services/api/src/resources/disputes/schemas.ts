import { z } from 'zod';
import { amount } from '../money.ts';
import { time } from '../times.ts';

const side = z.object({ calls: z.int(), durationMs: z.int(), price: amount });

const sums = z.object({
  ours: side,
  theirs: side,
  onlyOurs: side,
  onlyTheirs: side,
  matched: z.int().describe('Calls that both have.'),
  durationDiffers: z.int(),
  priceDiffers: z.int(),
  durationMs: z.int().describe('Theirs less ours, of matched calls.'),
  price: amount.describe('The same.'),
});

const tolerances = z.strictObject({
  timeMs: z.int().min(0).max(86_400_000).default(60_000).describe('Between the two sides’ times of a call.'), // prettier-ignore
  durationMs: z.int().min(0).max(86_400_000).default(1000),
  price: z.string().default('0').describe('Exact decimal.'),
  digits: z.int().min(0).max(32).default(0).describe('So many of the last digits of numbers are compared; 0: all.'), // prettier-ignore
  theirPrefix: z.string().regex(/^[\d*#]{0,32}$/).default('').describe('What their called numbers begin with beside the number.'), // prettier-ignore
  ourPrefix: z
    .string()
    .regex(/^[\d*#]{0,32}$/)
    .default(''),
  callers: z.boolean().default(false).describe('Callers have to be the same, too.'),
  unanswered: z.boolean().default(false).describe('Calls that were not answered are compared, too.'), // prettier-ignore
  startTimes: z.boolean().default(false).describe('Their times are those of the INVITE, not of the answer.'), // prettier-ignore
});

const dispute = z.object({
  id: z.int(),
  account: z.string(),
  side: z.enum(['customer', 'vendor']),
  state: z
    .enum(['receiving', 'comparing', 'done', 'failed'])
    .describe('receiving: its file is awaited. comparing: ask again.'),
  from: time,
  until: time.describe('Before this.'),
  file: z.string(),
  currency: z.string(),
  tolerances,
  sums: sums.nullable().describe('Null until it is done.'),
  cause: z.string(),
  createdBy: z.string(),
  createdAt: time,
  doneAt: time,
});

const unfit = z.object({
  line: z.int(),
  column: z.string(),
  found: z.string(),
  message: z.string(),
});

/** Of their side and of ours, beside each other, so that it can be a line of CSV. */
const difference = z.object({
  kind: z.enum(['only-ours', 'only-theirs', 'duration', 'price', 'both']),
  ourStart: time,
  theirStart: time,
  ourCaller: z.string(),
  theirCaller: z.string(),
  ourCallee: z.string(),
  theirCallee: z.string(),
  ourDurationMs: z.int().nullable(),
  theirDurationMs: z.int().nullable(),
  ourPrice: amount.nullable(),
  theirPrice: amount.nullable(),
  callId: z.string(),
  theirId: z.string(),
  line: z.int().nullable().describe('Of their file.'),
});

/** The named shapes of this resource. */
export const disputeSchemas = {
  Dispute: dispute,
  DisputeDifference: difference,
  DisputeList: z.object({ disputes: z.array(dispute), nextCursor: z.string().nullable() }),
  DisputeDifferenceList: z.object({
    differences: z.array(difference),
    nextCursor: z.string().nullable(),
  }),
  DisputeCompared: z.object({
    dispute,
    form: z.string().describe('How the file was read: delimiter and encoding.'),
    calls: z.int(),
    unfitCount: z.int(),
    unfit: z.array(unfit).describe('Places that do not fit, a thousand at most. They are not compared.'), // prettier-ignore
  }),
  DisputeRequest: z.strictObject({
    account: z.string(),
    side: z.enum(['customer', 'vendor']).optional().describe('The type of the account where not set.'), // prettier-ignore
    from: z.iso.datetime({ offset: true }),
    until: z.iso.datetime({ offset: true }).describe('Before this.'),
    file: z.string().max(200).default('file.csv').describe('What the file is called.'),
    tolerances: tolerances.prefault({}),
    mapping: z
      .record(z.string(), z.unknown())
      .describe(
        'columns: in which column stands what, as callee, at, seconds and, where they are there, caller, price and id. timeZone, dates, delimiter, encoding, heading, skip, only: docs/disputes.md.',
      ),
  }),
};

export type DisputeView = z.output<typeof dispute>;
export type DifferenceView = z.output<typeof difference>;
export type DisputeRequest = z.output<(typeof disputeSchemas)['DisputeRequest']>;

import { z } from 'zod';
import { amount } from '../money.ts';
import { time } from '../times.ts';

const side = z
  .enum(['call', 'cost', 'level'])
  .describe('call: charged to a customer. cost: paid to a vendor. level: charged to a reseller above the customer.'); // prettier-ignore

/** Flat, so that it can be a line of CSV. */
const line = z.object({
  callId: z.string(),
  startedAt: time,
  side,
  account: z.string(),
  callee: z.string().describe('The number that is rated.'),
  before: amount.describe('What stands.'),
  after: amount.nullable().describe('Null: the call finds no rate, and keeps its price.'),
  difference: amount,
  currency: z.string(),
  why: z.string().describe('The rate in words, or why there is none.'),
});

const sum = z.object({
  account: z.string(),
  side,
  currency: z.string(),
  calls: z.int().describe('Answered ones.'),
  differing: z.int().describe('Whose price becomes another one.'),
  unrated: z.int().describe('That find no rate, and keep their price.'),
  before: amount,
  after: amount,
  difference: amount,
});

const rates = z.array(z.object({ group: z.string(), id: z.string() }));

const rerating = z.object({
  id: z.int(),
  state: z
    .enum(['previewing', 'ready', 'applying', 'applied', 'cancelled', 'failed'])
    .describe('ready: previewed, and nothing is booked. previewing, applying: ask again.'),
  from: time,
  until: time.describe('Before this.'),
  accounts: z.array(z.string()),
  version: z.int().describe('Of the configuration whose rates these are.'),
  rates: rates.describe('Imports, not applied yet, that stand for the rates of their groups.'),
  reverses: z.int().nullable().describe('The re-rating that it takes back.'),
  reversedBy: z.int().nullable(),
  note: z.string(),
  createdBy: z.string(),
  createdAt: time,
  appliedBy: z.string(),
  finishedAt: time,
  cause: z.string().describe('Why it failed; empty otherwise.'),
  share: z.number().min(0).max(1).describe('Of the preview, or of what is booked, that is done.'),
  lines: z.int().describe('Calls whose price becomes another one, or that find no rate.'),
  booked: z.int().describe('Of these, gone through.'),
  skipped: z.int().describe('Not booked: their CDRs are gone, or were replaced after the preview.'),
});

const applied = z.object({
  account: z.string(),
  currency: z.string(),
  entries: z.int().describe('Of the ledger.'),
  difference: amount.describe('What is charged more; negative: less.'),
});

/** The named shapes of this resource. */
export const reratingSchemas = {
  Rerating: rerating,
  ReratingList: z.object({ reratings: z.array(rerating), nextCursor: z.string().nullable() }),
  ReratingDetail: rerating.extend({
    sums: z.array(sum).describe('While it is previewed, of the calls that were rated until now.'),
    dearest: z.array(line).describe('The twenty whose price changes most.'),
    applied: z.array(applied).describe('What was booked, by account.'),
  }),
  ReratingLine: line,
  ReratingLineList: z.object({ lines: z.array(line), nextCursor: z.string().nullable() }),
  ReratingRequest: z.strictObject({
    from: z.iso.datetime({ offset: true }).describe('Calls that began from then on.'),
    until: z.iso.datetime({ offset: true }).describe('And before then.'),
    accounts: z.array(z.string().min(1)).min(1).max(1000).describe('Customers, resellers and vendors: what each of them owes is rated by its own rates, and what accounts above and below it owe is not.'), // prettier-ignore
    version: z.int().min(1).optional().describe('Of the configuration. Not set: that in effect.'),
    rates: rates.max(100).default([]).describe('Imports of rates that wait to be applied, by which these groups rate.'), // prettier-ignore
    note: z.string().max(1000).default('').describe('Kept with it.'),
  }),
  ReratingReversalRequest: z.strictObject({ note: z.string().max(1000).default('') }),
};

export type ReratingView = z.output<typeof rerating>;
export type ReratingDetailView = z.output<(typeof reratingSchemas)['ReratingDetail']>;
export type ReratingLineView = z.output<typeof line>;
export type ReratingRequest = z.output<(typeof reratingSchemas)['ReratingRequest']>;

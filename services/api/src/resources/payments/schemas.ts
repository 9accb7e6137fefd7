import { z } from 'zod';
import { amount } from '../money.ts';
import { time } from '../times.ts';

/** What a payment may be: money that came, that was added beforehand, that was given back, or a mistake that is put right. */
export const paymentKind = z.enum(['payment', 'recharge', 'refund', 'correction']);

const payment = z.object({
  account: z.string(),
  at: time,
  amount: amount.describe('Exact decimal; negative took money off.'),
  currency: z.string(),
  kind: paymentKind,
  reference: z.string(),
  note: z.string(),
  bookedBy: z.string().describe('Empty where the version before booked it.'),
  balanceAfter: amount.nullable().describe('Null where the version before booked it.'),
});

const statementLine = z.object({
  at: time.describe('Of the calls of a day: its first moment (UTC), or that of the statement.'),
  kind: z.enum([
    'opening',
    'calls',
    'adjustments',
    ...paymentKind.options,
    'invoice',
    'credit-note',
  ]),
  amount,
  balance: amount.describe('After this line.'),
  entries: z.int().describe('How many of the ledger it stands for.'),
  reference: z.string(),
  note: z.string(),
});

const statement = z.object({
  account: z.string(),
  currency: z.string(),
  from: time,
  until: time,
  openingBalance: amount,
  closingBalance: amount,
  isCut: z.boolean().describe('There are more lines: ask for a shorter time.'),
  lines: z.array(statementLine),
});

/** The named shapes of this resource. */
export const paymentSchemas = {
  PaymentEntry: payment,
  PaymentList: z.object({ payments: z.array(payment), nextCursor: z.string().nullable() }),
  StatementLine: statementLine,
  Statement: statement,
};

export type PaymentView = z.output<typeof payment>;
export type StatementView = z.output<typeof statement>;

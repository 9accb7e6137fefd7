import { z } from 'zod';
import { amount } from '../money.ts';
import { paymentKind } from '../payments/schemas.ts';

const account = z.object({
  name: z.string(),
  type: z.string(),
  status: z.string(),
  balance: amount.nullable().describe('Sum of the ledger; null before its first entry.'),
  overdraft: amount,
  minimumBalance: amount
    .nullable()
    .describe('An alarm is raised once the balance is at it, or below; null: none is (BILL-10).'),
  billing: z.string().describe('prepaid or postpaid.'),
  currency: z.string(),
  rateGroup: z.string().nullable(),
  validUntil: z.string().nullable(),
  parent: z.string().nullable().describe('The reseller that it is under.'),
  timeZone: z.string().nullable().describe('null: that of whoever invoices it.'),
  lineLimit: z.int().describe('0: no limit.'),
  callsPerSecond: z.int().describe('0: no limit.'),
  ledgerEntries: z.int(),
});

const payment = z.object({
  account,
  isBooked: z.boolean().describe('False: this reference was booked before.'),
});

const paymentRequest = z.strictObject({
  amount: z.string().describe('Decimal text; negative takes money off.'),
  reference: z.string().min(1).max(128).describe('The same reference books once.'),
  note: z.string().max(1000).default(''),
  kind: paymentKind.default('payment'),
  validUntil: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('Until when the account is valid from now on.'),
});

/** The named shapes of this resource. */
export const accountSchemas = {
  Account: account,
  AccountWithChildren: account.extend({
    children: z.array(z.string()).describe('Accounts that it is the reseller of.'),
  }),
  AccountList: z.object({ accounts: z.array(account) }),
  Payment: payment,
  PaymentRequest: paymentRequest,
};

export type AccountView = z.output<typeof account>;
export type PaymentRequest = z.output<typeof paymentRequest>;

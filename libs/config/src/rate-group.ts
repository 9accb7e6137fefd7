import { z } from 'zod';
import { currency, money, name, prefix, wholeNumber } from './fields.ts';

const rate = z.strictObject({
  prefix,
  pricePerMinute: money('not-negative'),
  firstIncrement: wholeNumber(1, 3600).default(60).describe('Seconds.'),
  nextIncrement: wholeNumber(1, 3600).default(60).describe('Seconds.'),
  connectionFee: money('not-negative').default('0'),
  freeSeconds: wholeNumber(0, 86400).default(0),
  effectiveFrom: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('Calls that begin from then on have this rate. Not set: since ever.'),
  effectiveUntil: z.iso
    .datetime({ offset: true })
    .optional()
    .describe(
      'Calls that begin then have it no more. Not set: for ever. A prefix may have several rates whose times do not overlap.',
    ),
});

/** What calls are charged by, by prefix (BILL-02). */
export const rateGroup = z.strictObject({
  name,
  currency,
  sheet: z
    .literal(true)
    .optional()
    .describe(
      'Its rates are imported as sheets, with versions of their own, and no part of the document (BILL-02). Set by the first import.',
    ),
  rates: z.array(rate).default([]),
});

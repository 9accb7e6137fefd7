import { parseMoney } from '@tandem/domain';
import { z } from 'zod';
import { entriesOf } from './blocks.ts';
import type { Block, Report } from './blocks.ts';
import { money } from './fields.ts';

const MOST_PERCENT = parseMoney('100');
const LEAST_PERCENT = parseMoney('-10000');
const EXPECTED = 'a percentage from "-10000" to "100" in quotes, such as "12.5" or "-5"';

/** Of a customer, and of gateways on either side (BILL-08). */
export const profitTerms = {
  lowestProfit: z
    .string()
    .superRefine((value, context) => {
      const percent = /^-?\d{1,5}(\.\d{1,6})?$/.test(value) ? parseMoney(value) : undefined;
      if (percent !== undefined && percent <= MOST_PERCENT && percent >= LEAST_PERCENT) return;
      const message = `is ${JSON.stringify(value)}, must be ${EXPECTED}`;
      context.addIssue({ code: 'custom', message });
    })
    .optional()
    .describe(
      'Least profit of a call in per cent of the price a minute, may be negative: gateways that leave less are left out (ROUTE-11). Of the calling side that of the mapping gateway, else of its account; with the routing gateway’s the higher.',
    ),
  highestPricePerMinute: money('not-negative').optional(),
};

export const highestPrice = {
  customer: profitTerms.highestPricePerMinute.describe(
    'What its calls may cost it a minute at most: dearer ones are refused (BILL-08).',
  ),
  vendor: profitTerms.highestPricePerMinute.describe(
    'What it may cost a minute at most: for dearer numbers it is left out (BILL-08).',
  ),
};

/** BILL-08: of a vendor nobody asks for these. */
export function checkProfit(document: Block, report: Report): void {
  for (const { path, block } of entriesOf(document, 'accounts')) {
    if (block['type'] !== 'vendor') continue;
    for (const key of ['lowestProfit', 'highestPricePerMinute']) {
      if (block[key] === undefined) continue;
      report([...path, key], 'has no effect at a vendor: set it at its routing gateways');
    }
  }
}

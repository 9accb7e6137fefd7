import type { PrefixChange, RateTerms, TimedRates } from '@tandem/config';
import type { RateField } from './rate-columns.ts';

/** What an export is headed by: an import takes it as it is. */
const COLUMNS = ['prefix', 'pricePerMinute', 'firstIncrement', 'nextIncrement', 'connectionFee', 'freeSeconds', 'effectiveFrom', 'effectiveUntil'] as const satisfies readonly RateField[]; // prettier-ignore

export const RATES_HEADING = `${COLUMNS.join(',')}\n`;

/** The lines of a prefix. No field needs quotes. */
export function rateLines(prefix: string, rates: TimedRates): string {
  let lines = '';
  for (const rate of rates) lines += `${written(prefix)},${termsLine(rate)}\n`;
  return lines;
}

const TERMS = COLUMNS.slice(1) as readonly Exclude<(typeof COLUMNS)[number], 'prefix'>[];

function termsLine(rate: RateTerms): string {
  return TERMS.map((column) => String(rate[column] ?? '')).join(',');
}

/** What the list of changes is headed by. */
export const CHANGES_HEADING =
  'change,prefix,from,priceBefore,priceAfter,incrementsBefore,incrementsAfter,connectionFeeBefore,connectionFeeAfter,freeSecondsBefore,freeSecondsAfter\n';

/** A line of it. */
export function changeLine({ after, before, fromMs, kind, prefix }: PrefixChange): string {
  const both = (text: (rate: RateTerms) => string): string =>
    [before, after].map((rate) => (rate === undefined ? '' : text(rate))).join(',');
  return [
    kind,
    written(prefix),
    fromMs === -Infinity ? '' : new Date(fromMs).toISOString(),
    both((rate) => rate.pricePerMinute),
    both((rate) => `${String(rate.firstIncrement)}/${String(rate.nextIncrement)}`),
    both((rate) => rate.connectionFee),
    `${both((rate) => String(rate.freeSeconds))}\n`,
  ].join(',');
}

function written(prefix: string): string {
  return prefix === '' ? 'any' : prefix;
}

import { formatMoney } from '@tandem/domain';
import { cdrRateColumns } from './cdr-csv.ts';
import type { CdrTexts } from './cdr-csv.ts';
import { readLevels } from './cdr-levels.ts';
import { toldRatesOf } from './told-rates.ts';
import type { ToldRates } from './told-rates.ts';

/**
 * By whose rates a call was charged, and what resellers owe for it: the texts of `cdrRateColumns`.
 * @param kept the column `levels`, read as JSON; null = none
 * @param terms of the customer, encoded tandem.billing.v1.Terms; those that cannot be read, and none, tell no rates
 */
export function rateTexts(kept: unknown, terms: Uint8Array): CdrTexts {
  const rates = ratesOf(terms);
  if (rates === undefined && kept === null) return NONE;
  const levels = readLevels(kept).flatMap(({ account, price }, at) => [account, formatMoney(price), rates?.resellers[at] ?? null]); // prettier-ignore
  const told = [rates?.rateGroup, orNone(rates?.rateSheetVersion), orNone(rates?.configurationVersion), ...levels]; // prettier-ignore
  return cdrRateColumns.map((_name, at) => told[at] ?? null);
}

const NONE: CdrTexts = cdrRateColumns.map(() => null);

function ratesOf(terms: Uint8Array): ToldRates | undefined {
  try {
    return terms.length === 0 ? undefined : toldRatesOf(terms);
  } catch {
    return undefined;
  }
}

/** A version 0 is none. */
function orNone(version = 0): string | null {
  return version === 0 ? null : String(version);
}

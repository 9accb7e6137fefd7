import { callSeconds, charge, formatMoney, parseMoney } from '@tandem/domain';
import type { Nanos } from '@tandem/domain';
import type { Rate } from './rating.ts';

/** What one reseller above the customer owes for a call (BILL-01). */
export interface CdrLevel {
  readonly account: string;
  readonly price: Nanos;
  readonly currency: string;
  readonly billedSeconds: number;
  /** Of its rate. */
  readonly prefix: string;
}

/** A level with whether its money was reserved (BILL-05). */
export interface ChargedLevel extends CdrLevel {
  readonly isReserving: boolean;
}

/**
 * What each reseller owes by its rate, from the one next to the customer on up.
 * @param lastedMs undefined = never answered: nothing, and it is told all the same whose call it was
 */
export function levelsOf(
  resellers: readonly Rate[],
  lastedMs: number | undefined,
): readonly ChargedLevel[] {
  return resellers.map((rate) => {
    const { account, currency, isReserving, prefix } = rate;
    const { billedSeconds, price } =
      lastedMs === undefined
        ? { billedSeconds: 0, price: 0n }
        : charge(rate, callSeconds(lastedMs, rate.rounding));
    return { account, currency, isReserving, prefix, billedSeconds, price };
  });
}

/** As the CDR keeps them: '' where there are none. */
export function writeLevels(levels: readonly CdrLevel[]): string {
  if (levels.length === 0) return '';
  return JSON.stringify(
    levels.map(({ account, billedSeconds, currency, prefix, price }) => ({
      account,
      price: formatMoney(price),
      currency,
      billedSeconds,
      prefix,
    })),
  );
}

/** @param kept what `writeLevels` has written, read as JSON; null = none */
export function readLevels(kept: unknown): readonly CdrLevel[] {
  if (!Array.isArray(kept)) return [];
  return (kept as readonly KeptLevel[]).map((level) => ({
    ...level,
    price: parseMoney(level.price),
  }));
}

type KeptLevel = Omit<CdrLevel, 'price'> & { readonly price: string };

import type { Rate } from '@tandem/config';
import { incrementsOf, parseMoney } from '@tandem/domain';
import type { Nanos, SecondsRounding, Tariff } from '@tandem/domain';
import type { SliceTerms } from '@tandem/limits';
import { Terms } from '@tandem/proto/billing';
import type { Level } from './levels.ts';
import type { AccountEntry, RateMatch } from './routing-tables.ts';

/** Entries after which a memo is begun anew: it holds what calls ask for now, not every rate there is. */
const MOST_ENTRIES = 20_000;

interface BalanceSlices {
  readonly leastNanos: Nanos;
  readonly slices: SliceTerms;
}

/**
 * Remembers what follows from a rate: a call looks at a dozen vendors, and the same rates come again with every
 * call. Changes nothing in what is answered.
 */
export class RateMemo {
  readonly #version: number;
  readonly #rounding: SecondsRounding;
  readonly #sliceSeconds: number;
  readonly #tariffs = new Map<Rate, Tariff>();
  readonly #slices = new Map<Rate, BalanceSlices>();
  readonly #terms = new Map<Rate, Map<AccountEntry, Uint8Array>>();
  #numberOfTerms = 0;

  /**
   * @param version of the configuration, which the terms name
   * @param rounding SERVER_BILLING_ROUND, which holds for a call as it was when the call was routed (BILL-11)
   * @param sliceSeconds SERVER_BALANCE_SLICE
   */
  constructor(version: number, rounding: SecondsRounding, sliceSeconds: number) {
    this.#version = version;
    this.#rounding = rounding;
    this.#sliceSeconds = sliceSeconds;
  }

  /** What a call costs at least, and by what it reserves more (BILL-05). */
  slices(rate: Rate): BalanceSlices {
    let known = this.#slices.get(rate);
    if (known === undefined) {
      const { leastNanos, ...increments } = incrementsOf(this.tariff(rate));
      const fixed = { rounding: this.#rounding, sliceSeconds: this.#sliceSeconds };
      known = { leastNanos, slices: { ...increments, ...fixed } };
      if (this.#slices.size >= MOST_ENTRIES) this.#slices.clear();
      this.#slices.set(rate, known);
    }
    return known;
  }

  /** What the rate's texts amount to. */
  tariff(rate: Rate): Tariff {
    let tariff = this.#tariffs.get(rate);
    if (tariff === undefined) {
      tariff = tariffOf(rate);
      if (this.#tariffs.size >= MOST_ENTRIES) this.#tariffs.clear();
      this.#tariffs.set(rate, tariff);
    }
    return tariff;
  }

  /** What billing charges the call by, fixed now: tandem.billing.v1.Terms. */
  terms(account: AccountEntry, match: RateMatch): Uint8Array {
    const known = this.#terms.get(match.rate)?.get(account);
    if (known !== undefined) return known;
    const terms = Terms.encode(termsOf(account, match, this.#fixed)).finish();
    if (this.#numberOfTerms >= MOST_ENTRIES) {
      this.#terms.clear();
      this.#numberOfTerms = 0;
    }
    const byAccount = this.#terms.get(match.rate) ?? new Map<AccountEntry, Uint8Array>();
    this.#terms.set(match.rate, byAccount.set(account, terms));
    this.#numberOfTerms += 1;
    return terms;
  }

  /** The same of a customer's call, with what its resellers owe for it (BILL-01). */
  customerTerms(levels: readonly Level[]): Uint8Array {
    const [own, ...above] = levels.flatMap(({ account, rate }) =>
      rate === undefined ? [] : [{ account, rate }],
    );
    if (own === undefined) return new Uint8Array();
    if (above.length === 0) return this.terms(own.account, own.rate);
    const resellers = above.map(({ account, rate }) => termsOf(account, rate, this.#fixed));
    const terms = { ...termsOf(own.account, own.rate, this.#fixed), resellers };
    return Terms.encode(terms).finish();
  }

  get #fixed(): Pick<Terms, 'configurationVersion' | 'rounding'> {
    return { configurationVersion: this.#version, rounding: this.#rounding };
  }
}

function termsOf(
  account: AccountEntry,
  { group, prefix, rate }: RateMatch,
  fixed: Pick<Terms, 'configurationVersion' | 'rounding'>,
): Terms {
  return Terms.create({
    account: account.name,
    rateGroup: group.name,
    rateSheetVersion: group.sheetVersion,
    prefix,
    currency: group.currency,
    pricePerMinute: rate.pricePerMinute,
    firstIncrementSeconds: rate.firstIncrement,
    nextIncrementSeconds: rate.nextIncrement,
    connectionFee: rate.connectionFee,
    freeSeconds: rate.freeSeconds,
    reserving: account.isPrepaid,
    ...fixed,
  });
}

/** What the texts of a rate amount to. */
export function tariffOf(rate: Rate): Tariff {
  return {
    pricePerMinute: parseMoney(rate.pricePerMinute),
    connectionFee: parseMoney(rate.connectionFee),
    firstIncrementSeconds: rate.firstIncrement,
    nextIncrementSeconds: rate.nextIncrement,
    freeSeconds: rate.freeSeconds,
  };
}

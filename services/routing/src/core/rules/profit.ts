import { decided, formatMoney, parseMoney } from '@tandem/domain';
import type { DecisionRecord, Nanos } from '@tandem/domain';
import type { RateMatch, GatewayEntry } from '../routing-tables.ts';
import type { RateMemo } from '../rate-memo.ts';
import type { BarredAt } from './barred-at.ts';

/** What is least to be earned, and most to be paid (BILL-08). */
export interface ProfitTerms {
  /** Per cent of the price, in 1e-9. */
  readonly lowestProfit: Nanos | undefined;
  /** A minute. */
  readonly highestPrice: Nanos | undefined;
}

/** The paying side of a call. */
export interface Payer {
  /** Of the mapping gateway, else of its account. */
  readonly lowestProfit: Nanos | undefined;
  /** The customer's; undefined where there is none: nothing is compared. */
  readonly rate: RateMatch | undefined;
  /** The route policy lets calls cost more than they bring. */
  readonly mayLose: boolean;
}

export type ProfitBarrier =
  /** ROUTE-11: the call would bring too little, or nobody can say what. */
  | {
      readonly kind: 'profit-too-low';
      readonly price: string;
      readonly cost: string;
      readonly profit: string;
      readonly lowestProfit: string;
    }
  /** BILL-08: it would cost more a minute than it may. */
  | { readonly kind: 'cost-too-high'; readonly cost: string; readonly highest: string };

export function profitTermsOf(settings: {
  readonly lowestProfit?: string | undefined;
  readonly highestPricePerMinute?: string | undefined;
}): ProfitTerms {
  const { lowestProfit, highestPricePerMinute: highest } = settings;
  return {
    lowestProfit: lowestProfit === undefined ? undefined : parseMoney(lowestProfit),
    highestPrice: highest === undefined ? undefined : parseMoney(highest),
  };
}

/**
 * ROUTE-11: what a gateway costs a minute, against what the call brings. Where that cannot be compared, as with two currencies or
 * a vendor without a rate, a profit that is asked for is not given; without one the gateway stays.
 * @param cost the vendor's rate for the number; undefined where it has none
 */
export function profitBarrier(
  gateway: Pick<GatewayEntry, 'account' | 'profit'>,
  cost: RateMatch | undefined,
  { payer, memo }: { readonly payer: Payer; readonly memo: RateMemo },
): ProfitBarrier | undefined {
  const highest = gateway.profit?.highestPrice;
  if (highest !== undefined && cost !== undefined && perMinute(cost, memo) > highest) {
    return { kind: 'cost-too-high', cost: textOf(cost), highest: formatMoney(highest) };
  }
  const asked = highestOf(payer.lowestProfit, gateway.profit?.lowestProfit);
  const lowest = asked ?? (payer.mayLose ? undefined : 0n);
  const { rate } = payer;
  if (lowest === undefined || rate === undefined) return undefined;
  const price = perMinute(rate, memo);
  const paid = paidIn(rate.group.currency, { gateway, cost, memo });
  const isEnough =
    paid === undefined ? asked === undefined : (price - paid) * HUNDRED >= lowest * price;
  if (isEnough) return undefined;
  return {
    kind: 'profit-too-low',
    price: textOf(rate),
    cost: cost === undefined ? 'not known' : textOf(cost),
    profit: profitText(price, paid),
    lowestProfit: `${formatMoney(lowest)} %`,
  };
}

/** What the vendor gets a minute; undefined where that is not known in this currency. */
function paidIn(
  currency: string,
  {
    gateway,
    cost,
    memo,
  }: {
    readonly gateway: Pick<GatewayEntry, 'account'>;
    readonly cost: RateMatch | undefined;
    readonly memo: RateMemo;
  },
): Nanos | undefined {
  if (gateway.account?.rateGroup === undefined) return 0n;
  return cost?.group.currency === currency ? perMinute(cost, memo) : undefined;
}

/** Of the price, with two digits; what is beyond them is cut off. */
function profitText(price: Nanos, paid: Nanos | undefined): string {
  if (paid === undefined) return 'not known';
  if (price === 0n) return 'a loss';
  const HUNDREDTH = 10_000_000n;
  return `${formatMoney((((price - paid) * HUNDRED) / price / HUNDREDTH) * HUNDREDTH)} %`;
}

/** 100 % of terms, in 1e-9. */
const HUNDRED = parseMoney('100');

function highestOf(a: Nanos | undefined, b: Nanos | undefined): Nanos | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a > b ? a : b;
}

function perMinute({ rate }: RateMatch, memo: RateMemo): Nanos {
  return memo.tariff(rate).pricePerMinute;
}

function textOf({ rate, group }: RateMatch): string {
  return `${rate.pricePerMinute} ${group.currency}`;
}

export function profitDecision(
  barrier: ProfitBarrier,
  { subject, prefix, atMs }: BarredAt,
): DecisionRecord {
  if (barrier.kind === 'cost-too-high') {
    const { cost, highest } = barrier;
    return decided('cost-too-high', { subject, facts: { prefix, cost, highest }, atMs });
  }
  const { price, cost, profit, lowestProfit } = barrier;
  const facts = { prefix, price, cost, profit, lowestProfit };
  return decided('profit-too-low', { subject, facts, atMs });
}

/** BILL-08: the customer's price a minute is above what it may be, for its account or the gateway that calls; undefined where it is not. */
export function priceTooHigh(
  limits: readonly { readonly subject: string; readonly highest: Nanos | undefined }[],
  rate: RateMatch | undefined,
  { memo, atMs }: { readonly memo: RateMemo; readonly atMs: number },
): DecisionRecord | undefined {
  if (rate === undefined) return undefined;
  const price = perMinute(rate, memo);
  const passed = limits.find(({ highest }) => highest !== undefined && price > highest);
  if (passed?.highest === undefined) return undefined;
  const { subject, highest } = passed;
  const facts = { price: textOf(rate), highest: formatMoney(highest) };
  return decided('price-too-high', { subject, facts, atMs });
}

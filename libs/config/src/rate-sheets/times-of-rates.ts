import { parseMoney } from '@tandem/domain';
import type { RateTerms } from '../packed-lists.ts';

/** The rates of one prefix, by their times, which do not overlap (BILL-02). */
export type TimedRates = readonly RateTerms[];

/** When a rate is in effect, in ms: from the first moment on, and no more at the last. */
export function timesOfRate({ effectiveFrom, effectiveUntil }: RateTerms): {
  readonly fromMs: number;
  readonly untilMs: number;
} {
  return {
    fromMs: effectiveFrom === undefined ? -Infinity : Date.parse(effectiveFrom),
    untilMs: effectiveUntil === undefined ? Infinity : Date.parse(effectiveUntil),
  };
}

/** The one that is in effect; undefined where none is. */
export function rateAt(rates: TimedRates, atMs: number): RateTerms | undefined {
  return rates.find((rate) => {
    const { fromMs, untilMs } = timesOfRate(rate);
    return fromMs <= atMs && atMs < untilMs;
  });
}

/**
 * The rates of a prefix once others hold in their times: of what was there the rest stays, on both sides of them. Neighbours in time that
 * say the same become one, so that a sheet that changes nothing leaves the rates as they were.
 * @param next what holds in its times, or that nothing does from a moment on
 */
export function overlay(
  rates: TimedRates,
  next: readonly (RateTerms | { readonly gone: true; readonly fromMs: number })[],
): TimedRates {
  let pieces = [...rates];
  for (const each of next) {
    const isGone = 'gone' in each;
    const { fromMs, untilMs } = isGone ? { ...each, untilMs: Infinity } : timesOfRate(each);
    pieces = pieces.flatMap((rate) => outside(rate, fromMs, untilMs));
    if (!isGone) pieces.push(each);
  }
  return joined(pieces);
}

/** What of its rates a prefix keeps once those are forgotten that were over before. */
export function withoutHistory(rates: TimedRates, beforeMs: number): TimedRates {
  const isOver = (rate: RateTerms): boolean => timesOfRate(rate).untilMs <= beforeMs;
  return rates.some(isOver) ? rates.filter((rate) => !isOver(rate)) : rates;
}

/** What becomes of a prefix. */
export type RateChangeKind = 'new' | 'dearer' | 'cheaper' | 'other' | 'gone';

/** The first moment at which the rates of a prefix are others, and what holds there. */
export interface RateChange {
  readonly kind: RateChangeKind;
  /** -Infinity: since ever. */
  readonly fromMs: number;
  readonly before: RateTerms | undefined;
  readonly after: RateTerms | undefined;
}

/** How the rates of a prefix change; undefined where they stay the same at every moment. */
export function rateChange(before: TimedRates, after: TimedRates): RateChange | undefined {
  const moments = new Set([-Infinity]);
  for (const rate of [...before, ...after]) {
    const { fromMs, untilMs } = timesOfRate(rate);
    moments.add(fromMs).add(untilMs);
  }
  for (const fromMs of [...moments].sort((a, b) => a - b)) {
    const [was, is] = [rateAt(before, fromMs), rateAt(after, fromMs)];
    if (!isSamePrice(was, is)) return { kind: kindOf(was, is), fromMs, before: was, after: is };
  }
  return undefined;
}

function kindOf(was: RateTerms | undefined, is: RateTerms | undefined): RateChangeKind {
  if (was === undefined) return 'new';
  if (is === undefined) return 'gone';
  const [old, next] = [parseMoney(was.pricePerMinute), parseMoney(is.pricePerMinute)];
  if (old === next) return 'other';
  return next > old ? 'dearer' : 'cheaper';
}

function outside(rate: RateTerms, fromMs: number, untilMs: number): RateTerms[] {
  const own = timesOfRate(rate);
  if (own.untilMs <= fromMs || untilMs <= own.fromMs) return [rate];
  const left: RateTerms[] = [];
  if (own.fromMs < fromMs) left.push(during(rate, own.fromMs, fromMs));
  if (untilMs < own.untilMs) left.push(during(rate, untilMs, own.untilMs));
  return left;
}

function joined(pieces: readonly RateTerms[]): TimedRates {
  const sorted = [...pieces].sort((a, b) => timesOfRate(a).fromMs - timesOfRate(b).fromMs);
  const rates: RateTerms[] = [];
  for (const piece of sorted) {
    const last = rates.at(-1);
    if (last === undefined || !isSamePrice(last, piece)) rates.push(piece);
    else {
      const [one, other] = [timesOfRate(last), timesOfRate(piece)];
      if (one.untilMs === other.fromMs)
        rates[rates.length - 1] = during(last, one.fromMs, other.untilMs); // prettier-ignore
      else rates.push(piece);
    }
  }
  return rates;
}

/** The same in other times; its keys always in one order, so that the same text stands for the same terms. */
function during(rate: RateTerms, fromMs: number, untilMs: number): RateTerms {
  const { connectionFee, firstIncrement, freeSeconds, nextIncrement, pricePerMinute } = rate;
  return {
    pricePerMinute,
    firstIncrement,
    nextIncrement,
    connectionFee,
    freeSeconds,
    ...(fromMs === -Infinity ? {} : { effectiveFrom: new Date(fromMs).toISOString() }),
    ...(untilMs === Infinity ? {} : { effectiveUntil: new Date(untilMs).toISOString() }),
  };
}

function isSamePrice(one: RateTerms | undefined, other: RateTerms | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return (
    one.firstIncrement === other.firstIncrement &&
    one.nextIncrement === other.nextIncrement &&
    one.freeSeconds === other.freeSeconds &&
    isSameAmount(one.pricePerMinute, other.pricePerMinute) &&
    isSameAmount(one.connectionFee, other.connectionFee)
  );
}

function isSameAmount(one: string, other: string): boolean {
  return one === other || parseMoney(one) === parseMoney(other);
}

import { rateOfNumber, type RateSheet } from '@tandem/config';
import {
  USUAL_ROUNDING,
  bareNumber,
  callSeconds,
  charge,
  readTariff,
  roundingOf,
} from '@tandem/domain';
import type { Nanos, SecondsRounding } from '@tandem/domain';
import { decodeCallEvent, readCallEventHead } from '@tandem/events';
import { Terms } from '@tandem/proto/billing';
import type { ChargeSide } from '../rerating-ports.ts';
import { durationMs, explainTerms } from '../core/rating.ts';
import type { EventHead } from '../core/received-event.ts';

/** The rates of an account. */
export interface AccountRates {
  /** Undefined where it has no rate group. */
  readonly group: { readonly name: string; readonly currency: string; readonly sheet: RateSheet } | undefined; // prettier-ignore
}

/** A charge of an answered call, as it stands. */
interface StandingCharge {
  readonly side: ChargeSide;
  readonly account: string;
  readonly startedMs: number;
  /** tandem.events.v1.CallEvent. */
  readonly event: Uint8Array;
  /** Its price with what corrected it since. */
  readonly before: Nanos;
  /** Of the account's ledger; '' where nothing was charged yet. */
  readonly currency: string;
}

/** What a call costs by other rates. */
interface RatedCharge {
  /** The number that was rated. */
  readonly callee: string;
  /** Undefined where it finds no rate. */
  readonly after: Nanos | undefined;
  readonly currency: string;
  /** The rate in words, or why there is none. */
  readonly why: string;
}

/**
 * Rates a charge once more: by the rate in effect when the call began, as routing looks it up, for the seconds that it was charged by, as
 * billing charges them (BILL-02, ADR 62). What counted as a second stays: that was promised with the call (BILL-11).
 */
export function rateAgain(charged: StandingCharge, rates: AccountRates): RatedCharge {
  try {
    return rated(charged, rates);
  } catch (error) {
    // A preview must not end at one event that cannot be read.
    const reason = error instanceof Error ? error.message : String(error);
    return { callee: '', after: undefined, currency: charged.currency, why: `its CDR cannot be read: ${reason}` }; // prettier-ignore
  }
}

function rated(charged: StandingCharge, { group }: AccountRates): RatedCharge {
  const { event, startedMs } = charged;
  const head = readCallEventHead(event);
  const callee = ratedNumber(event, head.callee).replaceAll('\0', '').slice(0, LONGEST_NUMBER);
  const none = { callee, after: undefined, currency: charged.currency };
  if (group === undefined) return { ...none, why: 'the account has no rate group' };
  const found = rateOfNumber(group.sheet, callee, startedMs);
  if (found === undefined) return { ...none, why: `no rate for ${callee} in rate group ${group.name}` }; // prettier-ignore
  if (charged.currency !== '' && charged.currency !== group.currency) {
    return { ...none, why: `rate group ${group.name} is in ${group.currency}, the call was charged in ${charged.currency}` }; // prettier-ignore
  }
  const rounding = promisedRounding(head, charged);
  const { prefix, rate } = found;
  const terms = Terms.create({
    rateGroup: group.name,
    prefix,
    currency: group.currency,
    pricePerMinute: rate.pricePerMinute,
    firstIncrementSeconds: rate.firstIncrement,
    nextIncrementSeconds: rate.nextIncrement,
    connectionFee: rate.connectionFee,
    freeSeconds: rate.freeSeconds,
    rounding,
  });
  const { price } = charge(readTariff(terms), callSeconds(durationMs(head), rounding));
  return { callee, after: price, currency: group.currency, why: explainTerms(terms) };
}

/** By the terms of this charge, else by those of the customer: it is the same for all. */
function promisedRounding(
  { customerTerms, vendorTerms }: Pick<EventHead, 'customerTerms' | 'vendorTerms'>,
  { account, side }: StandingCharge,
): SecondsRounding {
  const encoded = side === 'cost' && vendorTerms.length > 0 ? vendorTerms : customerTerms;
  if (encoded.length === 0) return USUAL_ROUNDING;
  try {
    const terms = Terms.decode(encoded);
    const level = side === 'level' ? terms.resellers.find((each) => each.account === account) : undefined; // prettier-ignore
    return roundingOf((level ?? terms).rounding);
  } catch {
    return USUAL_ROUNDING;
  }
}

/** The most that is kept of one. */
const LONGEST_NUMBER = 128;
const NUMBER_CHECK = Buffer.from('number');
const CALLEE = 'callee ';

/**
 * The number between the rules of the calling side and those of the gateway (ADR 61): the decisions tell what it was read as, and what each
 * rule has left. Most calls have none of these, and their events are not read whole.
 */
function ratedNumber(event: Uint8Array, received: string): string {
  const bytes = Buffer.from(event.buffer, event.byteOffset, event.byteLength);
  if (!bytes.includes(NUMBER_CHECK)) return bareNumber(received);
  const told = decodeCallEvent(event).decisions.filter(
    ({ check, facts, result, subject }) =>
      (check === 'number' || check === 'number-rule') &&
      result === 'passed' &&
      subject.startsWith(CALLEE) &&
      !facts.some(({ name }) => name === 'gateway'),
  );
  return bareNumber(told.at(-1)?.subject.slice(CALLEE.length) ?? received);
}

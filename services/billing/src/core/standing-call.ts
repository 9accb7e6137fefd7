import { callSeconds, charge } from '@tandem/domain';
import type { StandingCall } from '@tandem/limits';
import { rateOfBytes } from './known-rates.ts';
import type { EventHead } from './received-event.ts';

/** What such a call has cost is told again well before it costs more. */
const AHEAD_MS = 10_000;

/**
 * What a call that goes on has cost, and will have until it is looked at again (BILL-05).
 * @param head of its `answered` event
 * @returns undefined where it reserves nothing, or its terms cannot be read: it is put aside when it ends
 */
export function standingCall(head: EventHead, nowMs: number): StandingCall | undefined {
  const { answeredMs, callId, customerTerms, originAccount } = head;
  if (customerTerms.length === 0 || answeredMs === 0) return undefined;
  try {
    const rate = rateOfBytes(customerTerms);
    if (!rate.isReserving) return undefined;
    const seconds = callSeconds(nowMs + AHEAD_MS - answeredMs, rate.rounding);
    const { price: amount } = charge(rate, seconds);
    const account = rate.account === '' ? originAccount : rate.account;
    return amount === 0n || account === '' ? undefined : { account, callId, amount };
  } catch {
    return undefined;
  }
}

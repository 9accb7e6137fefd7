import { callSeconds, charge } from '@tandem/domain';
import type { StandingCall } from '@tandem/limits';
import { rateOfBytes } from './known-rates.ts';
import type { EventHead } from './received-event.ts';

/** What such a call has cost is told again well before it costs more. */
const AHEAD_MS = 10_000;

/**
 * What a call that goes on has cost, and will have until it is looked at again (BILL-05): of its account, and of the resellers above it.
 * @param head of its `answered` event
 * @returns nothing of whom reserves nothing, or where its terms cannot be read: it is put aside when it ends
 */
export function standingCalls(head: EventHead, nowMs: number): readonly StandingCall[] {
  const { answeredMs, callId, customerTerms, originAccount } = head;
  if (customerTerms.length === 0 || answeredMs === 0) return [];
  try {
    const own = rateOfBytes(customerTerms);
    return [own, ...own.resellers].flatMap((rate) => {
      if (!rate.isReserving) return [];
      const seconds = callSeconds(nowMs + AHEAD_MS - answeredMs, rate.rounding);
      const { price: amount } = charge(rate, seconds);
      const account = rate.account === '' ? originAccount : rate.account;
      return amount === 0n || account === '' ? [] : [{ account, callId, amount }];
    });
  } catch {
    return [];
  }
}

import type { Cdr } from '@tandem/proto/billing';

/** An attempt at a gateway, and what it came to. */
interface PastAttempt {
  readonly gateway: string;
  readonly account: string;
  readonly isAnswered: boolean;
  /** How long it took until it failed. */
  readonly lastedMs: number;
}

/** A call as it was, as far as a replay needs it. JSON: it is kept so where it came from a file. */
export interface PastCall {
  readonly id: string;
  /** Kind empty: a phone of that name, else a mapping gateway. */
  readonly origin: { readonly kind: string; readonly name: string; readonly account: string };
  readonly caller: string;
  readonly callee: string;
  readonly startMs: number;
  readonly endMs: number;
  /** Of talk, as it was charged; 0 = it was not answered. */
  readonly durationMs: number;
  /** Why it was not answered; empty where it was. */
  readonly reason: string;
  readonly attempts: readonly PastAttempt[];
  /** What the switch earned of it: the topmost account's, as that of a call that is played (ADR 101). Decimals; empty: nothing. */
  readonly price: string;
  readonly currency: string;
  readonly cost: string;
  readonly costCurrency: string;
}

/** The call of a CDR; undefined where the CDR has no event to be read. */
export function pastCallOf(cdr: Cdr): PastCall | undefined {
  const { event } = cdr;
  if (event?.a === undefined || event.origin === undefined) return undefined;
  const { a, attempts, origin, termination } = event;
  const isAnswered = event.answeredMs !== 0;
  return {
    id: cdr.callId,
    origin: { kind: origin.kind, name: origin.name, account: origin.account },
    caller: a.from === '' ? a.caller : a.from,
    callee: a.callee,
    startMs: event.startedMs,
    endMs: Math.max(event.endedMs, event.startedMs),
    // One that was answered and charged to its first moment was a call of a second (BILL-02).
    durationMs: isAnswered ? Math.max(1, cdr.durationMs) : 0,
    reason: isAnswered ? '' : (termination?.reason ?? ''),
    attempts: attempts.map(({ account, endedMs, gateway, startedMs }, at) => ({
      gateway,
      account,
      // The one that was answered is the last.
      isAnswered: isAnswered && at === attempts.length - 1,
      lastedMs: Math.max(0, endedMs - startedMs),
    })),
    price: cdr.levels.at(-1)?.price ?? cdr.price,
    currency: cdr.currency,
    cost: cdr.cost,
    costCurrency: cdr.costCurrency,
  };
}

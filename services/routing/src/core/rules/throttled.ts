import { decided } from '@tandem/domain';
import type { DecisionRecord } from '@tandem/domain';
import type { GatewayEntry } from '../routing-tables.ts';
import type { Throttle, Throttles } from '../throttle/throttles.ts';
import { shareAt } from '../throttle/throttle-step.ts';
import type { BarredAt } from './barred-at.ts';

/** ROUTE-16: the gateway keeps failing, and this call is not among those that it still gets. */
export interface ThrottleBarrier {
  readonly kind: 'gateway-throttled';
  /** Per cent of its calls that it gets. */
  readonly share: number;
  readonly throttle: Throttle;
  /** It is left out of the call, or comes after all others. */
  readonly then: 'out' | 'last';
}

/** How much a gateway is throttled by; undefined: it gets all of its calls. */
export function throttleOf(
  { name, throttle: terms }: Pick<GatewayEntry, 'name' | 'throttle'>,
  throttles: Throttles | undefined,
): Omit<ThrottleBarrier, 'kind'> | undefined {
  const throttle = throttles?.get(name);
  if (throttle === undefined || terms === undefined) return undefined;
  const share = shareAt(throttle.level, terms);
  return share >= 100 ? undefined : { share, throttle, then: terms.isLastResort ? 'last' : 'out' };
}

/**
 * Draws whether a throttled gateway gets a call. By chance, so that no caller and no number is always among those that go elsewhere, and
 * that no pod has to ask another one.
 * @param random in [0, 1), asked where it is throttled
 */
export function throttleBarrier(
  gateway: Pick<GatewayEntry, 'name' | 'throttle'>,
  throttles: Throttles | undefined,
  random: () => number,
): ThrottleBarrier | undefined {
  const found = throttleOf(gateway, throttles);
  if (found === undefined || random() * 100 < found.share) return undefined;
  return { kind: 'gateway-throttled', ...found };
}

/** For people: "25 %". */
export function shareText(share: number): string {
  return `${String(Math.round(share * 10) / 10)} %`;
}

export function throttleDecision(
  { share, then, throttle }: ThrottleBarrier,
  { subject, prefix, atMs }: BarredAt,
): DecisionRecord {
  const { attempts, failed, sinceMs } = throttle;
  const since = new Date(sinceMs).toISOString();
  const facts = { prefix, share: shareText(share), attempts, failed, since, then };
  return decided('gateway-throttled', { subject, facts, atMs });
}

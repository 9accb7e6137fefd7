import type { ReplayedCandidate, ReplayedRoute } from '@tandem/proto/routing';
import type { Claim, LinesInUse } from './lines-in-use.ts';
import type { PastCall } from './past-call.ts';

/** What a call comes to in a replay. */
export interface PlayedCall {
  /**
   * `answered`, `failed` at a gateway as it did then, `refused` by the switch; `open`: it would be sent to a gateway, and nobody knows what
   * comes of it, since then it was sent to none.
   */
  readonly kind: 'answered' | 'failed' | 'refused' | 'open';
  /** Of `failed` and `refused`. */
  readonly reason: string;
  /** Of the gateway at which it ended; empty: it came to none. */
  readonly gateway: string;
  readonly account: string;
  /** Decimals; empty: nothing. Of answered calls alone. */
  readonly price: string;
  readonly currency: string;
  readonly cost: string;
  readonly costCurrency: string;
  /** Gateways that it was sent to, in their order; the last one is `gateway`. */
  readonly tried: readonly string[];
}

/** All calls that are routed: no limit has this key. */
const SWITCH: Claim = { key: 'switch', limit: 0, perSecond: false, reserved: 0 };

/**
 * Plays a call as it was by a route of now: a gateway that failed with it fails again, one that answered answers again, and so does one that
 * was not asked then, where the call was answered at all. Limits are kept by `lines`, which have the calls that began before it.
 */
export function playCall(call: PastCall, route: ReplayedRoute, lines: LinesInUse): PlayedCall {
  const { startMs } = call;
  lines.goTo(startMs);
  if (route.reason !== '') return ended('refused', { reason: route.reason });
  const full = lines.full(route.fixed, startMs);
  if (full !== undefined) {
    return ended('refused', { reason: full.perSecond ? 'CpsLimitExceeded' : 'LineLimitExceeded' });
  }
  const played = tryCandidates(call, route, lines);
  // A call that no gateway takes takes nothing of the calling side either.
  if (played.kind !== 'refused') lines.take([SWITCH, ...route.fixed], startMs, call.endMs);
  return played;
}

function tryCandidates(call: PastCall, route: ReplayedRoute, lines: LinesInUse): PlayedCall {
  const { startMs } = call;
  const most = route.attemptLimit === 0 ? Infinity : route.attemptLimit;
  const failed = new Map(call.attempts.flatMap(({ gateway, isAnswered, lastedMs }) => isAnswered ? [] : [[gateway, lastedMs]])); // prettier-ignore
  const tried: string[] = [];
  for (const candidate of route.candidates) {
    if (tried.length >= most) break;
    if (lines.full(candidate.claims, startMs) !== undefined) continue;
    tried.push(candidate.gateway);
    const lastedMs = failed.get(candidate.gateway);
    if (lastedMs === undefined || hasEnded(call, candidate)) {
      lines.take(candidate.claims, startMs, call.endMs);
      return outcomeAt(call, route, { candidate, tried });
    }
    lines.take(candidate.claims, startMs, startMs + lastedMs);
  }
  if (tried.length === 0) return ended('refused', { reason: 'AllGatewayBusy' });
  // Nobody knows how a call that was answered elsewhere would have ended at the last of them: as most do, by its gateway's fault.
  const reason = call.reason === '' ? 'AllGatewayBusy' : call.reason;
  return ended('failed', { reason, gateway: tried.at(-1) ?? '', tried });
}

/** The gateway at which a call failed for good: the switch went no further then. */
function hasEnded({ attempts, durationMs }: PastCall, { gateway }: ReplayedCandidate): boolean {
  return durationMs === 0 && attempts.at(-1)?.gateway === gateway;
}

function outcomeAt(
  call: PastCall,
  { currency, price }: ReplayedRoute,
  {
    candidate,
    tried,
  }: { readonly candidate: ReplayedCandidate; readonly tried: readonly string[] },
): PlayedCall {
  const { account, gateway } = candidate;
  if (call.durationMs > 0) {
    const { cost, currency: costCurrency } = candidate;
    return { kind: 'answered', reason: '', gateway, account, price, currency, cost, costCurrency, tried }; // prettier-ignore
  }
  const isKnown = call.attempts.length > 0;
  return ended(isKnown ? 'failed' : 'open', { reason: isKnown ? call.reason : '', gateway, account, tried }); // prettier-ignore
}

/** What happened then, in the same words. */
export function asItWas(call: PastCall): PlayedCall {
  const last = call.attempts.at(-1);
  const tried = call.attempts.map(({ gateway }) => gateway);
  const { cost, costCurrency, currency, price, reason } = call;
  const at = { gateway: last?.gateway ?? '', account: last?.account ?? '', tried };
  if (call.durationMs > 0) {
    return { kind: 'answered', reason: '', ...at, price, currency, cost, costCurrency };
  }
  return ended(last === undefined ? 'refused' : 'failed', { reason, ...at });
}

function ended(kind: PlayedCall['kind'], parts: Partial<PlayedCall>): PlayedCall {
  return { kind, reason: '', gateway: '', account: '', price: '', currency: '', cost: '', costCurrency: '', tried: [], ...parts }; // prettier-ignore
}

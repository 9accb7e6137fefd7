import { decided, prefixName } from '@tandem/domain';
import type { DecisionRecord, ReasonOf } from '@tandem/domain';
import { unresolvedName } from '@tandem/sip-names';
import { gatewaySubject } from './gateway-subject.ts';
import { offlinePlaces } from './health/offline-places.ts';
import { restOf } from './rests.ts';
import { isNumberBarrier, numberBarrierDecision } from './number-barriers.ts';
import type { NumberBarrier } from './number-barriers.ts';
import type { Moment, Unregistered, Whereabouts } from './rests.ts';
import type { AccountEntry, GatewayEntry } from './routing-tables.ts';
import { fundsBarrier } from './rules/vendor-funds.ts';
import { isRuleBarrier, ruleDecision } from './rules/rule-barrier.ts';
import type { RuleBarrier } from './rules/rule-barrier.ts';
import { scheduleBarrier } from './rules/schedule.ts';

/** What keeps a gateway from a call, whatever its lines. */
export type Barrier =
  /** ROUTE-03: `longestPrefix` matches better. */
  | { readonly kind: 'gateway-for-longest-prefix'; readonly longestPrefix: string }
  | { readonly kind: 'gateway-locked' }
  /** CALL-02: no address is known for its name. */
  | { readonly kind: 'name-unresolved'; readonly name: string; readonly cause: string }
  /** ROUTE-06: its carrier has asked for it. */
  | {
      readonly kind: 'gateway-resting';
      readonly retryAfter: number;
      readonly secondsLeft: number;
      readonly callId: string;
    }
  /** ROUTE-02: it is dynamic, and nowhere. */
  | { readonly kind: 'gateway-not-registered'; readonly goneMs: number; readonly fault?: string }
  /** REG-08: it does not have our registration. */
  | ({ readonly kind: 'registration-lacking' } & Unregistered)
  /** ROUTE-07: none of its addresses answers OPTIONS. */
  | {
      readonly kind: 'gateway-offline';
      readonly sinceMs: number;
      readonly last: string;
      readonly addresses: string;
    }
  | { readonly kind: 'vendor-locked'; readonly account: string }
  | { readonly kind: 'vendor-expired'; readonly account: string; readonly validUntil: string }
  /** CALL-12: it cannot be relied on to keep what the caller withholds. */
  | { readonly kind: 'gateway-not-trusted'; readonly privacy: string }
  /** RFC 5630: no sips URI of it can be called. */
  | { readonly kind: 'gateway-not-secure'; readonly reached: string }
  | NumberBarrier
  | RuleBarrier;

export function barrierOf(
  gateway: GatewayEntry,
  longestPrefix: string | undefined,
  at: Moment,
): Barrier | undefined {
  // ROUTE-03: never in place of a longer prefix.
  if (gateway.isOnlyForLongestPrefix && longestPrefix !== undefined) {
    return { kind: 'gateway-for-longest-prefix', longestPrefix: prefixName(longestPrefix) };
  }
  if (gateway.isLocked) return { kind: 'gateway-locked' };
  const shut = scheduleBarrier(gateway, at.nowMs);
  if (shut !== undefined) return shut;
  const rest = restOf(gateway.name, at);
  if (rest !== undefined) {
    const { seconds: retryAfter, untilMs, callId } = rest;
    const secondsLeft = Math.ceil((untilMs - at.nowMs) / 1000);
    return { kind: 'gateway-resting', retryAfter, secondsLeft, callId };
  }
  const lacking = gateway.needsRegistration ? at.unregistered?.get(gateway.name) : undefined;
  if (lacking !== undefined) return { kind: 'registration-lacking', ...lacking };
  const vendor = gateway.account;
  const barrier = vendor === undefined ? undefined : vendorBarrier(vendor, at);
  return barrier ?? placeBarrier(gateway, at);
}

function placeBarrier(gateway: GatewayEntry, at: Moment): Barrier | undefined {
  const { isDynamic, name: own, places } = gateway;
  return isDynamic
    ? registrationBarrier(at.whereabouts?.get(own))
    : (nameBarrier(places) ?? offlineBarrier(gateway, at));
}

function offlineBarrier(gateway: GatewayEntry, at: Moment): Barrier | undefined {
  const offline = offlinePlaces(gateway, at);
  if (offline?.isAll !== true) return undefined;
  const { keys, last, sinceMs } = offline;
  return { kind: 'gateway-offline', sinceMs, last, addresses: [...keys].join(', ') };
}

function registrationBarrier(
  { bindings, fault, goneMs }: Whereabouts = { bindings: [], goneMs: 0 },
): Barrier | undefined {
  if (bindings.length > 0) return undefined;
  return { kind: 'gateway-not-registered', goneMs, ...(fault !== undefined && { fault }) };
}

function nameBarrier(places: GatewayEntry['places']): Barrier | undefined {
  const name = unresolvedName(places);
  if (name === undefined) return undefined;
  return { kind: 'name-unresolved', name: name.text, cause: name.failure };
}

function vendorBarrier(vendor: AccountEntry, { nowMs, vendorFunds }: Moment): Barrier | undefined {
  const account = vendor.name;
  if (vendor.isLocked) return { kind: 'vendor-locked', account };
  if (vendor.validUntilMs > nowMs) return fundsBarrier(vendor, vendorFunds);
  return { kind: 'vendor-expired', account, validUntil: vendor.validUntil ?? '' };
}

/**
 * Why a call that no gateway can take is refused. Gateways that are only for longer prefixes do not count, since they would
 * not have been asked; nor do those that have no address, since nobody can be.
 */
export function reasonForNone(barriers: readonly Barrier[]): ReasonOf<'no-gateway'> {
  if (barriers.some(({ kind }) => kind === 'gateway-not-trusted')) return 'PrivacyNotProvided';
  if (barriers.some(({ kind }) => kind === 'gateway-not-secure')) return 'SipsNotAllowed';
  const reason = reasonForBusy(barriers);
  const isBarred = barriers.some(({ kind }) => kind === 'gateway-number-barred');
  // DENY-20: there is such a gateway, and nothing but a list keeps the call from it.
  return isBarred && reason === 'NoAvailableRouter' ? 'NumberBarred' : reason;
}

/** There is such a gateway, and it is not to be had now. */
const offline = [
  'gateway-locked',
  'schedule-shut',
  'gateway-resting',
  'gateway-throttled',
  'gateway-offline',
  'gateway-not-registered',
  'registration-lacking',
] as const;

/** There is such a gateway, and its vendor takes no calls. */
const outOfFunds = ['vendor-locked', 'vendor-expired', 'vendor-out-of-funds'] as const;

/** As `reasonForNone`, of gateways that the caller's privacy allows. */
export function reasonForBusy(barriers: readonly Barrier[]): ReasonOf<'no-next-gateway'> {
  const kinds = new Set(barriers.filter(isOut).map(({ kind }) => kind));
  if (offline.some((kind) => kinds.has(kind))) return 'AllGatewayBusy'; // DENY-12
  return outOfFunds.some((kind) => kinds.has(kind))
    ? 'AccountBalanceNotEnough' // DENY-13
    : 'NoAvailableRouter'; // DENY-11
}

/** Whether it keeps the gateway from the call: one that is throttled may come after all others instead. */
export function isOut(barrier: Barrier): boolean {
  return barrier.kind !== 'gateway-throttled' || barrier.then === 'out';
}

/** The decision that leaves a gateway out. `prefix`: which of its own matched, where that was looked at. */
export function barredDecision(
  gateway: string,
  barrier: Barrier,
  { prefix, atMs }: { readonly prefix?: string; readonly atMs: number },
): DecisionRecord {
  const subject = gatewaySubject(gateway);
  if (isRuleBarrier(barrier)) return ruleDecision(barrier, { subject, prefix, atMs });
  if (isNumberBarrier(barrier)) return numberBarrierDecision(subject, barrier, { prefix, atMs });
  if (isAway(barrier)) return awayDecision(subject, barrier, { prefix, atMs });
  switch (barrier.kind) {
    case 'gateway-for-longest-prefix': {
      const { longestPrefix } = barrier;
      const facts = { prefix, prefixMode: 'expiration', longestPrefix } as const;
      return decided('gateway-for-longest-prefix', { subject, facts, atMs });
    }
    case 'name-unresolved': {
      const { name, cause } = barrier;
      return decided('name-unresolved', { subject, facts: { prefix, name, cause }, atMs });
    }
    case 'gateway-locked':
      return decided('gateway-locked', { subject, facts: { prefix, lock: 'bar-all' }, atMs });
    case 'vendor-locked': {
      const facts = { prefix, account: barrier.account, status: 'locked' } as const;
      return decided('vendor-locked', { subject, facts, atMs });
    }
    case 'vendor-expired': {
      const { account, validUntil } = barrier;
      return decided('vendor-expired', { subject, facts: { prefix, account, validUntil }, atMs });
    }
    case 'gateway-not-trusted': {
      const { privacy } = barrier;
      return decided('gateway-not-trusted', { subject, facts: { prefix, privacy }, atMs });
    }
    case 'gateway-not-secure': {
      const { reached } = barrier;
      return decided('gateway-not-secure', { subject, facts: { prefix, reached }, atMs });
    }
  }
}

const away = [
  'gateway-resting',
  'gateway-offline',
  'gateway-not-registered',
  'registration-lacking',
] as const;

type Away = Extract<Barrier, { kind: (typeof away)[number] }>;

/** It is not to be had for now, whatever the configuration says. */
function isAway(barrier: Barrier): barrier is Away {
  return (away as readonly string[]).includes(barrier.kind);
}

function awayDecision(
  subject: string,
  barrier: Away,
  { prefix, atMs }: { readonly prefix: string | undefined; readonly atMs: number },
): DecisionRecord {
  switch (barrier.kind) {
    case 'gateway-resting': {
      const { retryAfter, secondsLeft, callId } = barrier;
      const facts = { prefix, retryAfter, secondsLeft, callId };
      return decided('gateway-resting', { subject, facts, atMs });
    }
    case 'gateway-offline': {
      const { addresses, last, sinceMs } = barrier;
      const since = new Date(sinceMs).toISOString();
      const facts = { prefix, since, last, addresses };
      return decided('gateway-offline', { subject, facts, atMs });
    }
    case 'gateway-not-registered': {
      const { fault, goneMs } = barrier;
      const since = goneMs === 0 ? undefined : new Date(goneMs).toISOString();
      return decided('gateway-not-registered', { subject, facts: { prefix, since, fault }, atMs });
    }
    case 'registration-lacking': {
      const { last, sinceMs, state } = barrier;
      const since = new Date(sinceMs).toISOString();
      const facts = { prefix, state, since, last: last === '' ? undefined : last };
      return decided('registration-lacking', { subject, facts, atMs });
    }
  }
}

import { decided, formatMoney, prefixName } from '@tandem/domain';
import type { DecisionRecord, FactsOf, RefusalReason } from '@tandem/domain';
import type { AcquireResult, BalanceClaim, FullLine } from '@tandem/limits';
import type { LeftOut, Route } from './candidates.ts';
import { barredDecision } from './barrier.ts';
import { gatewaySubject } from './gateway-subject.ts';
import { offlinePlaces } from './health/offline-places.ts';
import type { Moment } from './rests.ts';
import { subjectOf } from './line-keys.ts';
import { qualityText } from './order/quality.ts';
import type { Ordering } from './order/route-order.ts';
import { describePrice } from './rates.ts';
import type { AccountEntry, RateMatch } from './routing-tables.ts';
import { linesReservedDecision } from './rules/reserved-lines.ts';
import { gatewayTooFastDecision } from './rules/calls-per-second.ts';
import { shareText } from './rules/throttled.ts';

/** The rate decision of a call that has one. */
export function rateDecision(account: AccountEntry, rate: RateMatch, atMs: number): DecisionRecord {
  const facts = { price: describePrice(rate) };
  return decided('rate-found', { subject: `account ${account.name}`, facts, atMs });
}

/** Why the money refuses the call, if it does. */
export function moneyRefusal(asked: AcquireResult): RefusalReason | undefined {
  if (asked.kind === 'no-balance') return 'InsufficientBalance'; // DENY-05
  // DENY-19: not knowing the balance is the switch's trouble, not the customer's.
  return asked.kind === 'balance-unknown' ? 'ServiceUnavailable' : undefined;
}

export function moneyDecision(parts: {
  readonly account: AccountEntry;
  readonly asked: AcquireResult;
  readonly atMs: number;
  /** What was asked for, where it may have been more than there is. */
  readonly wanted?: { readonly balance: BalanceClaim; readonly rate: RateMatch | undefined };
}): DecisionRecord {
  const { account, asked, atMs, wanted } = parts;
  const subject = `account ${account.name}`;
  const balance = asked.kind === 'balance-unknown' ? undefined : asked.balance;
  const facts = moneyFacts(account, balance === undefined ? UNKNOWN : formatMoney(balance));
  switch (asked.kind) {
    case 'no-balance': {
      const { holders, reserved } = asked;
      const taken =
        reserved === 0n ? {} : { reserved: formatMoney(reserved), holders: holders.join(' ') };
      const least = wanted === undefined ? undefined : leastFacts(wanted.balance, wanted.rate);
      return least === undefined
        ? decided('balance-used-up', { subject, facts: { ...facts, ...taken }, atMs })
        : decided('price-not-covered', { subject, facts: { ...facts, ...least, ...taken }, atMs });
    }
    case 'balance-unknown':
      return decided('balance-unknown', { subject, facts: { ...facts, balance: UNKNOWN }, atMs });
    default:
      return decided('balance-enough', { subject, facts, atMs });
  }
}

const UNKNOWN = 'not known yet';

function moneyFacts(account: AccountEntry, balance: string): FactsOf<'balance-enough'> {
  return {
    status: account.isLocked ? 'locked' : 'active',
    balance,
    overdraft: formatMoney(account.overdraft),
    validUntil: account.validUntil,
  };
}

/** What the call costs at least, and what that is made of; undefined where it costs nothing. */
function leastFacts(
  { leastNanos }: BalanceClaim,
  match: RateMatch | undefined,
): Omit<FactsOf<'price-not-covered'>, keyof FactsOf<'balance-used-up'>> | undefined {
  if (match === undefined || leastNanos === 0n) return undefined;
  const { connectionFee, firstIncrement, pricePerMinute } = match.rate;
  return { costsAtLeast: formatMoney(leastNanos), connectionFee, firstIncrement, pricePerMinute };
}

/** One decision for all candidates of a call: which was chosen, and the order in which the others follow. */
export function chosenDecision(
  chosen: Route,
  {
    batch,
    policy,
    atMs,
  }: {
    readonly batch: readonly Route[];
    readonly policy: Ordering['policy'];
    readonly atMs: number;
  },
): DecisionRecord {
  const subject = `routing-gateway ${chosen.gateway.name}`;
  const candidates = batch.map((route) => route.gateway.name).join(' ');
  // What everybody knows is not said with each call.
  const named = policy.name === '' ? undefined : `${policy.name} (order: ${policy.order})`;
  const facts = { ...routeFacts(chosen, policy), candidates, policy: named };
  return decided('gateway-chosen', { subject, facts, atMs });
}

/** What the names of a gateway stand for now: which addresses, by which records (CALL-02). */
export function nameDecisions({ gateway }: Route, atMs: number): DecisionRecord[] {
  return gateway.places.flatMap((place) => {
    if (place.kind === 'address') return [];
    const { failure, isStale, servers = [], text: name } = place.name;
    const subject = `routing-gateway ${gateway.name}`;
    const facts = {
      name,
      addresses: servers
        .map(({ addresses, transport }) => `${addresses.join(' ')} by ${transport}`)
        .join(', '),
      records: servers.map(({ record }) => record).join(', '),
      stale: isStale ? 'yes' : 'no',
      failure: failure === '' ? undefined : failure,
    } as const;
    return [decided('name-resolved', { subject, facts, atMs })];
  });
}

/** ROUTE-07: which addresses of a gateway get no calls for now. */
export function offlineDecisions({ gateway }: Route, at: Moment): DecisionRecord[] {
  const offline = offlinePlaces(gateway, at);
  if (offline === undefined) return [];
  const { keys, last, sinceMs } = offline;
  const subject = `routing-gateway ${gateway.name}`;
  const facts = { since: new Date(sinceMs).toISOString(), last, addresses: [...keys].join(', ') };
  return [decided('addresses-offline', { subject, facts, atMs: at.nowMs })];
}

/** Candidates that were free but not chosen, or not asked. */
export function passedDecisions(
  routes: readonly Route[],
  policy: Ordering['policy'],
  atMs: number,
): DecisionRecord[] {
  return routes.map((route) => {
    const subject = gatewaySubject(route.gateway.name);
    return decided('gateway-free', { subject, facts: routeFacts(route, policy), atMs });
  });
}

function routeFacts(route: Route, { order }: Ordering['policy']): FactsOf<'gateway-free'> {
  const { gateway, prefix } = route;
  return {
    prefix: prefixName(prefix),
    priority: gateway.priority,
    cost: costOf(route),
    weight: order === 'weight' ? gateway.weight : undefined,
    protect: gateway.isProtected ? 'on' : undefined,
    quality: route.quality && qualityText(route.quality),
    throttled: route.share === undefined ? undefined : shareText(route.share),
  };
}

function costOf({ gateway, rate }: Route): string | undefined {
  if (rate !== undefined) return describePrice(rate);
  return gateway.account?.rateGroup === undefined ? undefined : 'no rate';
}

export function leftOutDecisions(
  leftOut: readonly LeftOut[],
  most: number,
  atMs: number,
): DecisionRecord[] {
  return leftOut
    .slice(0, most)
    .map(({ gateway, prefix, barrier }) =>
      barredDecision(gateway.name, barrier, { prefix: prefixName(prefix), atMs }),
    );
}

export function fullDecisions(
  asked: AcquireResult,
  batch: readonly Route[],
  atMs: number,
): DecisionRecord[] {
  if (asked.kind !== 'taken' && asked.kind !== 'all-full') return [];
  return asked.skipped.flatMap(({ choice, line }) => {
    const route = batch[choice];
    if (route === undefined) return [];
    const prefix = prefixName(route.prefix);
    return [fullDecision({ gateway: route.gateway.name, line, prefix, atMs })];
  });
}

/** A limit of the calling side that is reached (DENY-07). */
export function lineLimitDecision(line: FullLine, atMs: number): DecisionRecord {
  return decided('lines-in-use', { subject: subjectOf(line.key), facts: lineFacts(line), atMs });
}

/** A gateway that is passed over because a limit of its own, or of its group, is reached (DENY-12). */
export function fullDecision(full: {
  readonly gateway: string;
  readonly line: FullLine;
  readonly prefix?: string;
  readonly atMs: number;
}): DecisionRecord {
  const { gateway, line, prefix, atMs } = full;
  const subject = `routing-gateway ${gateway}`;
  if (line.per !== undefined) return gatewayTooFastDecision(line, { subject, prefix, atMs });
  const { reserved } = line;
  if (reserved !== undefined)
    return linesReservedDecision(line, { subject, prefix, atMs, reserved });
  const facts = { prefix, ...lineFacts(line) };
  return decided('gateway-full', { subject, facts, atMs });
}

/** Which limit was reached, and who holds it. */
function lineFacts(line: FullLine): FactsOf<'lines-in-use'> {
  return {
    limit: line.limit,
    limitOf: subjectOf(line.key),
    inUse: line.inUse,
    holders: line.holders.join(' '),
  };
}

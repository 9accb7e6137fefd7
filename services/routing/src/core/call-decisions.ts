import { decided, formatMoney, prefixName } from '@tandem/domain';
import type { DecisionRecord, FactsOf, RefusalReason } from '@tandem/domain';
import type { AcquireRequest, AcquireResult, BalanceClaim, FullLine } from '@tandem/limits';
import type { LeftOut, Route } from './candidates.ts';
import { barredDecision } from './barrier.ts';
import { gatewaySubject } from './gateway-subject.ts';
import { offlinePlaces } from './health/offline-places.ts';
import type { Level } from './levels.ts';
import type { Moment } from './rests.ts';
import { subjectOf } from './line-keys.ts';
import { qualityText } from './order/quality.ts';
import type { Ordering } from './order/route-order.ts';
import { describePrice } from './rates.ts';
import type { AccountEntry, RateMatch } from './routing-tables.ts';
import { linesReservedDecision } from './rules/reserved-lines.ts';
import { gatewayTooFastDecision } from './rules/calls-per-second.ts';
import { shareText } from './rules/throttled.ts';

/** By which rates the accounts that pay are charged, as far as they have one. */
export function rateDecisions(levels: readonly Level[], atMs: number): DecisionRecord[] {
  return levels.flatMap(({ account, rate }, at) => {
    if (rate === undefined) return [];
    const facts = { price: describePrice(rate), ...resells(levels, at) };
    return [decided('rate-found', { subject: `account ${account.name}`, facts, atMs })];
  });
}

/** Whose reseller the account of a level is, where it is one. */
function resells(levels: readonly Level[], at: number): { readonly resellerOf?: string } {
  const below = levels[at - 1];
  return below === undefined ? {} : { resellerOf: below.account.name };
}

/** Why the money refuses the call, if it does. */
export function moneyRefusal(asked: AcquireResult): RefusalReason | undefined {
  if (asked.kind === 'no-balance') return 'InsufficientBalance'; // DENY-05
  // DENY-19: not knowing the balance is the switch's trouble, not the customer's.
  return asked.kind === 'balance-unknown' ? 'ServiceUnavailable' : undefined;
}

interface AskedMoney {
  readonly asked: AcquireResult;
  readonly atMs: number;
  /** What was asked for, where it may have been more than there is. */
  readonly claims?: Pick<AcquireRequest, 'balance' | 'resellers'>;
}

/** What the accounts that pay have: the one that has too little alone, where one has. */
export function moneyDecisions(levels: readonly Level[], money: AskedMoney): DecisionRecord[] {
  const { asked, atMs } = money;
  if (asked.kind === 'no-balance' || asked.kind === 'balance-unknown') {
    return moneyLacking(levels, asked, money);
  }
  const resold = asked.kind === 'taken' ? (asked.resold ?? []) : [];
  return [asked.balance, ...resold].flatMap((balance, at) => {
    const level = levels[at];
    if (level === undefined) return [];
    const { account } = level;
    const has = balance === undefined ? UNKNOWN : formatMoney(balance);
    const facts = { ...moneyFacts(account, has), ...resells(levels, at) };
    return [decided('balance-enough', { subject: `account ${account.name}`, facts, atMs })];
  });
}

function moneyLacking(
  levels: readonly Level[],
  asked: Extract<AcquireResult, { kind: 'no-balance' | 'balance-unknown' }>,
  { atMs, claims }: AskedMoney,
): DecisionRecord[] {
  const at = asked.reseller === undefined ? 0 : asked.reseller + 1;
  const level = levels[at];
  if (level === undefined) return [];
  const { account, rate } = level;
  const subject = `account ${account.name}`;
  const resold = resells(levels, at);
  if (asked.kind === 'balance-unknown') {
    const facts = { ...moneyFacts(account, UNKNOWN), balance: UNKNOWN, ...resold } as const;
    return [decided('balance-unknown', { subject, facts, atMs })];
  }
  const { balance, holders, reserved } = asked;
  const taken =
    reserved === 0n ? {} : { reserved: formatMoney(reserved), holders: holders.join(' ') };
  const facts = { ...moneyFacts(account, formatMoney(balance)), ...taken, ...resold };
  const claim = [claims?.balance, ...(claims?.resellers ?? [])][at];
  const least = claim === undefined ? undefined : leastFacts(claim, rate);
  return [
    least === undefined
      ? decided('balance-used-up', { subject, facts, atMs })
      : decided('price-not-covered', { subject, facts: { ...facts, ...least }, atMs }),
  ];
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
    const { failure, isStale, servers = [], text: name, validUntilMs } = place.name;
    const subject = `routing-gateway ${gateway.name}`;
    const facts = {
      name,
      addresses: servers
        .map(({ addresses, transport }) => `${addresses.join(' ')} by ${transport}`)
        .join(', '),
      records: servers.map(({ record }) => record).join(', '),
      stale: isStale ? 'yes' : 'no',
      failure: failure === '' ? undefined : failure,
      until: validUntilMs === undefined ? undefined : new Date(validUntilMs).toISOString(),
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

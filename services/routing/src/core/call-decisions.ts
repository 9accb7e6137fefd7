import { formatMoney, prefixName } from '@tandem/domain';
import type { Nanos, RefusalReason } from '@tandem/domain';
import type { AcquireResult, BalanceClaim, FullLine } from '@tandem/limits';
import type { Decision, Fact } from '@tandem/proto/decision';
import type { LeftOut, Route } from './candidates.ts';
import { decision, fact, lineFacts } from './decisions.ts';
import { subjectOf } from './line-keys.ts';
import { describePrice } from './rates.ts';
import type { AccountEntry, RateMatch } from './routing-tables.ts';

/** The rate decision of a call that has one. */
export function rateDecision(account: AccountEntry, rate: RateMatch, nowMs: number): Decision {
  return decision({
    check: 'rate',
    result: 'passed',
    subject: `account ${account.name}`,
    facts: [fact('price', describePrice(rate))],
    nowMs,
  });
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
  readonly nowMs: number;
  /** What was asked for, where it may have been more than there is. */
  readonly wanted?: { readonly balance: BalanceClaim; readonly rate: RateMatch | undefined };
}): Decision {
  const { account, asked, nowMs, wanted } = parts;
  const reason = moneyRefusal(asked);
  const balance = asked.kind === 'balance-unknown' ? undefined : asked.balance;
  const facts = [
    fact('status', account.isLocked ? 'locked' : 'active'),
    fact('balance', balance === undefined ? 'not known yet' : formatMoney(balance)),
    fact('overdraft', formatMoney(account.overdraft)),
  ];
  if (reason === 'InsufficientBalance' && wanted?.rate !== undefined) {
    facts.push(...leastFacts(wanted.balance.leastNanos, wanted.rate));
  }
  if (account.validUntil !== undefined) facts.push(fact('validUntil', account.validUntil));
  return decision({
    check: 'balance',
    result: resultOfMoney(reason),
    subject: `account ${account.name}`,
    ...(reason === undefined ? {} : { reason }),
    facts,
    nowMs,
  });
}

/** What the call costs at least, and what that is made of. */
function leastFacts(leastNanos: Nanos, { rate }: RateMatch): Fact[] {
  return [
    fact('costsAtLeast', formatMoney(leastNanos)),
    fact('connectionFee', rate.connectionFee),
    fact('firstIncrement', rate.firstIncrement),
    fact('pricePerMinute', rate.pricePerMinute),
  ];
}

function resultOfMoney(reason: RefusalReason | undefined): 'passed' | 'refused' | 'failed' {
  if (reason === undefined) return 'passed';
  return reason === 'InsufficientBalance' ? 'refused' : 'failed';
}

/** One decision for all candidates of a call: which was chosen, and the order in which the others follow. */
export function chosenDecision(chosen: Route, batch: readonly Route[], nowMs: number): Decision {
  const names = batch.map((route) => route.gateway.name);
  return decision({
    check: 'candidate',
    result: 'chosen',
    subject: `routing-gateway ${chosen.gateway.name}`,
    facts: [...routeFacts(chosen), fact('candidates', names.join(' '))],
    nowMs,
  });
}

/** Candidates that were free but not chosen, or not asked. */
export function passedDecisions(routes: readonly Route[], nowMs: number): Decision[] {
  return routes.map((route) =>
    decision({
      check: 'candidate',
      result: 'passed',
      subject: `routing-gateway ${route.gateway.name}`,
      facts: routeFacts(route),
      nowMs,
    }),
  );
}

function routeFacts({ gateway, prefix, rate }: Route): Fact[] {
  const facts = [fact('prefix', prefixName(prefix)), fact('priority', gateway.priority)];
  if (rate !== undefined) facts.push(fact('cost', describePrice(rate)));
  else if (gateway.account?.rateGroup !== undefined) facts.push(fact('cost', 'no rate'));
  return facts;
}

export function leftOutDecisions(
  leftOut: readonly LeftOut[],
  most: number,
  nowMs: number,
): Decision[] {
  return leftOut.slice(0, most).map(({ gateway, prefix, reason, facts }) =>
    decision({
      check: 'candidate',
      result: 'skipped',
      subject: `routing-gateway ${gateway.name}`,
      reason,
      facts: [fact('prefix', prefixName(prefix)), ...facts],
      nowMs,
    }),
  );
}

export function fullDecisions(
  asked: AcquireResult,
  batch: readonly Route[],
  nowMs: number,
): Decision[] {
  if (asked.kind !== 'taken' && asked.kind !== 'all-full') return [];
  return asked.skipped.flatMap((skip) => {
    const route = batch[skip.choice];
    if (route === undefined) return [];
    const before = [fact('prefix', prefixName(route.prefix))];
    return [fullDecision({ gateway: route.gateway.name, line: skip.line, before, nowMs })];
  });
}

/** A limit of the calling side that is reached (DENY-07). */
export function lineLimitDecision(line: FullLine, nowMs: number): Decision {
  return decision({
    check: 'lines',
    result: 'refused',
    subject: subjectOf(line.key),
    reason: 'LineLimitExceeded',
    facts: lineFacts(line),
    nowMs,
  });
}

/** A gateway that is passed over because its line limit, or its group's, is reached (DENY-12). */
export function fullDecision(full: {
  readonly gateway: string;
  readonly line: FullLine;
  readonly before?: readonly Fact[];
  readonly nowMs: number;
}): Decision {
  return decision({
    check: 'candidate',
    result: 'skipped',
    subject: `routing-gateway ${full.gateway}`,
    reason: 'AllGatewayBusy',
    facts: [...(full.before ?? []), ...lineFacts(full.line)],
    nowMs: full.nowMs,
  });
}

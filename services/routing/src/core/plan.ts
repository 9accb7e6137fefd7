import { decided, hasIdentityTerm, isName, isNameOfDigits } from '@tandem/domain';
import type { DecisionRecord, ReasonOf, RefusalReason } from '@tandem/domain';
import type { LimitClaim } from '@tandem/limits';
import type { Verification } from '@tandem/proto/auth';
import type { PhoneDevice, ReceivedIdentity } from '@tandem/proto/routing';
import { reasonForNone } from './barrier.ts';
import { findRoutes } from './candidates.ts';
import type { Calling, LeftOut, Route, Routes } from './candidates.ts';
import { notPermitted } from './call-types.ts';
import { notCallable } from './dialled.ts';
import { findRate } from './rates.ts';
import type { CallerReading } from './read-caller.ts';
import type { Moment } from './rests.ts';
import { priceTooHigh } from './rules/profit.ts';
import { secureRoutes } from './sips.ts';
import { levelsAbove, rateOfTop } from './levels.ts';
import type { Level } from './levels.ts';
import { originOf } from './call-origin.ts';
import { effectiveCaller, keepingNumbers } from './gateway-numbers.ts';
import { noLists } from './call-numbers.ts';
import { allowedDecisions, barredNumberDecision, checkLists } from './number-lists.ts';
import type { ListVerdict, NumberLists } from './number-lists.ts';
import { calledLines, routesOfCalled } from './called-phone.ts';
import type { CalledPhone } from './called-phone.ts';
import type { AccountEntry, OriginEntry, RateMatch, RoutingTables } from './routing-tables.ts';

/** Who calls whom, and when. */
export interface Question extends Moment {
  readonly origin: { readonly kind: string; readonly name: string; readonly account: string };
  /** Numbers as received until they are read (core/dialled.ts). */
  readonly caller: string;
  readonly callee: string;
  /** CALL-12: what the INVITE says of its caller besides From. */
  readonly identity?: ReceivedIdentity | undefined;
  /** CALL-12: what auth has found of its signature. */
  readonly verification?: Verification | undefined;
  /** ROUTE-01: set where the called number is that of a phone, or dynamic gateway, here. */
  readonly phone?: CalledPhone | undefined;
  /** RFC 5627: the device that is meant, and no other. */
  readonly device?: PhoneDevice | undefined;
  /** A sips URI is called (RFC 5630). @default false */
  readonly isSips?: boolean | undefined;
  /** ROUTE-10: what has been imported. @default nothing */
  readonly lists?: NumberLists | undefined;
  /** In [0, 1): what a route policy by weight draws from (ROUTE-04). */
  readonly random: () => number;
}

/** What the configuration alone says about a call; money and lines are asked next. */
export type Plan = {
  /** Lists that its numbers had to be in, and are (ROUTE-10). */
  readonly allowed?: readonly DecisionRecord[] | undefined;
} &
  /** Refused before money or routes are looked at. */
  (
    | {
        readonly kind: 'refused';
        readonly reason: RefusalReason;
        readonly decision: DecisionRecord;
        readonly rate: RateMatch | undefined;
      }
    /** Refused where the balance suffices: there is nowhere to send the call. */
    | {
        readonly kind: 'no-route';
        /** Whose money is looked at all the same. */
        readonly levels: readonly Level[];
        readonly reason: RefusalReason;
        readonly decision: DecisionRecord;
        readonly leftOut: readonly LeftOut[];
      }
    | {
        readonly kind: 'routes';
        readonly account: AccountEntry;
        /** Who pays for it: its account, then the resellers above it, each with its rate. */
        readonly levels: readonly Level[];
        readonly origin: OriginEntry;
        /** Lines of the calling side, its account's and its resellers', and their calls per second. */
        readonly fixed: readonly LimitClaim[];
        readonly rate: RateMatch;
        readonly routes: readonly Route[];
        readonly leftOut: readonly LeftOut[];
      }
  );

/**
 * Account status, validity, type of call, rate, then routes: the order in which an operator would look. The balance stands between
 * rate and routes, the lines after them; both need the store.
 */
export function planCall(tables: RoutingTables, question: Question, reading: CallerReading): Plan {
  const { nowMs, callee, phone } = question;
  const origin = originOf(tables, question);
  const account = tables.accounts.get(question.origin.account);
  if (origin === undefined || account === undefined) return unknownOrigin(question);
  const refusal = refusalOf(origin, account, nowMs);
  const rate = findRate(account.rateGroup, callee, nowMs);
  if (refusal !== undefined) return { kind: 'refused', ...refusal, rate };
  if (reading.refusal !== undefined) {
    return { kind: 'refused', reason: 'AnonymityDisallowed', decision: reading.refusal, rate };
  }

  const listed = listVerdict(tables, question, reading);
  if (listed.barred !== undefined) {
    const decision = barredNumberDecision(listed.barred, nowMs);
    return { kind: 'refused', reason: 'NumberBarred', decision, rate }; // DENY-20
  }

  const barred = notPermitted(tables, [origin, account], question);
  if (barred !== undefined) {
    return { kind: 'refused', reason: 'CallNotPermitted', decision: barred, rate }; // DENY-04
  }

  const above = levelsAbove(account, callee, nowMs);
  const dear = tooDear(tables, { origin, account, rate, above, nowMs });
  if (dear !== undefined) {
    return { kind: 'refused', reason: 'CallNotPermitted', decision: dear, rate }; // BILL-08
  }

  if (isNameOfDigits(callee) && phone === undefined) {
    return { kind: 'refused', ...noPhone(question), rate };
  }
  const missing = missingDevice(question);
  if (missing !== undefined) return { kind: 'refused', ...missing, rate };

  const plan = planRoutes(tables, question, { reading, origin, account, rate, above });
  const allowed = allowedDecisions(listed, nowMs);
  return allowed.length === 0 ? plan : { ...plan, allowed };
}

/** Where a call goes that may be made, and which lines it takes. */
function planRoutes(
  tables: RoutingTables,
  question: Question,
  permitted: {
    readonly reading: CallerReading;
    readonly origin: OriginEntry;
    readonly account: AccountEntry;
    readonly rate: RateMatch | undefined;
    readonly above: readonly Level[];
  },
): Plan {
  const { above, account, origin, rate, reading } = permitted;
  const { phone } = question;
  const trusted = keepingPrivacy(routesTo(tables, question, rate), reading);
  const found = keepingNumbers(tables, trusted, { question, reading });
  const isPhoneWithoutGateway = phone !== undefined && isEmpty(found);
  // A name has no prefix: rates and gateways that are there for every number may take it.
  if (phone === undefined && isName(question.callee) && (rate === undefined || isEmpty(found))) {
    return { kind: 'refused', ...noPhone(question), rate };
  }
  const levels = [{ account, rate }, ...above];
  const unpriced = levels.findIndex((level) => level.rate === undefined);
  if (unpriced >= 0 && !isPhoneWithoutGateway) {
    return { kind: 'refused', ...noRate(levels, unpriced, question), rate };
  }
  if (rate === undefined || found.routes.length === 0) {
    const reason = isPhoneWithoutGateway
      ? 'NotRegistered'
      : reasonForNone(found.leftOut.map(({ barrier }) => barrier));
    const refused = noRoute(reason, question, found);
    return { kind: 'no-route', levels, ...refused, leftOut: found.leftOut };
  }
  const calling = [...origin.lines, ...levels.flatMap((level) => level.account.lines)];
  const called = phone !== undefined && phone.bindings.length > 0 ? phone.username : '';
  const fixed = [...calling, ...calledLines(tables, called, calling)];
  return { kind: 'routes', account, levels, origin, fixed, rate, ...found };
}

/** ROUTE-01: who registers is called where he is registered; while he is not, gateways may know where he is. */
export function routesTo(
  tables: RoutingTables,
  question: Question,
  rate: RateMatch | undefined,
): Routes {
  const { isSips, phone } = question;
  const calling = callingSide(tables, question, rate);
  const found =
    phone === undefined || phone.bindings.length === 0
      ? findRoutes(tables, question, calling)
      : routesOfCalled(tables, phone, { ...question, calling });
  return isSips === true ? secureRoutes(found) : found;
}

function listVerdict(
  { numbers }: RoutingTables,
  question: Question,
  reading: CallerReading,
): ListVerdict {
  const holders = numbers?.ofOrigin(question.origin).lists ?? [];
  const { callee, lists = noLists } = question;
  return checkLists(holders, { caller: effectiveCaller({ question, reading }), callee }, lists);
}

function callingSide(
  tables: RoutingTables,
  question: Question,
  rate: RateMatch | undefined,
): Calling {
  const origin = originOf(tables, question);
  const account = tables.accounts.get(question.origin.account);
  const policy = policyFor(tables, question);
  const accounts = account === undefined ? [] : [account, ...account.resellers];
  const lowestProfit = [origin?.profit, ...accounts.map(({ profit }) => profit)].find(
    (profit) => profit?.lowestProfit !== undefined,
  )?.lowestProfit;
  const paid = rateOfTop(account, rate, question);
  const payer = { lowestProfit, rate: paid, mayLose: policy.loss === 'allow' };
  return { origin, policy, payer, random: question.random };
}

/** ROUTE-04: the route policy is that of the mapping gateway, else that of its account, else that of the document. */
export function policyFor(tables: RoutingTables, question: Question): Calling['policy'] {
  const account = tables.accounts.get(question.origin.account);
  return originOf(tables, question)?.policy ?? account?.policy ?? tables.policy;
}

/** RFC 3323 §5: privacy that is critical, and that this switch cannot give, takes gateways that can. */
function keepingPrivacy(found: Routes, { needsTrust, privacy }: CallerReading): Routes {
  if (!needsTrust) return found;
  const routes: Route[] = [];
  const leftOut = [...found.leftOut];
  for (const route of found.routes) {
    const { gateway, prefix } = route;
    if (hasIdentityTerm(gateway.candidate.dialog?.identityB ?? 0, 'trusted')) routes.push(route);
    else leftOut.push({ gateway, prefix, barrier: { kind: 'gateway-not-trusted', privacy } });
  }
  return { routes, leftOut };
}

interface Refused {
  readonly reason: RefusalReason;
  readonly decision: DecisionRecord;
}

/** Authenticated by another version of the configuration than the one in effect here. */
function unknownOrigin({ origin, nowMs }: Question): Plan {
  const facts = { account: origin.account, configuration: 'not known' } as const;
  const subject = `${origin.kind} ${origin.name}`;
  return {
    kind: 'refused',
    reason: 'CallNotPermitted', // DENY-04
    decision: decided('origin-unknown', { subject, facts, atMs: nowMs }),
    rate: undefined,
  };
}

function refusalOf(origin: OriginEntry, account: AccountEntry, nowMs: number): Refused | undefined {
  if (origin.isLocked && !account.isLocked) {
    const facts = { status: 'locked' } as const;
    return {
      reason: 'AccountLocked', // DENY-01
      decision: decided('account-locked', { subject: origin.subject, facts, atMs: nowMs }),
    };
  }
  let below: AccountEntry | undefined;
  for (const each of [account, ...account.resellers]) {
    const refused = refusalOfAccount(each, below, nowMs);
    if (refused !== undefined) return refused;
    below = each;
  }
  return undefined;
}

/** @param below the account that it is the reseller of, where it is one */
function refusalOfAccount(
  { isLocked, name, validUntil, validUntilMs }: AccountEntry,
  below: AccountEntry | undefined,
  nowMs: number,
): Refused | undefined {
  const subject = `account ${name}`;
  const resold = below === undefined ? {} : { resellerOf: below.name };
  if (isLocked) {
    const facts = { status: 'locked', ...resold } as const;
    return {
      reason: 'AccountLocked', // DENY-01
      decision: decided('account-locked', { subject, facts, atMs: nowMs }),
    };
  }
  if (validUntilMs <= nowMs) {
    const facts = { validUntil: validUntil ?? '', ...resold };
    return {
      reason: 'AccountExpired', // DENY-02
      decision: decided('account-expired', { subject, facts, atMs: nowMs }),
    };
  }
  return undefined;
}

/** BILL-08: a highest price is held against the price of whose it is. */
function tooDear(
  { memo }: RoutingTables,
  call: {
    readonly origin: OriginEntry;
    readonly account: AccountEntry;
    readonly rate: RateMatch | undefined;
    readonly above: readonly Level[];
    readonly nowMs: number;
  },
): DecisionRecord | undefined {
  const { above, account, nowMs, origin, rate } = call;
  const at = { memo, atMs: nowMs };
  const own = [
    { subject: origin.subject, highest: origin.profit?.highestPrice },
    { subject: `account ${account.name}`, highest: account.profit.highestPrice },
  ];
  let dear = priceTooHigh(own, rate, at);
  for (const reseller of above) {
    const { name, profit } = reseller.account;
    const limits = [{ subject: `account ${name}`, highest: profit.highestPrice }];
    dear ??= priceTooHigh(limits, reseller.rate, at);
  }
  return dear;
}

function noPhone({ callee, nowMs }: Question): Refused {
  const facts = { cause: 'it is no number, and no phone has that name' };
  return {
    reason: 'UserNotFound', // DENY-09
    decision: notCallable({ subject: `callee ${callee}`, facts, atMs: nowMs }),
  };
}

/** RFC 5627 §5.4: of what was never given, or is good no more, nobody is known; who is not registered may come back. */
function missingDevice({ callee, device, nowMs, phone }: Question): Refused | undefined {
  if (device === undefined || (phone?.bindings.length ?? 0) > 0) return undefined;
  const { instance, session } = device;
  const isPublic = phone !== undefined && session === 0;
  const cause = phone === undefined ? 'no phone' : isPublic ? 'not registered' : 'ended';
  const reason = isPublic ? 'NotRegistered' : 'UserNotFound';
  const subject = `callee ${callee}`;
  return {
    reason, // DENY-09, DENY-10
    decision: decided('device-missing', { subject, reason, facts: { cause, instance }, atMs: nowMs }), // prettier-ignore
  };
}

/** @param at of which level */
function noRate(levels: readonly Level[], at: number, { callee, nowMs }: Question): Refused {
  const account = levels[at]?.account;
  const below = levels[at - 1]?.account;
  const rateGroup = account?.rateGroup?.name ?? 'none';
  const facts = { callee, rateGroup, ...(below !== undefined && { resellerOf: below.name }) };
  const subject = `account ${account?.name ?? ''}`;
  return {
    reason: 'NoRate', // DENY-06
    decision: decided('rate-missing', { subject, facts, atMs: nowMs }),
  };
}

function noRoute(
  reason: ReasonOf<'no-gateway'>,
  { callee, nowMs }: Question,
  found: Routes,
): Refused {
  const facts = { matchingGateways: found.leftOut.length };
  return {
    reason,
    decision: decided('no-gateway', { subject: `callee ${callee}`, reason, facts, atMs: nowMs }),
  };
}

function isEmpty({ routes, leftOut }: Routes): boolean {
  return routes.length === 0 && leftOut.length === 0;
}

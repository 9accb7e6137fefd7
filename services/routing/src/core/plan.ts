import type { RefusalReason } from '@tandem/domain';
import type { LimitClaim } from '@tandem/limits';
import type { Decision } from '@tandem/proto/decision';
import { findRoutes, reasonForNone } from './candidates.ts';
import type { LeftOut, Route, Routes } from './candidates.ts';
import { decision, fact } from './decisions.ts';
import { findRate } from './rates.ts';
import { isPhone } from './routing-tables.ts';
import type { AccountEntry, OriginEntry, RateMatch, RoutingTables } from './routing-tables.ts';

/** Who calls whom, and when. */
export interface Question {
  readonly origin: { readonly kind: string; readonly name: string; readonly account: string };
  /** Numbers as received until they are read (core/dialled.ts). */
  readonly caller: string;
  readonly callee: string;
  readonly nowMs: number;
}

/** What the configuration alone says about a call; money and lines are asked next. */
export type Plan =
  /** Refused before money or routes are looked at. */
  | {
      readonly kind: 'refused';
      readonly reason: RefusalReason;
      readonly decision: Decision;
      readonly rate: RateMatch | undefined;
    }
  /** Refused where the balance suffices: there is nowhere to send the call. */
  | {
      readonly kind: 'no-route';
      readonly account: AccountEntry;
      readonly reason: RefusalReason;
      readonly decision: Decision;
      readonly rate: RateMatch | undefined;
      readonly leftOut: readonly LeftOut[];
    }
  | {
      readonly kind: 'routes';
      readonly account: AccountEntry;
      /** Lines of the calling side. */
      readonly fixed: readonly LimitClaim[];
      readonly rate: RateMatch;
      readonly routes: readonly Route[];
      readonly leftOut: readonly LeftOut[];
    };

/**
 * Account status, validity, rate, then routes: the order in which an operator would look. The balance stands between
 * rate and routes, the lines after them; both need the store.
 */
export function planCall(tables: RoutingTables, question: Question): Plan {
  const { nowMs, callee } = question;
  const origin = originOf(tables, question);
  const account = tables.accounts.get(question.origin.account);
  if (origin === undefined || account === undefined) return unknownOrigin(question);
  const refusal = refusalOf(origin, account, nowMs);
  const rate = findRate(account.rateGroup, callee);
  if (refusal !== undefined) return { kind: 'refused', ...refusal, rate };

  const found = findRoutes(tables, callee, nowMs);
  const isPhoneWithoutGateway = isPhone(tables, callee) && isEmpty(found);
  if (rate === undefined && !isPhoneWithoutGateway) {
    return { kind: 'refused', ...noRate(account, question), rate };
  }
  if (rate === undefined || found.routes.length === 0) {
    const reason = isPhoneWithoutGateway ? 'NotRegistered' : reasonForNone(found.leftOut);
    const refused = noRoute(reason, question, found);
    return { kind: 'no-route', account, ...refused, rate, leftOut: found.leftOut };
  }
  return { kind: 'routes', account, fixed: [origin.line, account.line], rate, ...found };
}

interface Refused {
  readonly reason: RefusalReason;
  readonly decision: Decision;
}

function originOf(tables: RoutingTables, { origin }: Question): OriginEntry | undefined {
  return origin.kind === 'phone'
    ? tables.phones.get(origin.name)
    : tables.mappingGateways.get(origin.name);
}

/** Authenticated by another version of the configuration than the one in effect here. */
function unknownOrigin({ origin, nowMs }: Question): Plan {
  const reason = 'CallNotPermitted'; // DENY-04
  const parts = {
    check: 'account-status',
    result: 'refused',
    subject: `${origin.kind} ${origin.name}`,
    facts: [fact('account', origin.account), fact('configuration', 'not known')],
  } as const;
  return {
    kind: 'refused',
    reason,
    decision: decision({ ...parts, reason, nowMs }),
    rate: undefined,
  };
}

function refusalOf(origin: OriginEntry, account: AccountEntry, nowMs: number): Refused | undefined {
  const subject = `account ${account.name}`;
  if (account.isLocked || origin.isLocked) {
    const reason = 'AccountLocked'; // DENY-01
    const locked = account.isLocked ? subject : origin.subject;
    const facts = [fact('status', 'locked')];
    return {
      reason,
      decision: decision({
        check: 'account-status',
        result: 'refused',
        subject: locked,
        reason,
        facts,
        nowMs,
      }),
    };
  }
  if (account.validUntilMs <= nowMs) {
    const reason = 'AccountExpired'; // DENY-02
    const facts = [fact('validUntil', account.validUntil ?? '')];
    return {
      reason,
      decision: decision({ check: 'validity', result: 'refused', subject, reason, facts, nowMs }),
    };
  }
  return undefined;
}

function noRate(account: AccountEntry, { callee, nowMs }: Question): Refused {
  const reason = 'NoRate'; // DENY-06
  const facts = [fact('callee', callee), fact('rateGroup', account.rateGroup?.name ?? 'none')];
  const subject = `account ${account.name}`;
  return {
    reason,
    decision: decision({ check: 'rate', result: 'refused', subject, reason, facts, nowMs }),
  };
}

function noRoute(reason: RefusalReason, { callee, nowMs }: Question, found: Routes): Refused {
  return {
    reason,
    decision: decision({
      check: 'candidate',
      result: 'refused',
      subject: `callee ${callee}`,
      reason,
      facts: [fact('matchingGateways', found.leftOut.length)],
      nowMs,
    }),
  };
}

function isEmpty({ routes, leftOut }: Routes): boolean {
  return routes.length === 0 && leftOut.length === 0;
}

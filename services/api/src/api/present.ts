import type { Account } from '@tandem/config';
import type { Origin, Suspension } from '@tandem/proto/auth';
import type { Balance, Cdr, Reconciliation } from '@tandem/proto/billing';
import type { Decision } from '@tandem/proto/decision';
import type { Call } from '@tandem/proto/edge';
import { CallEvent, Leg, Termination, type Attempt } from '@tandem/proto/events';
import type { LineUse } from '@tandem/proto/routing';
import type {
  AccountView,
  AttemptView,
  CallView,
  CdrView,
  DecisionView,
  LineView,
  ReconciliationView,
  SuspensionView,
} from './schemas.ts';

/** A CDR without an event would have no times and no parties; it keeps its form all the same. */
const NO_EVENT = CallEvent.create();

export function presentCdr(cdr: Cdr): CdrView {
  const event = cdr.event ?? NO_EVENT;
  const { reason, code, by, text } = event.termination ?? Termination.create();
  return {
    callId: cdr.callId,
    ...presentTimes(event),
    ...presentMoney(cdr),
    reason,
    code,
    endedBy: by,
    text,
    ...presentParties(event),
    attempts: event.attempts.map(presentAttempt),
    decisions: event.decisions.map(presentDecision),
    // W3C traceparent: version-traceid-spanid-flags.
    traceId: event.traceParent.split('-')[1] ?? '',
    edge: event.edge,
    storedAt: presentTime(cdr.storedAtMs),
  };
}

function presentTimes(
  event: CallEvent,
): Pick<CdrView, 'startedAt' | 'ringingAt' | 'answeredAt' | 'endedAt'> {
  return {
    startedAt: presentTime(event.startedMs),
    ringingAt: presentTime(event.ringingMs),
    answeredAt: presentTime(event.answeredMs),
    endedAt: presentTime(event.endedMs),
  };
}

function presentMoney({
  billedSeconds,
  price,
  currency,
  cost,
  costCurrency,
  priceExplanation,
}: Cdr): Pick<
  CdrView,
  'billedSeconds' | 'price' | 'currency' | 'cost' | 'costCurrency' | 'priceExplanation'
> {
  return {
    billedSeconds,
    price: price === '' ? '0' : price,
    currency,
    cost: cost === '' ? '0' : cost,
    costCurrency,
    priceExplanation,
  };
}

function presentParties(
  event: CallEvent,
): Pick<CdrView, 'caller' | 'callee' | 'account' | 'gateway' | 'origin' | 'a' | 'b'> {
  const { caller, callee } = event.a ?? Leg.create();
  return {
    caller,
    callee,
    account: event.origin?.account ?? '',
    gateway: event.attempts.at(-1)?.gateway ?? '',
    origin: presentOrigin(event.origin),
    a: presentLeg(event.a),
    b: presentLeg(event.b),
  };
}

export function presentCall(call: Call): CallView {
  return {
    callId: call.callId,
    state: call.state,
    startedAt: presentTime(call.startedMs),
    answeredAt: presentTime(call.answeredMs),
    caller: call.caller,
    callee: call.callee,
    account: call.origin?.account ?? '',
    gateway: call.gateway,
    edge: call.edge,
    origin: presentOrigin(call.origin),
    attempts: call.attempts.map(presentAttempt),
    decisions: call.decisions.map(presentDecision),
  };
}

export function presentAttempt(attempt: Attempt): AttemptView {
  const { gateway, account, address, code, reason, text } = attempt;
  return {
    gateway,
    account,
    address,
    startedAt: presentTime(attempt.startedMs),
    endedAt: presentTime(attempt.endedMs),
    code,
    reason,
    text,
  };
}

export function presentDecision(decision: Decision): DecisionView {
  const { service, check, result, subject, reason } = decision;
  const facts = Object.fromEntries(decision.facts.map(({ name, value }) => [name, value]));
  return { service, check, result, subject, reason, facts, at: presentTime(decision.atMs) };
}

export function presentAccount(account: Account, balance: Balance | undefined): AccountView {
  return {
    name: account.name,
    type: account.type,
    status: account.status,
    balance: balance?.balance ?? null,
    overdraft: account.overdraft,
    currency: account.currency,
    rateGroup: account.rateGroup ?? null,
    validUntil: account.validUntil ?? null,
    lineLimit: account.lineLimit,
    ledgerEntries: balance?.ledgerEntries ?? 0,
  };
}

export function presentReconciliation(compared: Reconciliation): ReconciliationView {
  const { doneAtMs, logRead, ...same } = compared;
  return { ...same, doneAt: presentTime(doneAtMs), isLogRead: logRead };
}

export function presentSuspension(suspension: Suspension): SuspensionView {
  return {
    terminal: suspension.terminal,
    since: presentTime(suspension.sinceMs),
    until: presentTime(suspension.untilMs),
    failures: suspension.failures,
    cause: suspension.cause,
    lastSource: suspension.lastSource,
  };
}

export function presentLine(line: LineUse): LineView {
  return {
    subject: line.subject,
    limit: line.limit,
    inUse: line.inUse,
    holders: line.holders.map((holder) => ({
      callId: holder.callId,
      since: presentTime(holder.sinceMs),
      leaseUntil: presentTime(holder.expiresMs),
    })),
  };
}

/** 0 stands for "did not happen". */
export function presentTime(ms: number | undefined): string | null {
  return ms === undefined || ms === 0 ? null : new Date(ms).toISOString();
}

function presentOrigin(origin: Origin | undefined): CdrView['origin'] {
  if (origin === undefined || origin.kind === '') return null;
  return { kind: origin.kind, name: origin.name, account: origin.account };
}

function presentLeg(leg: Leg | undefined): CdrView['a'] {
  if (leg === undefined) return null;
  const { sipCallId, peerAddress, transport, caller, callee, userAgent, codecs } = leg;
  return { sipCallId, peerAddress, transport, caller, callee, userAgent, codecs };
}

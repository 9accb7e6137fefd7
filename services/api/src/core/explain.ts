import { isRefusalReason, readDecision, refusals } from '@tandem/domain';
import { reasonPhrase } from '@tandem/sip';
import type { Decision, DecisionRecord } from '@tandem/domain';
import type { Cdr } from '@tandem/proto/billing';
import type { Call } from '@tandem/proto/edge';
import type { Attempt, CallEvent } from '@tandem/proto/events';
import { notTried, otherAttempts } from './explain-attempts.ts';
import { UNHEARD_CHANGE, offered, unheard } from './explain-media.ts';
import {
  calledBy,
  endOf,
  generalWording,
  isGivenUp,
  isReasonHeader,
  nameIn,
  readable,
  recordedWording,
  said,
  sentenceOf,
  sentenceOfAttempt,
  valuesOf,
  wordingOf,
} from './wordings/index.ts';

/** What is explained: a call that ended, or one in progress. */
export type ExplainSubject =
  { readonly kind: 'cdr'; readonly cdr: Cdr } | { readonly kind: 'call'; readonly call: Call };

/** A decision with its sentence. */
export interface ExplainedStep {
  readonly text: string;
  readonly decision: DecisionRecord;
}

/** Why a call went as it did (OPS-09). Made of the decisions that were taken then; nothing is derived anew. */
export interface Explanation {
  readonly callId: string;
  /** One sentence that names the value that decided. */
  readonly summary: string;
  readonly outcome:
    'in-progress' | 'answered' | 'refused' | 'failed' | 'cancelled' | 'registration' | 'unknown';
  readonly reason: string;
  readonly code: number;
  readonly change: string | null;
  readonly price: string | null;
  readonly steps: readonly ExplainedStep[];
  readonly attempts: readonly { readonly text: string; readonly attempt: Attempt }[];
}

/** Explains one call. */
export function explain(subject: ExplainSubject): Explanation {
  return subject.kind === 'cdr' ? explainCdr(subject.cdr) : explainLive(subject.call);
}

/** The steps of a call or of a routing analysis, in order. */
export function explainSteps(decisions: readonly DecisionRecord[]): ExplainedStep[] {
  return decisions.map((decision) => ({ text: sentenceOf(decision), decision }));
}

/** The decision that led to a reason: the last that refused or failed with it, else the last that gives it. */
function decidingRecord(
  decisions: readonly DecisionRecord[],
  reason: string,
): DecisionRecord | undefined {
  const isBad = ({ result }: DecisionRecord): boolean =>
    result === 'refused' || result === 'failed';
  const best = decisions.map(readDecision).findLast((each) => each?.kind === 'best-response');
  const isBest = ({ facts }: DecisionRecord): boolean =>
    facts.some(({ name, value }) => name === 'code' && value === String(best?.facts.code));
  return (
    // ROUTE-06: the best answer goes back, which need not be the last one.
    decisions.find((each) => each.reason === reason && isBad(each) && isBest(each)) ??
    decisions.findLast((decision) => decision.reason === reason && isBad(decision)) ??
    decisions.findLast((decision) => decision.reason === reason)
  );
}

/**
 * Why, and what would change it, for a reason and the decisions behind it.
 * @param deciding told in place of a record, where it is known what decided but nobody recorded it
 */
export function tell(
  reason: string,
  decisions: readonly DecisionRecord[],
  deciding?: Decision,
): { why: string; change: string | null } {
  const general = generalWording(reason);
  if (general === undefined) {
    return { why: reason === '' ? 'no reason is known' : reason, change: null };
  }
  const record = decidingRecord(decisions, reason);
  const out = passedOver.has(reason) ? gatewaysLeftOut(decisions) : [];
  const wording = deciding === undefined ? record && recordedWording(record) : wordingOf(deciding);
  if (wording?.kind === 'trouble') {
    return { why: `${wording.why}${causesOf(out)}`, change: changeOf(out) ?? wording.change };
  }
  // A record of another version: the values that it has.
  const values = wording === undefined && record !== undefined ? plainValues(record) : '';
  return {
    why: `${general.why}${values}${causesOf(out)}`,
    change: changeOf(out) ?? general.change,
  };
}

function plainValues(record: DecisionRecord): string {
  const values = valuesOf(record);
  const subject = readable(record.subject);
  const told = [subject, values].filter((text) => text !== '').join(': ');
  return told === '' ? '' : ` (${told})`;
}

const passedOver: ReadonlySet<string> = new Set([
  'AllGatewayBusy',
  'AccountBalanceNotEnough',
  'NoAvailableRouter',
  'NumberBarred',
  'PrivacyNotProvided',
  'SipsNotAllowed',
]);

interface LeftOut {
  /** "carrier-a, because it is locked" */
  readonly cause: string;
  readonly change: string | undefined;
}

/** Where no gateway was left, the cause is the sum of why each was left out. */
function gatewaysLeftOut(decisions: readonly DecisionRecord[]): LeftOut[] {
  return decisions.flatMap((record) => {
    if (record.result !== 'skipped') return [];
    const wording = recordedWording(record);
    const isToldOf = wording?.kind === 'left-out';
    if (!isToldOf && record.check !== 'candidate') return [];
    const cause = isToldOf ? wording.cause : record.reason;
    const change = isToldOf ? wording.change : undefined;
    return { cause: `${nameIn(record.subject)}, because ${cause}`, change };
  });
}

function causesOf(out: readonly LeftOut[]): string {
  return out.length === 0 ? '' : `: ${out.map(({ cause }) => cause).join('; ')}`;
}

/** As many remedies can be read; where gateways were left out for more reasons, the first ones are enough. */
const MOST_REMEDIES = 3;

function changeOf(out: readonly LeftOut[]): string | undefined {
  const changes = new Set(out.flatMap(({ change }) => (change === undefined ? [] : [change])));
  return changes.size === 0 ? undefined : [...changes].slice(0, MOST_REMEDIES).join(' Or: ');
}

function explainCdr(cdr: Cdr): Explanation {
  const event = cdr.event;
  const reason = event?.termination?.reason ?? '';
  const code = event?.termination?.code ?? 0;
  const parts = partsOf(cdr.callId, event?.decisions ?? [], event?.attempts ?? []);
  if (event === undefined) {
    return {
      ...parts,
      summary: 'The CDR holds no event.',
      outcome: 'failed',
      reason,
      code,
      change: null,
      price: null,
    };
  }
  const base = { ...parts, reason, code };
  return event.answeredMs > 0
    ? { ...base, ...answered(event, priceOf(cdr)) }
    : { ...base, ...unanswered(event, { reason, code }) };
}

type Told = Pick<Explanation, 'summary' | 'outcome' | 'change' | 'price'>;

function answered(event: CallEvent, price: string): Told {
  const { change, how } = endOf(event);
  const silent = unheard(event);
  const heard = silent === undefined ? '' : `; nobody can have been heard: ${silent}`;
  const summary = `Answered${by(event)} and ${how}${heard}; ${price}.`;
  const remedy = change ?? (silent === undefined ? null : UNHEARD_CHANGE);
  return { summary, outcome: 'answered', change: remedy, price };
}

function unanswered(
  event: CallEvent,
  { reason, code }: { readonly reason: string; readonly code: number },
): Told {
  const { why, change } = tell(reason, event.decisions, unrecordedAnswer(event, reason));
  const cause = `${why}${offered(event, code)}${sentAs(event, code)}${toldAs(event, code)}`;
  const deciding = decidingRecord(event.decisions, reason);
  const passed = notTried(event);
  const rest = `${otherAttempts(event, deciding)}${stopped(event)}${passed.text}`;
  const changes = [change, ...passed.changes].filter((each) => each !== null);
  return {
    summary: `${verdict(reason, code, event)}: ${cause}${rest}.`,
    outcome: outcomeOf(reason, event),
    change: changes.length === 0 ? null : changes.join(' Or: '),
    price: null,
  };
}

function explainLive(call: Call): Explanation {
  const parts = partsOf(call.callId, call.decisions, call.attempts);
  const base = { ...parts, reason: '', code: 0, change: null, price: null };
  const at = call.gateway === '' ? '' : ` at ${call.gateway}`;
  const failed = call.attempts.filter(({ reason }) => reason !== '');
  const before =
    failed.length === 0
      ? ''
      : `, after ${failed.map((attempt) => `${calledBy(attempt)} failed with ${said(attempt)}`).join(' and ')}`;
  const summary = `In progress: ${call.state}${at}${before}.`;
  return { ...base, summary, outcome: 'in-progress' };
}

function partsOf(
  callId: string,
  decisions: readonly DecisionRecord[],
  attempts: readonly Attempt[],
): Pick<Explanation, 'callId' | 'steps' | 'attempts'> {
  return {
    callId,
    steps: explainSteps(decisions),
    attempts: attempts.map((attempt) => ({ text: sentenceOfAttempt(attempt), attempt })),
  };
}

/** The callee's own answer is in the attempt where the edge kept no decision of it. */
function unrecordedAnswer(event: CallEvent, reason: string): Decision | undefined {
  const last = event.attempts.at(-1);
  if (reason !== 'Rejected' || last?.reason !== reason) return undefined;
  if (decidingRecord(event.decisions, reason) !== undefined) return undefined;
  return {
    kind: 'final-response',
    subject: `routing-gateway ${last.gateway}`,
    reason,
    facts: { code: last.code, phrase: last.text, address: last.address },
    atMs: last.endedMs,
  };
}

function verdict(reason: string, code: number, event: CallEvent): string {
  if (reason === 'CallerCancelled') return `Cancelled with ${String(code)}`;
  const text = event.termination?.text ?? '';
  const isOwn = isReasonHeader(text) || text === '' || toldAs(event, code) !== '';
  const own = isOwn ? reasonPhrase(code) : text;
  // The code may have been told as another one.
  const isOfReason = isRefusalReason(reason) && refusals[reason].code === code;
  const phrase = isOfReason
    ? refusals[reason].phrase
    : isRefusalReason(reason)
      ? reasonPhrase(code)
      : own;
  const verb = event.attempts.length === 0 ? 'Refused' : 'Failed';
  return `${verb} with ${String(code)}${phrase === '' ? '' : ` ${phrase}`}`;
}

function outcomeOf(reason: string, event: CallEvent): Explanation['outcome'] {
  if (reason === 'CallerCancelled') return 'cancelled';
  return event.attempts.length === 0 ? 'refused' : 'failed';
}

/** ROUTE-06: why those were not tried that were left. */
function stopped({ decisions }: CallEvent): string {
  const record = decisions.findLast(
    ({ check, facts }) => check === 'failover' && facts.some(({ name }) => name === 'untried'),
  );
  const wording = record && recordedWording(record);
  return wording?.kind === 'step' ? `; ${wording.text}` : '';
}

/** RFC 3261 §21: refusals for the number. */
const ofNumber: ReadonlySet<number> = new Set([404, 410, 414, 416, 484, 485, 604]);

/** The number as it was sent, where that is what was refused, and another one than was dialled. */
function sentAs({ a, b, termination }: CallEvent, code: number): string {
  const sent = b?.callee ?? '';
  const isOfNumber = ofNumber.has(code) && termination?.reason === 'Rejected';
  return isOfNumber && sent !== '' && sent !== a?.callee
    ? `; ${a?.callee ?? ''} was sent there as ${sent}`
    : '';
}

/** DENY-18: a code that became another one on the way to the caller. */
function toldAs({ decisions }: CallEvent, code: number): string {
  const record = decisions.findLast((each) => {
    const decision = readDecision(each);
    return decision?.kind === 'code-mapped' && decision.facts.to === code;
  });
  const wording = record && recordedWording(record);
  return wording?.kind === 'step' ? `; ${wording.text}` : '';
}

function by({ answeredMs, attempts, startedMs }: CallEvent): string {
  const last = attempts.at(-1);
  const wait = seconds(startedMs, answeredMs);
  const others = attempts.slice(0, -1);
  const failed = others.filter((attempt) => !isGivenUp(attempt));
  const told = failed.map((each) => `${calledBy(each)} failed with ${said(each)}`);
  const failover = told.length > 0 ? `, after ${told.join(' and ')},` : '';
  const rang = others.filter(isGivenUp).map(calledBy);
  const beside = rang.length > 0 ? ` while ${rang.join(' and ')} rang too,` : '';
  const comma = failover === '' && beside !== '' ? ',' : '';
  return `${last === undefined ? '' : ` by ${calledBy(last)}`} after ${wait}${failover}${comma}${beside}`;
}

function priceOf(cdr: Cdr): string {
  const how = cdr.priceExplanation === '' ? '' : ` (${cdr.priceExplanation})`;
  const price = cdr.price === '' ? '0' : cdr.price;
  const resold = cdr.levels.map(
    ({ account, margin, price: owed }) => `; reseller ${account} owes ${owed} (margin ${margin})`,
  );
  return `charged ${price} ${cdr.currency} for ${String(cdr.billedSeconds)} s${how}${resold.join('')}${correctionsOf(cdr)}`;
}

/** BILL-06: what re-ratings have made of the price, and of the cost. */
function correctionsOf({ corrections, levels, ...cdr }: Cdr): string {
  const corrected = (side: string, made: string, account?: string): string => {
    const last = corrections.findLast((each) => each.side === side && (account === undefined || each.account === account)); // prettier-ignore
    return last === undefined ? '' : `; re-rating ${String(last.rerating)} made the ${made} (${last.note})`; // prettier-ignore
  };
  return [
    corrected('call', `price ${cdr.currentPrice} ${cdr.currency}`),
    corrected('cost', `cost ${cdr.currentCost} ${cdr.costCurrency}`),
    ...levels.map(({ account, currency, currentMargin, currentPrice }) => {
      const made = `price of reseller ${account} ${currentPrice} ${currency}, margin ${currentMargin}`;
      return corrected('level', made, account);
    }),
  ].join('');
}

function seconds(fromMs: number, untilMs: number): string {
  return `${String(Math.max(0, Math.round((untilMs - fromMs) / 100) / 10))} s`;
}

import { decided } from '@tandem/domain';
import type { DecisionRecord, NumberList } from '@tandem/domain';
import { typeOf } from './call-types.ts';
import { applyRules, failureFacts } from './number-rules.ts';
import type { Rewritten, RuleStep, RuleSurroundings } from './number-rules.ts';
import { callerOf } from './call-origin.ts';
import type { Question } from './plan.ts';
import type { CallerReading } from './read-caller.ts';
import type { RoutingTables } from './routing-tables.ts';

/** A decision is kept with the call: no more rules than these are told. */
const MOST_TOLD = 16;

/** A call by the numbers that all that follows goes by, and how they came about. */
export interface CallByNumbers {
  readonly question: Question;
  readonly reading: CallerReading;
  readonly decisions: readonly DecisionRecord[];
  /** Set where a rule left nothing to be called (DENY-09). */
  readonly refusal: 'UserNotFound' | undefined;
}

/**
 * ROUTE-10: the numbers after the rules of the calling side, and who calls by them (CALL-12). Rules see the number that
 * stands for the caller: one that a trusted side asserts, else that in From.
 */
export function applyCallRules(tables: RoutingTables, read: Question): CallByNumbers {
  const sets = tables.numbers?.ofOrigin(read.origin).sets ?? [];
  if (sets.length === 0) {
    return { question: read, reading: callerOf(tables, read), decisions: [], refusal: undefined };
  }
  const around = surroundings(tables, read);
  // Of a device that is called (RFC 5627) the phone is known.
  const callee = read.device === undefined ? read.callee : '';
  const rewrite = (caller: string): Rewritten => applyRules(sets, { caller, callee }, around);
  const ofFrom = rewrite(read.caller);
  const from = ofFrom.failed.caller === undefined ? ofFrom.caller : '';
  const reading = callerOf(tables, { ...read, caller: from }, (number) => {
    const { caller, failed } = rewrite(number);
    return failed.caller === undefined ? caller : '';
  });
  const made = reading.isReceived ? rewrite(reading.received) : ofFrom;
  const failed = made.failed.callee;
  const { nowMs } = read;
  const steps = reading.isReceived ? [...callerSteps(ofFrom), ...made.steps] : made.steps;
  return {
    question: { ...read, caller: from, callee: callee === '' ? read.callee : made.callee },
    reading,
    decisions: [
      ...stepDecisions(steps.slice(0, MOST_TOLD), nowMs),
      ...lostCaller(ofFrom.failed.caller, nowMs),
      ...(failed === undefined ? [] : [decided('number-rule-failed', failure(failed, nowMs))]),
    ],
    refusal: failed === undefined ? undefined : 'UserNotFound',
  };
}

/** What conditions of rules are held against. */
export function surroundings(
  tables: RoutingTables,
  { lists = noLists, origin }: Pick<Question, 'lists' | 'origin'>,
  gateway?: string,
): RuleSurroundings {
  return { origin, gateway, lists, callType: (callee) => typeOf(tables, callee).type };
}

export const noLists: ReadonlyMap<string, NumberList> = new Map();

function callerSteps({ steps }: Rewritten): RuleStep[] {
  return steps.filter(({ side }) => side === 'caller');
}

/** One for each rule, with the number after it (ROUTE-12). @param gateway on the way to it alone */
export function stepDecisions(
  steps: readonly RuleStep[],
  atMs: number,
  gateway?: string,
): DecisionRecord[] {
  return steps.map(({ after, before, rule, side }) => {
    const facts = { set: rule.set, rule: rule.position, action: rule.action, before, gateway };
    return decided('number-rewritten', { subject: `${side} ${after}`, facts, atMs });
  });
}

/** The caller's number that a rule has left none of. */
export function lostCaller(
  failed: RuleStep | undefined,
  atMs: number,
  gateway?: string,
): DecisionRecord[] {
  if (failed === undefined) return [];
  const { facts, subject } = failure(failed, atMs);
  return [decided('caller-rule-failed', { subject, facts: { ...facts, gateway }, atMs })];
}

function failure(step: RuleStep, atMs: number) {
  return { subject: `${step.side} ${step.before}`, facts: failureFacts(step), atMs };
}

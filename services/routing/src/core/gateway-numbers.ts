import { decided } from '@tandem/domain';
import type { DecisionRecord } from '@tandem/domain';
import { lostCaller, noLists, stepDecisions, surroundings } from './call-numbers.ts';
import type { Route, Routes } from './candidates.ts';
import { checkLists } from './number-lists.ts';
import { pickFrom } from './number-pools.ts';
import type { PoolPicks } from './number-pools.ts';
import type { GatewayNumbers } from './number-tables.ts';
import { applyRules } from './number-rules.ts';
import type { Numbers, Rewritten, RuleStep } from './number-rules.ts';
import type { Question } from './plan.ts';
import { isAnonymous } from './read-caller.ts';
import type { CallerReading } from './read-caller.ts';
import type { RoutingTables } from './routing-tables.ts';

/** A call by its numbers, which are those that are rated and routed. */
export interface CallOfNumbers {
  readonly question: Question;
  readonly reading: CallerReading;
}

/** The called number as it is sent to a gateway, and the rules that made it. */
export interface SentCallee {
  readonly callee: string;
  readonly steps: readonly RuleStep[];
}

/** The number that stands for the caller wherever numbers are compared; '' where there is none. */
export function effectiveCaller({ question, reading }: CallOfNumbers): string {
  const caller = reading.isReceived ? reading.asserted : question.caller;
  return isAnonymous(caller) ? '' : caller;
}

/** Leaves out the gateways whose lists keep the call from them, or whose rules leave nothing to be called. */
export function keepingNumbers(tables: RoutingTables, found: Routes, call: CallOfNumbers): Routes {
  const gateways = tables.numbers?.gateways;
  if (gateways === undefined || gateways.size === 0) return found;
  const { question } = call;
  const caller = effectiveCaller(call);
  const routes: Route[] = [];
  const leftOut = [...found.leftOut];
  for (const route of found.routes) {
    const { gateway, prefix } = route;
    const terms = gateways.get(gateway.name);
    if (terms === undefined) {
      routes.push(route);
      continue;
    }
    const { lists, sets } = terms;
    const holders = lists === undefined ? [] : [{ subject: gateway.name, terms: lists }];
    const numbers = { caller, callee: question.callee };
    const { barred } = checkLists(holders, numbers, question.lists ?? noLists);
    if (barred !== undefined) {
      const barrier = { kind: 'gateway-number-barred', facts: barred.facts } as const;
      leftOut.push({ gateway, prefix, barrier });
      continue;
    }
    // Its own name is no number of anybody behind it.
    const callee = route.isItself === true ? '' : question.callee;
    const around = surroundings(tables, question, gateway.name);
    const made = applyRules(sets, { caller, callee }, around);
    const step = made.failed.callee;
    if (step !== undefined) {
      leftOut.push({ gateway, prefix, barrier: { kind: 'gateway-rule-failed', step } });
      continue;
    }
    const steps = made.steps.filter(({ side }) => side === 'callee');
    routes.push({
      ...route,
      sent: { callee: callee === '' ? question.callee : made.callee, steps },
    });
  }
  return { routes, leftOut };
}

/** The numbers as they are sent to a gateway, and what was done to them. */
export interface SentNumbers extends Numbers {
  /** '' where nothing is asserted. */
  readonly asserted: string;
  readonly decisions: readonly DecisionRecord[];
}

/**
 * ROUTE-10: the numbers for a gateway. A number of a pool stands for the caller in From and in what is asserted, before the
 * rules; who withholds his number keeps it withheld.
 */
export function sentNumbers(
  tables: RoutingTables,
  { gateway, sent }: Route,
  call: CallOfNumbers & { readonly picks: PoolPicks },
): SentNumbers {
  const { question, reading } = call;
  const { caller, callee, nowMs } = question;
  const terms = tables.numbers?.gateways.get(gateway.name);
  if (terms === undefined) return { caller, callee, asserted: reading.asserted, decisions: [] };
  const around = surroundings(tables, question, gateway.name);
  const rewrite = (number: string): Rewritten =>
    applyRules(terms.sets, { caller: number, callee }, around);
  const presented = presentedBy(gateway.name, terms, call);
  const made = rewrite(presented.caller);
  const steps = [...(sent?.steps ?? []), ...made.steps.filter(({ side }) => side === 'caller')];
  return {
    caller: callerIn(made),
    callee: sent?.callee ?? callee,
    asserted: presented.asserted === '' ? '' : callerIn(rewrite(presented.asserted)),
    decisions: [
      ...presented.decisions,
      ...stepDecisions(steps, nowMs, gateway.name),
      ...lostCaller(made.failed.caller, nowMs, gateway.name),
    ],
  };
}

function callerIn({ caller, failed }: Rewritten): string {
  return failed.caller === undefined ? caller : '';
}

/** The caller's numbers before the rules: his own, or one of the pool wherever he shows one. */
function presentedBy(
  gateway: string,
  { pool }: GatewayNumbers,
  call: CallOfNumbers & { readonly picks: PoolPicks },
): Omit<SentNumbers, 'callee'> {
  const { picks, question, reading } = call;
  const { caller: before, callee, nowMs: atMs } = question;
  const { asserted } = reading;
  const isShown = !isAnonymous(before);
  if (pool === undefined || !(isShown || asserted !== '')) {
    return { caller: before, asserted, decisions: [] };
  }
  const number = pickFrom(pool, { caller: effectiveCaller(call), callee }, picks);
  const facts = { gateway, pool: pool.name, pick: pool.pick, before };
  return {
    caller: isShown ? number : before,
    asserted: asserted === '' ? '' : number,
    decisions: [decided('caller-from-pool', { subject: `caller ${number}`, facts, atMs })],
  };
}

import type { DecisionRecord } from '@tandem/domain';
import { callerBarrierDecision } from './allowed-callers.ts';
import type { CallerBarrier } from './allowed-callers.ts';
import type { BarredAt } from './barred-at.ts';
import { profitDecision } from './profit.ts';
import type { ProfitBarrier } from './profit.ts';
import { scheduleDecision } from './schedule.ts';
import type { ScheduleBarrier } from './schedule.ts';
import { throttleDecision } from './throttled.ts';
import type { ThrottleBarrier } from './throttled.ts';
import { fundsDecision } from './vendor-funds.ts';
import type { FundsBarrier } from './vendor-funds.ts';

/** What the rules of this folder keep a gateway from a call by. */
export type RuleBarrier =
  CallerBarrier | ScheduleBarrier | ProfitBarrier | FundsBarrier | ThrottleBarrier;

const kinds: Readonly<Record<RuleBarrier['kind'], true>> = {
  'gateway-not-for-caller': true,
  'schedule-shut': true,
  'profit-too-low': true,
  'cost-too-high': true,
  'vendor-out-of-funds': true,
  'gateway-throttled': true,
};

export function isRuleBarrier(barrier: { readonly kind: string }): barrier is RuleBarrier {
  return Object.hasOwn(kinds, barrier.kind);
}

/** The decision that leaves the gateway out. */
export function ruleDecision(barrier: RuleBarrier, barredAt: BarredAt): DecisionRecord {
  switch (barrier.kind) {
    case 'gateway-not-for-caller':
      return callerBarrierDecision(barrier, barredAt);
    case 'schedule-shut':
      return scheduleDecision(barrier, barredAt);
    case 'profit-too-low':
    case 'cost-too-high':
      return profitDecision(barrier, barredAt);
    case 'vendor-out-of-funds':
      return fundsDecision(barrier, barredAt);
    case 'gateway-throttled':
      return throttleDecision(barrier, barredAt);
  }
}

import { planOne, type CallPlan } from '../load/call-plan.ts';

/**
 * Calls that are in every state at once: ringing long and short, in failover after a refusal and after silence, being
 * cancelled, being asked by either side, being answered, being ended by either side.
 */
export function callsInEveryState(prefix: string): readonly CallPlan[] {
  const plans: readonly Omit<Partial<CallPlan>, 'number'>[] = [
    // Short, so that no trial waits long for its step.
    { ringMs: 100, hold: 200 },
    { ringMs: 2500, hold: 1000 },
    { reception: 'unavailable', ringMs: 400, hold: 1500, endedBy: 'callee' },
    { reception: 'silent', ringMs: 400, hold: 500 },
    { reception: 'forks', ringMs: 900, hold: 1200 },
    { reception: 'forks', ringMs: 300, hold: 900, endedBy: 'callee' },
    { reception: 'rings', cancelAfterMs: 600 },
    { reception: 'busy', ringMs: 700 },
    { hold: 6000, inCall: [{ afterMs: 500, method: 'INVITE', by: 'caller' }] },
    { hold: 6000, endedBy: 'callee', inCall: [{ afterMs: 600, method: 'INVITE', by: 'callee' }] },
    { hold: 6000, inCall: [{ afterMs: 600, method: 'UPDATE', by: 'callee' }] },
    { caller: 'phone', ringMs: 300, hold: 600 },
    { caller: 'phone', ringMs: 300, hold: 600, endedBy: 'callee' },
    { caller: 'phone', reception: 'rings', cancelAfterMs: 1200 },
  ];
  return plans.map((plan, index) => planOne({ ...plan, number: numberOf(prefix, index) }));
}

/** Calls that live long enough for session timers (CALL-05): refreshed, probed, and left by both ends. */
export function longCalls(prefix: string): readonly CallPlan[] {
  const plans: readonly Omit<Partial<CallPlan>, 'number'>[] = [
    { timers: 'both', hold: 100_000 },
    { timers: 'caller', hold: 98_000, endedBy: 'callee' },
    { hold: 95_000, inCall: [{ afterMs: 80_000, method: 'INVITE', by: 'caller' }] },
    {
      hold: 97_000,
      endedBy: 'callee',
      inCall: [{ afterMs: 82_000, method: 'UPDATE', by: 'callee' }],
    },
    { timers: 'both', hold: 'never', vanishAfterMs: 2000 },
    { hold: 'never', vanishAfterMs: 2000 },
  ];
  return plans.map((plan, index) => planOne({ ...plan, number: numberOf(prefix, index) }));
}

/** The shortest session timers that there may be, and a carrier that is given up soon. */
export const quickTimers = {
  parameters: { SS_SIP_SESSION_TTL: 90, SS_SIP_NO_TIMER_REINVITE_INTERVAL: 60 },
  gateway: { timers: { invite: 3, ringing: 6 } },
} as const;

/** The number of a call in a batch: `prefix`, then its place in it. */
export function numberOf(prefix: string, index: number): string {
  return prefix + String(index).padStart(12 - prefix.length, '0');
}

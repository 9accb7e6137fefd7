import { planOne, type CallPlan } from '../load/call-plan.ts';
import type { KillBench } from './kill-bench.ts';

/** One way of dying, and the line of the table of edge.md §5 that says what comes of it. */
export interface StepTrial {
  /** As the table has it. */
  readonly line: string;
  readonly step: string;
  /** Armed as well. */
  readonly then?: string;
  /** Holds up what would be too quick to die in. */
  readonly hinder?: (bench: KillBench) => void;
}

const SLOW_MS = 500;

/** Every named step, by the line of the table that it belongs to. */
export const stepTrials: readonly StepTrial[] = [
  ...steps('after the claim, in auth or routing', [
    'after-authenticate',
    'after-claim',
    'after-route',
  ]),
  {
    line: 'after the claim, in auth or routing',
    step: 'after-stub',
    // A stub is written where routing takes more than 200 ms (edge.md §4).
    hinder: ({ cluster: { cluster } }) => {
      cluster.kill('routing', 'SIGSTOP');
      setTimeout(() => {
        cluster.kill('routing', 'SIGCONT');
      }, SLOW_MS);
    },
  },
  ...steps('after the write-ahead, INVITE sent or not', [
    'after-write-ahead',
    'after-trying',
    'after-invite',
  ]),
  ...steps('ringing', ['after-provisional']),
  { line: 'ringing', step: 'after-write-ahead', then: 'after-adopt' },
  ...steps('between two attempts', ['after-switch']),
  ...steps('answered, not yet relayed or published', [
    'before-answer',
    'after-answer',
    'after-answer-relay',
    'after-answer-publish',
  ]),
  ...steps('BYE before `end`, after `end`, after the relay', [
    'before-end',
    'after-end',
    'after-end-relay',
    'after-end-publish',
    'after-settle',
  ]),
  ...steps('CANCEL or re-INVITE in flight', [
    'before-cancel',
    'after-cancel',
    'before-request-relay',
    'after-request-relay',
    'before-response-relay',
    'after-response-relay',
  ]),
];

/**
 * Calls that are in every state at once: ringing long and short, in failover after a refusal and after silence, being
 * cancelled, being asked by either side, being answered, being ended by either side.
 */
export function callsInEveryState(prefix: string): readonly CallPlan[] {
  const plans: readonly Omit<Partial<CallPlan>, 'number'>[] = [
    { ringMs: 2500, hold: 1000 },
    { reception: 'unavailable', ringMs: 400, hold: 1500, endedBy: 'callee' },
    { reception: 'silent', ringMs: 400, hold: 500 },
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

function steps(line: string, names: readonly string[]): readonly StepTrial[] {
  return names.map((step) => ({ line, step }));
}

function numberOf(prefix: string, index: number): string {
  return prefix + String(index).padStart(12 - prefix.length, '0');
}

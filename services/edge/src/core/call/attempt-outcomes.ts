import type { AttemptState, Call } from './call-state.ts';
import { FLOW_FAILED } from './failures.ts';

/** What an attempt at a gateway has come to (ROUTE-16). */
export interface AttemptOutcome {
  readonly gateway: string;
  /** Of its final answer; 180: it rang, and nobody answered. */
  readonly code: number;
}

const RANG = 180;

/**
 * What the attempts of a call have come to that are over, in their order.
 * @param from how many of them are known already
 * @returns with how many are known from now on
 */
export function attemptOutcomes(
  call: Call,
  from: number,
): { readonly outcomes: readonly AttemptOutcome[]; readonly known: number } {
  const outcomes: AttemptOutcome[] = [];
  let known = from;
  for (; known < call.attempts.length; known += 1) {
    const state = call.attempts[known];
    if (state === undefined || state.attempt.endedMs === 0) break;
    const { gateway } = state.candidate;
    // Names of gateways have no blank. One of several addresses is not the gateway.
    if (gateway.includes(' ') || call.attempts[known + 1]?.candidate === state.candidate) continue;
    const code = codeOf(call, state);
    if (code !== undefined) outcomes.push({ gateway, code });
  }
  return { outcomes, known };
}

/** RFC 3261 §8.1.3.1: no answer in time is a 408, who cannot be reached a 503. Undefined: it says nothing of the gateway. */
function codeOf(call: Call, { attempt }: AttemptState): number | undefined {
  const { code, reason } = attempt;
  switch (reason) {
    case '':
    case 'Rejected':
      return code;
    case 'InviteTimeout':
      return 408;
    case 'GatewayTimeout':
      return hasRung(call, attempt) ? RANG : 408;
    case 'BadGateway':
      return code === 502 || code === FLOW_FAILED ? 503 : code;
    case 'CallerCancelled':
    case 'EndedByOperator':
      return hasRung(call, attempt) ? RANG : undefined;
    default:
      return undefined;
  }
}

function hasRung(
  { hasEarlyMedia, ringingMs }: Call,
  { startedMs }: { readonly startedMs: number },
): boolean {
  return hasEarlyMedia || (ringingMs > 0 && ringingMs >= startedMs);
}

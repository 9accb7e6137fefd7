import type { Call } from '@tandem/proto/edge';
import { presentAttempt, presentDecision, presentOrigin } from '../call-parts/presentation.ts';
import { presentTime } from '../times.ts';
import type { CallView } from './schemas.ts';

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

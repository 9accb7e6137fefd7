import { refusals } from '@tandem/domain';
import type { EndedBy, RefusalReason } from '@tandem/domain';
import type { Failure, FinalResponse } from './call-state.ts';

/** A refusal of the switch's own, as a failure. */
export function refused(reason: RefusalReason, retryAfterSeconds?: number): Failure {
  const { code } = refusals[reason];
  return { reason, code, text: '', final: { kind: 'refusal', reason, retryAfterSeconds } };
}

/** A reason named by another service; one that is unknown here is a fault of the service. */
export function reasonOf(name: string): RefusalReason {
  return Object.hasOwn(refusals, name) ? (name as RefusalReason) : 'ServiceUnavailable';
}

/** The code that the caller gets. */
export function codeOf(final: FinalResponse): number {
  return final.kind === 'rejection' ? final.code : refusals[final.reason].code;
}

/** Who ended a call that failed. */
export function endedBy(failure: Failure): EndedBy {
  if (failure.reason === 'CallerCancelled') return 'caller';
  return failure.reason === 'Rejected' ? 'callee' : 'switch';
}

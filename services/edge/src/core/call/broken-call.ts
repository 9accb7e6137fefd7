import { finish, leave } from './call-outcomes.ts';
import type { CallState } from './call-state.ts';
import type { CallEffect, CallSurroundings } from './call-steps.ts';
import { refused } from './failures.ts';

/**
 * An error that nobody expected was thrown on the way of a call, so that nothing says how far its last step came. It ends as one
 * that has failed, which needs the least of its state; of an answered one, or one whose answer is being stored, this pod
 * lets go: the carrier repeats a 2xx that did not reach the caller, and the store says what becomes of it then.
 */
export function broken(call: CallState, around: CallSurroundings): CallEffect[] {
  switch (call.phase) {
    case 'ending':
    case 'ended':
      return [];
    case 'asking':
    case 'answering':
    case 'answered':
      leave(call);
      return [{ kind: 'drop', isElsewhere: false }];
    default:
      for (const branch of call.branches) {
        if (!branch.isLive) continue;
        branch.stored = 'due';
        branch.isCancelDue = branch.hasProvisional;
      }
      return finish(call, refused('InternalError'), around);
  }
}

import type { SipResponse } from '@tandem/sip';
import { answersTo } from '../messages/challenge-answers.ts';
import type { ChallengeOutcome } from '../messages/challenge-answers.ts';
import { receivedBody } from '../messages/passing-body.ts';
import { destinationOf } from './call-state.ts';
import type { BranchState, CallState } from './call-state.ts';

/** AUTH-11: what is said of a carrier's 401 or 407 to the INVITE of a branch. */
export function challengeAnswer(
  { invite }: CallState,
  branch: BranchState,
  { response, cnonce }: { readonly response: SipResponse; readonly cnonce: () => string },
): ChallengeOutcome {
  const { gateway, username, password } = branch.attempt.candidate;
  return answersTo(response, {
    credentials: { gateway, username, password },
    method: 'INVITE',
    uri: destinationOf(branch.attempt).target.uri,
    passedBody: branch.passedBody ?? receivedBody(invite),
    authorizations: branch.authorizations,
    round: branch.challenges,
    cnonce,
  });
}

import { answerChallenge, parseChallenge, pickChallenge } from '@tandem/sip';
import type { SipResponse } from '@tandem/sip';
import { receivedBody } from '../messages/passing-body.ts';
import { destinationOf } from './call-state.ts';
import type { Authorization, BranchState, CallState } from './call-state.ts';

/** A nonce that keeps going stale is a loop, not a challenge (AUTH-11). */
const MOST_CHALLENGES = 3;

/**
 * AUTH-11: the header that answers a carrier's 401 or 407, in kind. Answered once per challenge, again only when the nonce was
 * stale; undefined where it was answered before, or there is nothing to answer it with.
 */
export function challengeAnswer(
  { invite }: CallState,
  branch: BranchState,
  { response, cnonce }: { readonly response: SipResponse; readonly cnonce: () => string },
): Authorization | undefined {
  const { username, password } = branch.attempt.candidate;
  if (username === '') return undefined;
  const isProxy = response.status === 407;
  const values = response.headers.getAll(isProxy ? 'Proxy-Authenticate' : 'WWW-Authenticate');
  const challenges = values.flatMap((value) => {
    try {
      return [parseChallenge(value)];
    } catch {
      return []; // A scheme or form that is not spoken here; another header line may be.
    }
  });
  const challenge = pickChallenge(challenges);
  if (challenge === undefined) return undefined;
  if (branch.challenges > 0 && !challenge.stale) return undefined;
  if (branch.challenges >= MOST_CHALLENGES) return undefined;
  const value = answerChallenge({
    challenge,
    username,
    password,
    method: 'INVITE',
    uri: destinationOf(branch.attempt).target.uri,
    body: branch.passedBody ?? receivedBody(invite),
    cnonce: cnonce(),
  });
  return { header: isProxy ? 'Proxy-Authorization' : 'Authorization', value };
}

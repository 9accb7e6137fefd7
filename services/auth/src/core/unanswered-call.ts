import { hash } from 'node:crypto';
import { readDecision, readNumber } from '@tandem/domain';
import { callEventMessage } from '@tandem/proto/call-event-message';
import type { CallEventMessage } from '@tandem/proto/call-event-message';
import { CallEvent } from '@tandem/proto/events';
import { readableText } from '@tandem/sip';
import type { NewFailure, UnansweredChallenge } from '../ports.ts';
import { formatSource } from './decisions.ts';

/** What became of a challenge, and of whose request it was. */
export interface ConcludedChallenge extends NewFailure {
  readonly challenge: UnansweredChallenge;
}

/**
 * AUTH-14: the end of a call whose challenge nobody answered, for its CDR; undefined of any other request. It is no account's: nobody
 * has proved to be it. The same challenge has the same event, whoever concludes it.
 */
export function unansweredCall(
  { cause, challenge, decision, reason }: ConcludedChallenge,
  nowMs: number,
): CallEventMessage | undefined {
  const { attempt, session } = challenge;
  const { call } = attempt;
  if (attempt.method !== 'INVITE' || call.sipCallId === '') return undefined;
  const callId = hash('sha256', `${session}\n${String(attempt.atMs)}`, 'base64url').slice(0, 16);
  const read = readDecision(decision);
  return callEventMessage(
    CallEvent.fromPartial({
      eventId: `${callId}.ended.1`,
      callId,
      type: 'ended',
      startedMs: attempt.atMs,
      endedMs: nowMs,
      a: {
        sipCallId: readableText(call.sipCallId),
        peerAddress: formatSource(attempt),
        transport: call.transport,
        caller: numberOf(call.caller),
        callee: numberOf(call.callee),
        userAgent: readableText(attempt.userAgent),
      },
      termination: {
        reason,
        code: read?.kind === 'challenge-unanswered' ? read.facts.code : 0,
        by: 'switch',
        text: cause,
      },
      decisions: [decision],
    }),
  );
}

/** The number that a user part names; what is none stands as received. */
function numberOf(user: string): string {
  const reading = readNumber(user);
  return reading.kind === 'number' ? reading.number : readableText(user);
}

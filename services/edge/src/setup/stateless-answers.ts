import type { RefusalReason } from '@tandem/domain';
import type { Challenge } from '@tandem/proto/auth';
import { serialize } from '@tandem/sip';
import type { SipRequest } from '@tandem/sip';
import type { Call } from '../core/call/call-state.ts';
import type { CallEffect } from '../core/call/call-steps.ts';
import { challenge, refusal, requestAnswer } from '../core/messages/caller-response.ts';
import type { RequestAnswer } from '../core/messages/caller-response.ts';
import { nameTowards } from '../core/network/local-addresses.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import { statelessTag } from '../core/marks/stateless-tag.ts';
import type { EdgeResources } from '../edge-resources.ts';
import { noteNoCall, noteNotLetIn, noteRefused } from './refused-requests.ts';

/** What answers are made with and sent by. */
type AnswerResources = Pick<EdgeResources, 'journal' | 'local' | 'transport'>;

/** What is said without remembering anything. */
export interface StatelessAnswer extends RequestAnswer {
  readonly toTag?: string;
}

export const accepted: StatelessAnswer = { answer: 'OK' };
export const noCall: StatelessAnswer = { answer: 'NoDialog' };

/** Answers a request of which nothing is remembered; that it was refused stands in the journal. */
export function answerStateless(
  edge: AnswerResources,
  request: SipRequest,
  { source, answer, offset }: StatelessAnswerParts,
): void {
  const { local, transport } = edge;
  const toTag = answer.toTag ?? statelessTag(request);
  const response = requestAnswer(request, { ...answer, toTag, local: nameTowards(local, source) });
  // CALL-07: the reply address is the socket.
  transport.send(serialize(response), source);
  noteRefused(edge, request, { source, answer, offset });
}

interface StatelessAnswerParts {
  readonly source: PeerAddress;
  readonly answer: StatelessAnswer;
  /** Where a broken request is wrong. */
  readonly offset?: number | undefined;
}

/** Refuses a request that is no call yet, as a call is refused. @param reason 503 by default, and when to come back */
export function refuseStateless(
  edge: AnswerResources,
  request: SipRequest,
  { source, reason = 'ServiceUnavailable' }: { source: PeerAddress; reason?: RefusalReason },
): void {
  sayRefused(edge, request, { source, reason });
  noteNoCall(edge, request, { source, reason });
}

function sayRefused(
  edge: AnswerResources,
  request: SipRequest,
  { source, reason }: { readonly source: PeerAddress; readonly reason: RefusalReason },
): void {
  const local = nameTowards(edge.local, source);
  const toTag = statelessTag(request);
  edge.transport.send(serialize(refusal(request, { reason, toTag, local })), source);
}

/** What is said to an INVITE that is no call: a challenge, a refusal, or nothing where nobody is to hear anything. */
export function answerNoCall(
  edge: AnswerResources,
  { invite, source }: Pick<Call, 'invite' | 'source'>,
  parts: {
    readonly effect: Extract<CallEffect, { kind: 'challenge' | 'turn-away' }>;
    /** Those of it that have no answer yet. */
    readonly withdrawals: { acceptOfChallenged(): void } | undefined;
  },
): void {
  const { effect, withdrawals } = parts;
  // Nothing was wrong with one that is challenged for the first time.
  const isFirst = effect.kind === 'challenge' && (effect.decisions ?? []).length === 0;
  if (!isFirst) noteNotLetIn(edge, invite, { source, effect });
  if (effect.kind === 'turn-away' && effect.reason === undefined) return;
  withdrawals?.acceptOfChallenged();
  if (effect.kind === 'challenge') {
    challengeStateless(edge, { invite, source, challenge: effect.challenge });
  } else if (effect.reason !== undefined) {
    sayRefused(edge, invite, { source, reason: effect.reason });
  }
}

/**
 * Nothing is remembered of a challenge: the INVITE that is repeated, or comes by another pod, gets one with the same tag
 * (RFC 3261 §8.2.7), and the one that answers it is a new transaction.
 */
export function challengeStateless(
  { transport, local }: AnswerResources,
  parts: {
    readonly invite: SipRequest;
    readonly source: PeerAddress;
    readonly challenge: Challenge;
  },
): void {
  const { invite, source } = parts;
  const toTag = statelessTag(invite);
  const response = challenge(invite, { ...parts.challenge, toTag, local });
  transport.send(serialize(response), source);
}

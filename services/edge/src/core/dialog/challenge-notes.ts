import { cseq, topVia } from '@tandem/sip';
import type { SipResponse } from '@tandem/sip';
import type { CallNote } from '../../ports.ts';
import { edgeDecision } from '../call/decisions.ts';
import { callNote } from '../call/events.ts';
import type { Sealer } from '../marks/seal.ts';
import { realmsOf } from '../messages/challenge-answers.ts';
import type { Authorization } from '../messages/challenge-answers.ts';
import { sealedInBranch } from './dialog-branch.ts';
import type { LegName } from './dialog-token.ts';

/** A challenge of a request in a dialog. */
export interface NotedChallenge {
  readonly callId: string;
  /** The side that challenged. */
  readonly by: LegName;
  readonly response: SipResponse;
  /** Who challenged: `routing-gateway <name>` where that is known. */
  readonly subject: string;
  readonly atMs: number;
}

/** What an operator is told of a challenge that was answered (OPS-09). */
export function answeredNote(
  noted: NotedChallenge,
  authorizations: readonly Authorization[],
): CallNote {
  const { callId, response, subject, atMs } = noted;
  const { method, number } = cseq(response);
  const facts = { method, code: response.status, realms: realmsOf(authorizations), cseq: number };
  const decision = edgeDecision('dialog-challenge-answered', { subject, facts, atMs });
  return callNote(callId, noteName(noted), decision);
}

/** What an operator is told of one that was not. @param cause why */
export function refusedNote(noted: NotedChallenge, cause: string): CallNote {
  const { callId, response, subject, atMs } = noted;
  const facts = { method: cseq(response).method, code: response.status, cause };
  const decision = edgeDecision('dialog-challenge-refused', { subject, facts, atMs });
  return callNote(callId, `${noteName(noted)}-refused`, decision);
}

/** Different random data for each answer to the same challenge, and the same on every pod: whoever sends it sends the same bytes. */
export function cnoncesFor(sealer: Sealer, response: SipResponse): () => string {
  const branch = topVia(response).branch ?? '';
  const { headers } = response;
  const asked = ['Proxy-Authenticate', 'WWW-Authenticate'].flatMap((name) => headers.getAll(name));
  let count = 0;
  return () => {
    count += 1;
    const content = Buffer.from(['cnonce', String(count), branch, ...asked].join('\n'));
    return sealer.mac(content, 12, sealedInBranch(branch)).toString('hex');
  };
}

/** A number is given once in a dialog; a request of the switch's own and one of the caller's never have the same. */
function noteName({ by, response }: NotedChallenge): string {
  const { method, number } = cseq(response);
  return `${by}-${method}-${String(number)}`;
}

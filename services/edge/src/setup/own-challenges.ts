import { cseq } from '@tandem/sip';
import type { SipRequest, SipResponse } from '@tandem/sip';
import { answeredNote, cnoncesFor, refusedNote } from '../core/dialog/challenge-notes.ts';
import { credentialsIn } from '../core/dialog/dialog-credentials.ts';
import { answersTo } from '../core/messages/challenge-answers.ts';
import type { Authorization } from '../core/messages/challenge-answers.ts';
import type { EdgeResources } from '../edge-resources.ts';
import { challenges } from '../telemetry.ts';
import { sentBody } from '../core/messages/passing-body.ts';

type Resources = Pick<EdgeResources, 'clock' | 'logger' | 'outbox' | 'sealer' | 'sessions'>;

/** A challenge of a request that the switch itself has sent to the carrier of a call. */
export interface OwnChallenge {
  readonly callId: string;
  readonly request: SipRequest;
  readonly response: SipResponse;
  /** What the request said already, and how many challenges came before. */
  readonly authorizations: readonly Authorization[];
  readonly round: number;
  /** Branch of the INVITE that the carrier has. @default that of the call's record */
  readonly inviteBranch?: string | undefined;
}

/** Whether a response asks for credentials. */
export function isChallenge({ status }: SipResponse): boolean {
  return status === 401 || status === 407;
}

/** AUTH-11: what the request has to say when it is sent again; undefined where that would not help. Never rejects. */
export async function answerOwnChallenge(
  edge: Resources,
  challenge: OwnChallenge,
): Promise<readonly Authorization[] | undefined> {
  const { callId, request, response, authorizations, inviteBranch, round } = challenge;
  const { clock, logger, outbox, sealer, sessions } = edge;
  try {
    const facts = await sessions.challengeFacts(callId, cseq(request).number);
    const credentials = credentialsIn(sealer, facts, inviteBranch);
    const subject = `routing-gateway ${credentials?.gateway ?? ''}`.trimEnd();
    const noted = { callId, by: 'b' as const, response, subject, atMs: clock.now() };
    const { method, uri } = request;
    const outcome = answersTo(response, {
      credentials: credentials ?? { gateway: '', username: '', password: '' },
      method,
      uri,
      passedBody: sentBody(request),
      authorizations,
      round,
      cnonce: cnoncesFor(sealer, response),
    });
    challenges.add(1, { outcome: outcome.kind });
    const isAnswered = outcome.kind === 'answered';
    const note = isAnswered
      ? answeredNote(noted, outcome.authorizations)
      : refusedNote(noted, outcome.cause);
    if (await sessions.note(callId, note)) outbox.publish(note.event);
    return isAnswered ? outcome.authorizations : undefined;
  } catch (error) {
    logger.warn({ err: error, callId }, 'challenge not answered');
    return undefined;
  }
}

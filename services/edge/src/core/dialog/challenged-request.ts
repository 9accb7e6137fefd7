import { ChallengedRequest } from '@tandem/proto/edge';
import { encoded } from '@tandem/proto/encoded';
import { SipRequest, ackForFailure, cseq, parseMessage, topVia } from '@tandem/sip';
import type { SipResponse } from '@tandem/sip';
import type { AnsweredChallenge } from '../../ports.ts';
import { readAuthorizations } from '../messages/challenge-answers.ts';
import type { Authorization } from '../messages/challenge-answers.ts';
import { formatFlowAddress, parseFlowAddress } from '../network/flow-address.ts';
import type { PeerAddress } from '../network/peer-address.ts';
import { challengedBranch, sealedInBranch } from './dialog-branch.ts';
import { sentBody } from '../messages/passing-body.ts';

/** A request that was relayed in a dialog, as it went out at first, before any challenge. */
interface SentRequest {
  readonly request: SipRequest;
  readonly nextHop: PeerAddress;
}

/** One whose challenges have been answered. */
export interface ChallengedParts extends SentRequest {
  /** Its number in the carrier's dialog now. */
  readonly cseq: number;
  /** How many challenges were answered. */
  readonly round: number;
  readonly authorizations: readonly Authorization[];
}

/** What the store keeps of it. */
export function encodeChallenged(
  { request, nextHop }: { readonly request: Buffer; readonly nextHop: PeerAddress },
  authorizations: readonly Authorization[],
): Buffer {
  return encoded(ChallengedRequest, {
    request,
    nextHop: formatFlowAddress(nextHop),
    authorizations: [...authorizations],
  });
}

/** Reads what the store has kept; undefined where it cannot be read. */
export function readChallenged(answered: AnsweredChallenge): ChallengedParts | undefined {
  const {
    request: bytes,
    nextHop: address,
    authorizations,
  } = ChallengedRequest.decode(answered.request);
  const request = parseMessage(Buffer.from(bytes));
  const nextHop = parseFlowAddress(address);
  if (!(request instanceof SipRequest) || nextHop === undefined) return undefined;
  return {
    request,
    nextHop,
    cseq: answered.cseq,
    round: answered.round,
    authorizations: readAuthorizations(authorizations),
  };
}

/**
 * What goes out in the place of a request that was challenged: its next number, a branch of its own, and all credentials. The
 * same bytes on every pod.
 */
export function requestAgain(parts: ChallengedParts): SipRequest {
  const { request, round, authorizations } = parts;
  const branch = challengedBranch(topVia(request).branch ?? '', round);
  const again = renamed(request, { branch, number: parts.cseq });
  for (const { header, value } of authorizations) again.headers.append(header, value);
  return again;
}

/** The ACK of a challenge to a re-INVITE (RFC 3261 §17.1.1.3), whichever round it is of. */
export function ackOfChallenge(request: SipRequest, response: SipResponse): SipRequest {
  const branch = topVia(response).branch ?? '';
  return ackForFailure(renamed(request, { branch, number: cseq(response).number }), response);
}

/** Whether a branch is of the same transaction as a request, apart from challenges: its repetition, CANCEL or the ACK of a refusal. */
export function isSameTransaction(request: SipRequest, branch: string): boolean {
  return sealedInBranch(topVia(request).branch ?? '') === sealedInBranch(branch);
}

function renamed(
  request: SipRequest,
  { branch, number }: { readonly branch: string; readonly number: number },
): SipRequest {
  const headers = request.headers.clone();
  const [top = '', ...lower] = headers.getAll('Via');
  headers.set('Via', top.replace(/;branch=[^;]*/, `;branch=${branch}`));
  for (const via of lower) headers.append('Via', via);
  headers.set('CSeq', `${String(number)} ${request.method}`);
  return new SipRequest(request.method, request.uri, headers, Buffer.from(sentBody(request)));
}

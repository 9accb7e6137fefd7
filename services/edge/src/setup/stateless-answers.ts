import type { Challenge } from '@tandem/proto/auth';
import { serialize } from '@tandem/sip';
import type { SipRequest } from '@tandem/sip';
import { challenge, plainResponse, refusal } from '../core/messages/caller-response.ts';
import { answerProbe } from '../core/network/network-probe.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import { statelessTag } from '../core/marks/stateless-tag.ts';
import { messagesDropped } from '../telemetry.ts';
import type { EdgeResources } from '../edge-resources.ts';

/** Methods that the switch knows in a dialog only. */
const dialogMethods = new Set([
  'ACK',
  'BYE',
  'CANCEL',
  'INFO',
  'NOTIFY',
  'PRACK',
  'REFER',
  'UPDATE',
]);
const knownMethods = new Set([...dialogMethods, 'MESSAGE', 'PUBLISH', 'REGISTER', 'SUBSCRIBE']);

/** What is said without remembering anything. */
export interface StatelessAnswer {
  readonly code: number;
  readonly phrase: string;
  readonly toTag?: string;
  readonly warning?: string;
  readonly unsupported?: readonly string[];
  readonly minSeSeconds?: number;
}

/** Answers a request of which nothing is remembered. */
export function answerStateless(
  { local, transport }: EdgeResources,
  request: SipRequest,
  { source, answer }: { readonly source: PeerAddress; readonly answer: StatelessAnswer },
): void {
  const toTag = answer.toTag ?? statelessTag(request);
  const response = plainResponse(request, { ...answer, toTag, local });
  // CALL-07: the reply address is the socket.
  transport.send(serialize(response), source);
}

/** Refuses an INVITE: 503, and when to come back. */
export function refuseForNow(edge: EdgeResources, invite: SipRequest, source: PeerAddress): void {
  const { local, transport } = edge;
  const toTag = statelessTag(invite);
  const response = refusal(invite, { reason: 'ServiceUnavailable', toTag, local });
  transport.send(serialize(response), source);
}

/**
 * Nothing is remembered of a challenge: the INVITE that is repeated, or comes by another pod, gets one with the same tag
 * (RFC 3261 §8.2.7), and the one that answers it is a new transaction.
 */
export function challengeStateless(
  { transport }: EdgeResources,
  parts: {
    readonly invite: SipRequest;
    readonly source: PeerAddress;
    readonly challenge: Challenge;
  },
): void {
  const { invite, source } = parts;
  const response = challenge(invite, { ...parts.challenge, toTag: statelessTag(invite) });
  transport.send(serialize(response), source);
}

/** Answers a request out of a dialog that is no INVITE. */
export function answerOutOfDialog(
  edge: EdgeResources,
  request: SipRequest,
  { source, isDraining }: { readonly source: PeerAddress; readonly isDraining: boolean },
): void {
  const { method } = request;
  const say = (code: number, phrase: string): void => {
    answerStateless(edge, request, { source, answer: { code, phrase } });
  };
  if (method === 'OPTIONS') {
    const { sealer, local, transport } = edge;
    // What a probe of our own network asks, in whatever state we are (CALL-07); else whether we take calls.
    const told = answerProbe(request, { source, pod: local.name, sealer });
    if (told !== undefined) transport.send(serialize(told), source);
    else if (isDraining) say(503, 'Service Unavailable');
    else say(200, 'OK');
  } else if (method === 'ACK') {
    messagesDropped.add(1, { cause: 'ack-without-dialog' });
  } else if (dialogMethods.has(method)) {
    say(481, 'Call/Transaction Does Not Exist');
  } else if (knownMethods.has(method)) {
    say(405, 'Method Not Allowed');
  } else {
    say(501, 'Not Implemented');
  }
}

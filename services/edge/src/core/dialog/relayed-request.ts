import { serialize, transportOf } from '@tandem/sip';
import type { SipRequest } from '@tandem/sip';
import { hopOf } from './dialog-branch.ts';
import type { RelayedHop } from './dialog-branch.ts';
import type { DialogToken } from './dialog-token.ts';
import { barestRequest, relayedRequest } from '../messages/dialog-request.ts';
import type { RelayedRequestParts } from '../messages/dialog-request.ts';
import type { PeerAddress } from '../network/peer-address.ts';
import { replyAddress } from '../network/reply-address.ts';

/** A request that is relayed from one leg to the other. */
export interface RelayedRequest {
  readonly request: SipRequest;
  readonly source: PeerAddress;
  readonly token: DialogToken;
  /** The sealed text that led here: what is sealed for the call gets its key. */
  readonly like: string;
}

/** Where the sender of a request takes answers (CALL-07). */
export function replyTo({ request, source, token }: RelayedRequest): PeerAddress {
  return token.holder === 'b'
    ? source
    : replyAddress(request, source, token.terms.replyMode ?? 'socket');
}

/** The hop of a request, as answers are to go. */
export function hopTo(relayed: RelayedRequest): RelayedHop {
  const { request, source, token } = relayed;
  const hop = hopOf(request, token, source);
  const address = replyTo(relayed);
  return address === source ? hop : { ...hop, source: address };
}

/** RFC 3261 §18.1.1: what is longer may never arrive. */
const LONGEST_DATAGRAM = 1300;

/** A request as it leaves. A BYE that its sender has made too long for a datagram goes without what it can do without. */
export function relayedBytes(parts: RelayedRequestParts): Buffer {
  const bytes = serialize(relayedRequest(parts));
  const { request, token } = parts;
  const isTooLong = bytes.length > LONGEST_DATAGRAM && !transportOf(token.nextHop).isReliable;
  if (request.method !== 'BYE' || !isTooLong) return bytes;
  const passedBody = Buffer.alloc(0);
  return serialize(relayedRequest({ ...parts, request: barestRequest(request), passedBody }));
}

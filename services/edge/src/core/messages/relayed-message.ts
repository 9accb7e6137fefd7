import { cseq } from '@tandem/sip';
import type { SipRequest } from '@tandem/sip';
import type { Candidate } from '@tandem/proto/routing';
import { destinationsOf } from '../call/targets.ts';
import type { Target } from '../call/targets.ts';
import type { DialogToken } from '../dialog/dialog-token.ts';
import { plainTerms } from '../dialog/token-terms.ts';
import { nameForGateway } from '../network/local-addresses.ts';
import type { LocalName } from '../network/local-addresses.ts';
import type { LocalIdentity } from '../network/local-identity.ts';
import type { PeerAddress } from '../network/peer-address.ts';
import { callerTag } from './carrier-invite.ts';
import type { Authorization } from './challenge-answers.ts';
import { relayedRequest } from './dialog-request.ts';
import { localUriB } from './identity.ts';
import type { CallerOnB } from './identity.ts';

/** A place that a MESSAGE may go to, and what it is told of the switch (CALL-07). */
export interface MessagePlace {
  readonly candidate: Candidate;
  readonly target: Target;
  readonly address: PeerAddress;
  readonly local: LocalName;
}

/** The places of all candidates that a listener of the switch reaches, in the order in which they are tried. */
export function messagePlaces(
  candidates: readonly Candidate[],
  local: LocalIdentity,
): readonly MessagePlace[] {
  return candidates.flatMap((candidate) =>
    destinationsOf(candidate).flatMap(({ address, target }) => {
      if (address === undefined) return [];
      const named = nameForGateway(local, address);
      return typeof named === 'string' ? [] : [{ candidate, target, address, local: named }];
    }),
  );
}

/** What leads a MESSAGE to a place, as if it were in a dialog with it (RFC 3428 §8). */
export function messageToken(
  request: SipRequest,
  parts: { readonly id: string; readonly place: MessagePlace; readonly source: PeerAddress },
): DialogToken {
  const { id, place, source } = parts;
  const { candidate, address, target } = place;
  return {
    callId: id,
    holder: 'a',
    holderAddresses: [source.address],
    callerAddresses: [],
    target: target.uri,
    nextHop: address,
    routes: target.path,
    callIdHeader: id,
    localUri: localUriB(senderOnB(request, place)),
    remoteUri: `<${target.uri}>`,
    localTag: callerTag(request, id),
    remoteTag: '',
    cseqOffset: 0,
    firstCseq: cseq(request).number,
    isRouted: false,
    isStored: false,
    terms: {
      ...plainTerms,
      identityA: candidate.dialog?.identityA ?? 0,
      identityB: candidate.dialog?.identityB ?? 0,
    },
  };
}

/** The MESSAGE as a place gets it. @param parts.round how many of its challenges have been answered */
export function messageToPlace(
  request: SipRequest,
  parts: {
    readonly token: DialogToken;
    readonly place: MessagePlace;
    readonly branch: string;
    readonly passedBody: Buffer;
    readonly authorizations: readonly Authorization[];
    readonly round: number;
  },
): SipRequest {
  const { place, round } = parts;
  return relayedRequest({
    ...parts,
    request,
    local: place.local,
    caller: senderOnB(request, place),
    // RFC 3261 §22.2: a request that answers a challenge is a new one.
    numbers: { cseq: cseq(request).number + round },
  });
}

function senderOnB(request: SipRequest, { candidate, local }: MessagePlace): CallerOnB {
  const { caller, dialog: terms, identity } = candidate;
  return { invite: request, local, caller, terms, identity };
}

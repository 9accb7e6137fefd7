import { hash } from 'node:crypto';
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
import { localUriB } from './identity.ts';
import type { CallerOnB } from './identity.ts';

/** The id of a request out of a dialog that is passed on without being remembered: the same for each of its repetitions. */
export function messageId(request: SipRequest): string {
  const { headers } = request;
  const parts = ['From', 'Call-ID', 'CSeq'].map((name) => headers.get(name) ?? '');
  return hash('sha256', parts.join('\n'), 'base64url').slice(0, 16);
}

/** Where a MESSAGE goes, and what that place is told of the switch (CALL-07). */
export interface MessagePath {
  readonly token: DialogToken;
  readonly local: LocalName;
  /** Who sends it, as that place is told (CALL-12). */
  readonly caller: CallerOnB;
}

/**
 * Where a MESSAGE goes, as if it were in a dialog with that place (RFC 3428 §8): the first address of the candidate that can be
 * reached; undefined where it has none.
 */
export function messagePath(
  request: SipRequest,
  parts: {
    readonly candidate: Candidate;
    readonly source: PeerAddress;
    readonly local: LocalIdentity;
  },
): MessagePath | undefined {
  for (const { address, target } of destinationsOf(parts.candidate)) {
    if (address === undefined) continue;
    const local = nameForGateway(parts.local, address);
    if (typeof local === 'string') continue;
    const caller = senderOnB(request, { ...parts, local });
    const token = messageToken(request, { ...parts, caller, nextHop: address, target });
    return { token, local, caller };
  }
  return undefined;
}

function messageToken(
  request: SipRequest,
  parts: {
    readonly candidate: Candidate;
    readonly source: PeerAddress;
    readonly caller: CallerOnB;
    readonly nextHop: PeerAddress;
    readonly target: Target;
  },
): DialogToken {
  const { candidate, nextHop, source } = parts;
  const callId = messageId(request);
  const { uri, path } = parts.target;
  return {
    callId,
    holder: 'a',
    holderAddresses: [source.address],
    callerAddresses: [],
    target: uri,
    nextHop,
    routes: path,
    callIdHeader: callId,
    localUri: localUriB(parts.caller),
    remoteUri: `<${uri}>`,
    localTag: callerTag(request, callId),
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

function senderOnB(
  request: SipRequest,
  { candidate, local }: { readonly candidate: Candidate; readonly local: LocalName },
): CallerOnB {
  const { caller, dialog: terms, identity } = candidate;
  return { invite: request, local, caller, terms, identity };
}

import type { CandidateIdentity, DialogTerms } from '@tandem/proto/routing';
import { Headers, SipRequest, cseq, from, isSipsUri, isToken, maxForwards } from '@tandem/sip';
import type { Target } from '../call/targets.ts';
import type { LocalName } from '../network/local-addresses.ts';
import { appendProduct } from './product.ts';
import type { PeerAddress } from '../network/peer-address.ts';
import { offerSession } from '../dialog/session-timers.ts';
import type { Authorization } from './challenge-answers.ts';
import { copyPassingHeaders } from './header-policy.ts';
import { localUriB, writeCaller } from './identity.ts';
import { writeSignature } from './signature.ts';
import { contactValue, viaValue } from './local-headers.ts';
import type { ContactForm } from './local-headers.ts';

/** What the INVITE of one attempt is made from. */
export interface CarrierInvite {
  /** The caller's INVITE. */
  readonly invite: SipRequest;
  readonly callId: string;
  readonly local: LocalName;
  /** The number as the routing service wants it sent. */
  readonly caller: string;
  readonly target: Pick<Target, 'uri' | 'path'>;
  readonly branch: string;
  readonly cseqOffset: number;
  /** What the body step has made of the caller's. */
  readonly passedBody: Buffer;
  /** What leads back to the caller, in the Contact that the carrier sees. */
  readonly contactToken: string;
  /** @default 'user' */
  readonly contactForm?: ContactForm | undefined;
  /** @default 'udp' */
  readonly transport?: PeerAddress['transport'];
  /** Of the candidate: CALL-05. @default none: no session interval is offered */
  readonly terms?: DialogTerms | undefined;
  /** Of the candidate: CALL-12. @default nothing is asserted */
  readonly identity?: CandidateIdentity | undefined;
  /** Value of the Identity header with which the INVITE is signed (CALL-12). @default none */
  readonly signature?: string | undefined;
  /** The version before began the call: the INVITE is as that wrote it. @default false */
  readonly isOfVersionBefore?: boolean | undefined;
  /** What the switch called itself when the call came: the same on whatever pod. @default nothing */
  readonly product?: string | undefined;
  /** Extensions that the carrier is not offered though the caller has them. @default none */
  readonly withheld?: ReadonlySet<string> | undefined;
  /** Answers to the carrier's challenges (AUTH-11). @default none */
  readonly authorizations?: readonly Authorization[] | undefined;
}

/**
 * Writes the INVITE of leg B. It is the same, byte for byte, for the same arguments: a pod that takes the call over
 * repeats it, and the carrier sees a retransmission (edge.md §5).
 */
export function carrierInvite(parts: CarrierInvite): SipRequest {
  const { invite, local, transport, contactForm: form } = parts;
  const headers = new Headers();
  const { uri, path } = parts.target;
  headers.append('Via', viaValue(local, parts.branch, transport));
  for (const route of path) headers.append('Route', route);
  headers.append('Max-Forwards', String((maxForwards(invite) ?? 71) - 1));
  headers.append('From', `${localUriB(parts)};tag=${callerTag(invite, parts.callId)}`);
  headers.append('To', `<${uri}>`);
  headers.append('Call-ID', parts.callId);
  headers.append('CSeq', `${String(cseq(invite).number + parts.cseqOffset)} INVITE`);
  const isSips = isSipsUri(uri);
  headers.append('Contact', contactValue(local, parts.contactToken, { transport, form, isSips }));
  copyPassingHeaders(invite.headers, headers, {
    name: 'invite',
    method: 'INVITE',
    passedBody: parts.passedBody,
    relaysRefer: parts.terms?.relaysRefer,
    withheld: parts.withheld,
  });
  writeCaller(headers, parts);
  writeSignature(headers, parts);
  offerSession(headers, parts.terms?.sessionIntervalSeconds ?? 0);
  if (parts.isOfVersionBefore === true && !headers.has('Allow')) {
    headers.append('Allow', ALLOW_OF_VERSION_BEFORE);
  }
  for (const { header, value } of parts.authorizations ?? []) headers.append(header, value);
  appendProduct(headers, 'User-Agent', parts.product);
  return new SipRequest('INVITE', uri, headers, parts.passedBody);
}

/** What every INVITE without an Allow of the caller's got. */
const ALLOW_OF_VERSION_BEFORE =
  'INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK, INFO, MESSAGE, REFER, NOTIFY';

/** The caller's From tag passes to leg B; a caller that has none, as by RFC 2543, or no proper one gets the call id. */
export function callerTag(invite: SipRequest, callId: string): string {
  const { tag } = from(invite);
  return tag !== undefined && isToken(tag) ? tag : callId;
}

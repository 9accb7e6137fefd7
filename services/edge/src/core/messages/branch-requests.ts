import { q850Cause } from '@tandem/domain';
import { cancelOf } from '@tandem/sip';
import type { SipRequest } from '@tandem/sip';
import { destinationOf } from '../call/call-state.ts';
import type { Branch, Call } from '../call/call-state.ts';
import type { DialogToken } from '../dialog/dialog-token.ts';
import { nameForGateway } from '../network/local-addresses.ts';
import type { PeerAddress } from '../network/peer-address.ts';
import { carrierInvite } from './carrier-invite.ts';
import { receivedBody } from './passing-body.ts';

/** RFC 3262 §5: an answer in a reliable response is said once, and could not be kept from the caller. */
const RELIABILITY: ReadonlySet<string> = new Set(['100rel']);
/** RFC 3326 §2: the callee's phone shows no missed call. */
const ANSWERED_ELSEWHERE = ['SIP;cause=200;text="Call completed elsewhere"'];

/** Writes the Contact of an INVITE. */
export interface CarrierTokens {
  forCarrier(branch: Branch): { readonly text: string; readonly token: DialogToken };
}

/** Why an INVITE cannot be sent. */
export type Unsendable = 'transport-error' | 'no-listener' | 'own-address';

/**
 * The INVITE of a branch, the same to the byte on every pod, and where it goes.
 * @returns why it cannot be sent, where it cannot
 */
export function inviteOf(
  { local }: { readonly local: Parameters<typeof nameForGateway>[0] },
  { call, tokens }: { readonly call: Call; readonly tokens: CarrierTokens },
  branch: Branch,
): { readonly request: SipRequest; readonly address: PeerAddress } | Unsendable {
  const { candidate } = branch.attempt;
  const { address, target } = destinationOf(branch.attempt);
  if (address === undefined) return 'transport-error';
  const named = nameForGateway(local, address);
  if (typeof named === 'string') return named;
  const issued = tokens.forCarrier(branch);
  const request = carrierInvite({
    invite: call.invite,
    callId: call.callId,
    local: named,
    caller: candidate.caller,
    target,
    // The same on every pod: what the step has made of it is in the record.
    passedBody: branch.passedBody ?? receivedBody(call.invite),
    branch: branch.text,
    transport: address.transport,
    cseqOffset: branch.cseqOffset,
    contactToken: issued.text,
    contactForm: issued.token.terms.contactForm,
    terms: candidate.dialog,
    identity: candidate.identity,
    signature: branch.signature,
    isOfVersionBefore: call.isOfVersionBefore,
    product: call.product,
    withheld: candidate.answers?.dropsEarlySdp === true ? RELIABILITY : undefined,
    authorizations: branch.authorizations,
  });
  return { request, address };
}

/** The CANCEL of an INVITE, with why nobody wants it any more. @param answered somebody else has the call */
export function cancelOfBranch(
  invite: SipRequest,
  branch: Branch,
  { cancelReasons: given, answered }: { cancelReasons: readonly string[]; answered: boolean },
): SipRequest {
  const cancel = cancelOf(invite);
  const reasons = answered ? ANSWERED_ELSEWHERE : given;
  for (const reason of reasons) cancel.headers.append('Reason', reason);
  const makesCause = branch.attempt.candidate.answers?.makesCause === true;
  if (makesCause && q850Cause(reasons) === undefined) {
    // Q.850 §2.2.7: non-selected user clearing; else normal call clearing.
    cancel.headers.append('Reason', `Q.850;cause=${answered ? '26' : '16'}`);
  }
  return cancel;
}

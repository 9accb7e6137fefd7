import { bareNumber, hasIdentityTerm, identityTerms, readNumber } from '@tandem/domain';
import type { Candidate } from '@tandem/proto/routing';
import { userOf } from '@tandem/sip';
import type { Headers } from '@tandem/sip';
import { privacyOf } from '../messages/privacy.ts';

/** RFC 3323 §5: the caller wants privacy that the far side alone can give, or no call. As routing reads it. */
export function needsTrust(invite: Headers): boolean {
  const { values } = privacyOf(invite);
  return values.includes('critical') && values.includes('session');
}

/** The number that a URI calls; '' where it names none. */
export function calledNumber(uri: string): string {
  const reading = readNumber(userOf(uri));
  return reading.kind === 'number' ? reading.number : '';
}

/**
 * What a place is told of who calls that a gateway has named (CALL-12). A signature that the call came with is for the number
 * that it came for. A place that is not the gateway itself is not trusted as that is: what its caller may want to be withheld
 * is neither told nor signed for there.
 */
export function redirectedCaller(
  { callee, dialog, identity }: Candidate,
  place: { readonly uri: string; readonly isGateway: boolean; readonly invite: Headers },
): Pick<Candidate, 'dialog' | 'identity'> {
  const { invite, isGateway, uri } = place;
  const terms = dialog?.identityB ?? 0;
  const mayWithhold =
    hasIdentityTerm(terms, 'trusted') && (invite.has('Privacy') || invite.has('Remote-Party-ID'));
  const isUnsigned = !isGateway && mayWithhold;
  const isOther = bareNumber(calledNumber(uri)) !== bareNumber(callee);
  return {
    dialog:
      dialog === undefined || isGateway
        ? dialog
        : { ...dialog, identityB: terms & ~identityTerms.trusted },
    identity:
      identity === undefined || !(isUnsigned || isOther)
        ? identity
        : {
            ...identity,
            passesSignature: false,
            signature: isUnsigned ? undefined : identity.signature,
          },
  };
}

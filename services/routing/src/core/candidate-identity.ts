import { hasIdentityTerm } from '@tandem/domain';
import type { Candidate, CandidateIdentity } from '@tandem/proto/routing';
import type { Question } from './plan.ts';
import type { CallerReading } from './read-caller.ts';
import type { AccountEntry, GatewayEntry, OriginEntry } from './routing-tables.ts';
import { signatureOf } from './signing.ts';

/** The call that a candidate is for. */
export interface CallerOfCandidate {
  readonly question: Question;
  readonly reading: CallerReading;
  readonly origin: OriginEntry;
  readonly account: AccountEntry;
}

/**
 * What a gateway is told of who calls, and how the call's headers are dealt with on both sides (CALL-12). Of most calls there
 * is nothing to say.
 */
export function candidateIdentity(
  gateway: GatewayEntry,
  call: CallerOfCandidate,
): Pick<Candidate, 'dialog' | 'identity'> {
  const { dialog } = gateway.candidate;
  const { terms } = call.origin.caller;
  return {
    dialog: dialog === undefined || terms === 0 ? dialog : { ...dialog, identityA: terms },
    identity: identityOf(gateway, call),
  };
}

function identityOf(gateway: GatewayEntry, call: CallerOfCandidate): CandidateIdentity | undefined {
  const { reading, question } = call;
  const terms = gateway.candidate.dialog?.identityB ?? 0;
  const { verification } = question;
  const told = hasIdentityTerm(terms, 'verstat') ? verification : undefined;
  if (reading.asserted === '' && gateway.stir === 'off' && told === undefined) return undefined;
  const isWithheld = withholds(reading) && !hasIdentityTerm(terms, 'trusted');
  // RFC 8588: who passes a call on does not sign what another one has signed as well or better.
  const isVerified = verification?.verdict === 'passed';
  const isPassed = gateway.stir === 'pass' || (gateway.stir === 'sign' && isVerified);
  const isSigned = gateway.stir === 'sign' && !isVerified;
  const { account, origin } = call;
  return {
    asserted: reading.asserted,
    // What is signed names the caller's number.
    passesSignature: isPassed && !isWithheld,
    signature: isSigned
      ? signatureOf({ account, origin, reading, from: question.caller, isWithheld })
      : undefined,
    verification: told,
  };
}

/** RFC 3323 §4.2, RFC 3325 §9.3: the caller's number is not for everybody. */
function withholds({ privacy }: CallerReading): boolean {
  return privacy.split(';').some((value) => value === 'id' || value === 'user');
}

import { decided, hasIdentityTerm, readNumber } from '@tandem/domain';
import type { DecisionRecord, RefusalReason } from '@tandem/domain';
import type { AuthenticateRequest, AuthenticateResponse, Deny, Origin } from '@tandem/proto/auth';
import { SipParseError, parseNameAddr, userOf } from '@tandem/sip';
import type { CallFacts, Verdict, VerdictKind } from '@tandem/stir';
import type { CallSigning } from './origins.ts';

/** Whether the signature of this request is looked at (CALL-12): that of an INVITE, where its gateway's is. */
export function isToBeVerified({ verify }: CallSigning, { method }: AuthenticateRequest): boolean {
  return verify !== 'off' && method === 'INVITE';
}

/**
 * What a signature is held against. The caller is who will be shown: of a trusted side its asserted identity, else From; who
 * has no number there has that which is asserted (RFC 8224 §6.2 step 2).
 */
export function factsOf(
  request: AuthenticateRequest,
  { terms }: CallSigning,
  nowMs: number,
): CallFacts {
  const { assertedIdentity, date, fromUri, identity, requestUri, toUser } = request;
  const from = numberIn(userOf(fromUri));
  const asserted = assertedIdentity.flatMap((value) => numberIn(userOf(uriOf(value))));
  const isTrusted = hasIdentityTerm(terms, 'trusted') && asserted.length > 0;
  return {
    identity,
    callers: isTrusted || !from.some(isDigits) ? asserted : from,
    callees: [...numberIn(userOf(requestUri)), ...numberIn(toUser)],
    date,
    nowMs,
  };
}

function numberIn(user: string): string[] {
  const reading = readNumber(user);
  return reading.kind === 'number' ? [reading.number] : [];
}

function isDigits(number: string): boolean {
  return /^\+?\d+$/.test(number);
}

function uriOf(value: string): string {
  try {
    return parseNameAddr(value).uri;
  } catch (error) {
    if (error instanceof SipParseError) return '';
    throw error;
  }
}

/** RFC 8224 §6.2.2: what each verdict is refused with. */
const reasons = {
  missing: 'IdentityMissing',
  stale: 'DateStale',
  invalid: 'IdentityInvalid',
  untrusted: 'CredentialUnsupported',
  unavailable: 'IdentityInfoBad',
} as const satisfies Record<Exclude<VerdictKind, 'passed'>, RefusalReason>;

/** The answer to a request that is allowed, once its signature has been looked at: refused after all, or with what was found. */
export function withVerdict(
  allowed: AuthenticateResponse,
  verdict: Verdict,
  about: {
    readonly verify: Exclude<CallSigning['verify'], 'off'>;
    readonly subject: string;
    readonly atMs: number;
  },
): AuthenticateResponse {
  const { outcome, decisions } = allowed;
  const { attestation, kind, origid } = verdict;
  const isRefused = outcome?.$case === 'allow' && refuses(about.verify, kind);
  const decision = decisionOf(verdict, about);
  return {
    ...allowed,
    outcome:
      isRefused && kind !== 'passed'
        ? { $case: 'deny', value: refusedAs(reasons[kind], outcome.value) }
        : outcome,
    decisions: [...decisions, decision],
    verification: { verdict: kind, attestation, origid },
  };
}

function refusedAs(reason: RefusalReason, origin: Origin): Deny {
  return { reason, origin, unrecorded: false, unanswered: false };
}

function refuses(verify: CallSigning['verify'], kind: VerdictKind): boolean {
  if (kind === 'passed' || verify === 'off' || verify === 'note') return false;
  return verify === 'refuse' || kind !== 'missing';
}

function decisionOf(
  { attestation, cause, certificate, kind, number, origid }: Verdict,
  { verify, subject, atMs }: Parameters<typeof withVerdict>[2],
): DecisionRecord {
  const signed = { attestation, origid, number, certificate };
  if (kind === 'passed') {
    return decided('identity-verified', { subject, facts: { verify, ...signed }, atMs });
  }
  const facts = { verify, verdict: kind, cause, ...(certificate === '' ? {} : signed) };
  return refuses(verify, kind)
    ? decided('identity-refused', { subject, reason: reasons[kind], facts, atMs })
    : decided('identity-not-verified', { subject, facts, atMs });
}

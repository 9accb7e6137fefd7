import type { Decision, Fact } from '@tandem/proto/decision';
import type { FailureCount, Suspension } from '../ports.ts';
import type { AddressOrigin, PasswordOrigin, Source } from './origins.ts';
import type { SessionTerms } from './session-terms.ts';

/** A decision without what is the same for all that auth makes. */
export type DecisionDraft = Omit<Decision, 'service' | 'atMs' | 'reason'> & {
  readonly reason?: string;
};

/** Values by the names that operators know, in the order in which they are shown. */
export type FactValues = Readonly<Record<string, string | number>>;

export function decisionOf(draft: DecisionDraft, atMs: number): Decision {
  const { check, result, subject, reason = '', facts } = draft;
  return { service: 'auth', check, result, subject, reason, facts, atMs };
}

export function factsOf(values: FactValues): Fact[] {
  return Object.entries(values).map(([name, value]) => ({ name, value: String(value) }));
}

/** "phone 1001": how an origin is called in decisions, suspensions and the CDR. */
export function subjectOf(origin: PasswordOrigin | AddressOrigin): string {
  return `${origin.kind} ${origin.name}`;
}

/**
 * Whom a request claims to be where nobody of that name is known. It stands for one source address only:
 * gateways call with any name in From, and somebody else's guesses at that name must not lock them out.
 */
export function unknownSubject(username: string, address: string): string {
  // The name comes from outside: it must not fill the store or a page.
  return `unknown-user ${username.slice(0, 64)} at ${address}`;
}

/** "192.0.2.1:5060" or "[2001:db8::1]:5060". */
export function formatSource({ address, port }: Source): string {
  return address.includes(':') ? `[${address}]:${String(port)}` : `${address}:${String(port)}`;
}

/** What AUTH-07 decided by. */
export function suspensionFacts(suspension: Suspension): Fact[] {
  const { sinceMs, untilMs, failures, maxFailures, cause, lastSource } = suspension;
  return factsOf({
    SS_AUTHENTICATION_MAX_RETRY: maxFailures,
    failures,
    SS_AUTHENTICATION_FAILED_SUSPEND: seconds(untilMs - sinceMs),
    'suspended-since': new Date(sinceMs).toISOString(),
    'suspended-until': new Date(untilMs).toISOString(),
    cause,
    'last-source': lastSource,
  });
}

/** What AUTH-06 decided by, and how far AUTH-07 is. */
export function failureFacts(terms: SessionTerms, count: FailureCount): FactValues {
  return {
    'wrong-answers': count.session,
    SS_SIP_AUTHENTICATION_RETRY: terms.retryLimit,
    SS_SIP_AUTHENTICATION_TIMEOUT: seconds(terms.timeoutMs),
    failures: count.terminal,
    SS_AUTHENTICATION_MAX_RETRY: terms.maxFailures,
  };
}

function seconds(ms: number): string {
  return `${String(ms / 1000)} s`;
}

import type { FactsOf } from '@tandem/domain';
import type { FailureCount, Suspension } from '../ports.ts';
import type { AddressOrigin, PasswordOrigin, Source } from './origins.ts';
import { OTHER_PLACES } from './place.ts';
import type { SessionTerms } from './session-terms.ts';

/** "phone 1001": how an origin is called in decisions, suspensions and the CDR. */
export function subjectOf(origin: PasswordOrigin | AddressOrigin): string {
  return `${origin.kind} ${origin.name}`;
}

/** Whom a request claims to be where nobody of that name is known. */
export function unknownSubject(username: string): string {
  // The name comes from outside: it must not fill the store or a page.
  return `${UNKNOWN}${username.slice(0, 64)}`;
}

const UNKNOWN = 'unknown-user ';

/** The name of `unknownSubject`; undefined where somebody of that name is known. */
export function nameOfUnknown(user: string): string | undefined {
  return user.startsWith(UNKNOWN) ? user.slice(UNKNOWN.length) : undefined;
}

/** "192.0.2.1:5060" or "[2001:db8::1]:5060". */
export function formatSource({ address, port }: Source): string {
  return address.includes(':') ? `[${address}]:${String(port)}` : `${address}:${String(port)}`;
}

/** What AUTH-07 decided by. */
export function suspensionFacts(suspension: Suspension): FactsOf<'terminal-suspended'> {
  const { sinceMs, untilMs, failures, maxFailures, cause, explanation, lastSource } = suspension;
  const isOfUser = suspension.terminal.endsWith(` at ${OTHER_PLACES}`);
  return {
    SS_AUTHENTICATION_MAX_RETRY: maxFailures,
    'decided-by': isOfUser ? 'SS_AUTHENTICATION_USER_MAX_RETRY' : undefined,
    failures,
    SS_AUTHENTICATION_FAILED_SUSPEND: seconds(untilMs - sinceMs),
    'suspended-since': new Date(sinceMs).toISOString(),
    'suspended-until': new Date(untilMs).toISOString(),
    cause,
    'last-source': lastSource,
    explanation: explanation === '' ? undefined : explanation,
  };
}

/** What AUTH-06 decided by, and how far AUTH-07 is. */
export function failureFacts(
  terms: SessionTerms,
  count: FailureCount,
): Omit<FactsOf<'password-not-proved'>, 'cause' | 'source' | 'decided-by'> {
  return {
    'wrong-answers': count.session,
    SS_SIP_AUTHENTICATION_RETRY: terms.retryLimit,
    SS_SIP_AUTHENTICATION_TIMEOUT: seconds(terms.timeoutMs),
    failures: count.terminal,
    SS_AUTHENTICATION_MAX_RETRY: terms.maxFailures,
  };
}

/** The first of them, and how many more there are. */
export function listSome(values: readonly string[]): string {
  const shown = values.slice(0, 10).join(', ');
  return values.length > 10 ? `${shown} and ${String(values.length - 10)} more` : shown;
}

function seconds(ms: number): string {
  return `${String(ms / 1000)} s`;
}

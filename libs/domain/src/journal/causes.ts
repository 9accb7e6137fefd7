import type { FactShape } from '../decisions/kind.ts';
import { operationCauses } from './operation-causes.ts';
import { partCauses } from './part-causes.ts';
import { requestCauses } from './request-causes.ts';

/** What something that stands in the journal is about. */
export const journalKinds = [
  'registration',
  'registration-end',
  'request',
  'gateway',
  'operator',
  'part',
] as const;

export type JournalKind = (typeof journalKinds)[number];

/** How it came out: a request was accepted or refused, what was there has ended; of gateways and parts: is there again, is gone. */
export const journalOutcomes = ['accepted', 'refused', 'ended'] as const;

export type JournalOutcome = (typeof journalOutcomes)[number];

/** One cause of what stands in the journal (OPS-10). */
export interface JournalCauseRow {
  readonly kind: JournalKind;
  readonly outcome: JournalOutcome;
  /** The values that decided, by the names that operators know. */
  readonly facts: Readonly<Record<string, FactShape>>;
  /** Values that are known of some only. */
  readonly optional?: Readonly<Record<string, FactShape>>;
  /** There are too many to keep each: they are counted for history and analysis, and have no entry. */
  readonly isCountedOnly?: true;
}

/** AUTH-06, AUTH-07: how far the limits of failures are. */
const failures = {
  'wrong-answers': 'number',
  SS_SIP_AUTHENTICATION_RETRY: 'number',
  failures: 'number',
  SS_AUTHENTICATION_MAX_RETRY: 'number',
} as const;

/**
 * REG-11: what becomes of an attempt to register, and how a registration ends. An attempt that changes nothing but the time
 * of a binding is counted only: of a phone that stays where it is the journal has the first and the last.
 */
export const journalCauses = {
  registered: {
    kind: 'registration',
    outcome: 'accepted',
    facts: { contact: 'text', expires: 'number', transport: 'text' },
    optional: { 'behind-nat': ['yes'] },
  },
  // The same device at another contact, or from another address.
  moved: {
    kind: 'registration',
    outcome: 'accepted',
    facts: { contact: 'text', 'contact-before': 'text', 'source-before': 'text' },
  },
  refreshed: { kind: 'registration', outcome: 'accepted', facts: {}, isCountedOnly: true },
  // Bindings were asked for, or some removed that were not there.
  asked: { kind: 'registration', outcome: 'accepted', facts: {}, isCountedOnly: true },

  'wrong-password': { kind: 'registration', outcome: 'refused', facts: {}, optional: failures },
  'unknown-user': {
    kind: 'registration',
    outcome: 'refused',
    facts: {},
    optional: { ...failures, explanation: 'text' },
  },
  // Realm, algorithm, form of the user name: `fault` is that of authentication.
  'wrong-credentials': {
    kind: 'registration',
    outcome: 'refused',
    facts: { fault: 'text' },
    optional: { ...failures, explanation: 'text' },
  },
  'address-not-allowed': {
    kind: 'registration',
    outcome: 'refused',
    facts: { allowed: 'text' },
    optional: { 'source-hidden': ['yes'] },
  },
  'certificate-not-allowed': {
    kind: 'registration',
    outcome: 'refused',
    facts: { shown: 'text', allowed: 'text' },
  },
  // REG-10: a gateway that has proved itself, and has no registration in the configuration.
  'not-dynamic': { kind: 'registration', outcome: 'refused', facts: {} },
  suspended: {
    kind: 'registration',
    outcome: 'refused',
    facts: {
      'suspended-until': 'text',
      failures: 'number',
      SS_AUTHENTICATION_MAX_RETRY: 'number',
      fault: 'text',
      'last-source': 'text',
    },
    optional: { explanation: 'text' },
  },
  // AUTH-15: nobody has proved anything, nor failed to; `fault` says how the challenge led nowhere.
  'challenge-unanswered': {
    kind: 'registration',
    outcome: 'refused',
    facts: {
      fault: 'text',
      challenges: 'number',
      sent: 'text',
      expected: 'text',
      SS_AUTHCHALLENGEMODE: 'number',
    },
    optional: {
      'agent-answers': ['401', '407', 'none'],
      'agent-habit': ['own-realm', 'first-challenge'],
    },
  },
  // AUTH-08: `explanation` says by which list, since when, and why.
  'black-listed': {
    kind: 'registration',
    outcome: 'refused',
    facts: {},
    optional: { explanation: 'text' },
  },
  // AUTH-09: SS_REPLY_UNAUTHORIZED.
  'not-answered': {
    kind: 'registration',
    outcome: 'refused',
    facts: {},
    optional: { explanation: 'text' },
  },
  'expiry-too-short': {
    kind: 'registration',
    outcome: 'refused',
    facts: { asked: 'number', SS_ENDPOINT_EXPIRE_MIN: 'number' },
  },
  'bindings-full': {
    kind: 'registration',
    outcome: 'refused',
    facts: { contact: 'text', SERVER_REGISTRAR_MAX_BINDINGS: 'number', registered: 'text' },
  },
  'out-of-order': { kind: 'registration', outcome: 'refused', facts: { fault: 'text' } },
  malformed: { kind: 'registration', outcome: 'refused', facts: { fault: 'text' } },
  // Who has proved itself registers for somebody else.
  'foreign-registration': { kind: 'registration', outcome: 'refused', facts: { for: 'text' } },
  // DENY-19: auth, the registrar or a store is away.
  'not-decided': { kind: 'registration', outcome: 'refused', facts: { fault: 'text' } },

  unregistered: { kind: 'registration-end', outcome: 'ended', facts: { contact: 'text' } },
  // REG-03: `by` is the contact that took its place.
  replaced: {
    kind: 'registration-end',
    outcome: 'ended',
    facts: {
      contact: 'text',
      'source-before': 'text',
      by: 'text',
      SERVER_REGISTRAR_MAX_BINDINGS: 'number',
    },
  },
  'removed-by-operator': {
    kind: 'registration-end',
    outcome: 'ended',
    facts: { contact: 'text', operator: 'text' },
  },
  expired: {
    kind: 'registration-end',
    outcome: 'ended',
    facts: { contact: 'text', 'refreshed-at': 'text', 'expired-at': 'text' },
  },
  // RFC 5626 §5.3: nobody can be called over it any more.
  'connection-closed': {
    kind: 'registration-end',
    outcome: 'ended',
    facts: { contact: 'text', transport: 'text' },
  },
  // REG-04: as many requests in a row had no answer; it is called after all others until there is one.
  'keepalive-lost': {
    kind: 'registration-end',
    outcome: 'ended',
    facts: { contact: 'text', unanswered: 'number' },
  },

  ...requestCauses,
  ...operationCauses,
  ...partCauses,
  // DENY-14: it was given up for silence, and has answered after that. `contact` is the address that was called.
  'answered-late': {
    kind: 'gateway',
    outcome: 'ended',
    facts: { contact: 'text', code: 'number', 'after-ms': 'number', 'waited-ms': 'number' },
  },
  // ROUTE-07: of the last `checks` so many have failed. `contact` is one of several addresses.
  'gateway-off-line': {
    kind: 'gateway',
    outcome: 'ended',
    facts: { last: 'text', failed: 'number', checks: 'number' },
  },
  'gateway-on-line': {
    kind: 'gateway',
    outcome: 'accepted',
    facts: { last: 'text', seconds: 'number' },
  },
  'address-off-line': {
    kind: 'gateway',
    outcome: 'ended',
    facts: { contact: 'text', last: 'text', failed: 'number', checks: 'number' },
  },
  'address-on-line': {
    kind: 'gateway',
    outcome: 'accepted',
    facts: { contact: 'text', last: 'text', seconds: 'number' },
  },
  // CALL-02: what the name of a gateway stands for; it has no address any more.
  'name-changed': {
    kind: 'gateway',
    outcome: 'accepted',
    facts: { name: 'text', before: 'text', now: 'text' },
  },
  'name-lost': { kind: 'gateway', outcome: 'ended', facts: { name: 'text', before: 'text' } },
  // ROUTE-16: of `attempts` so many had failed; it gets `share` of its calls, in place of `before`.
  'gateway-throttled': {
    kind: 'gateway',
    outcome: 'ended',
    facts: { share: 'text', before: 'text', attempts: 'number', failed: 'number' },
  },
  'gateway-let-back': {
    kind: 'gateway',
    outcome: 'accepted',
    facts: { share: 'text', before: 'text', attempts: 'number', failed: 'number' },
  },
} as const satisfies Readonly<Record<string, JournalCauseRow>>;

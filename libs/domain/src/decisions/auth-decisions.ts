import type { KindTable } from './kind.ts';

// both: of a phone that proves its password besides (REG-10).
const source = { mode: ['ip', 'ip-port', 'both'], source: 'text' } as const;
const challenge = { SS_AUTHCHALLENGEMODE: 'number', code: 'number', realm: 'text' } as const;

/** AUTH-15: how a challenge led nowhere. */
const challengeEnds = [
  'never-answered',
  'sent-again',
  'unreadable',
  'nonce-not-good',
  'loop',
] as const;

/** AUTH-14: the gateway whose list of addresses comes nearest, and what it says. */
const nearest = {
  'nearest-gateway': 'text',
  'nearest-list': 'text',
  // CALL-07: the address proves nothing; or that of the Via stands in that list, and another one was seen.
  'source-hidden': ['yes'],
  'sent-by': 'text',
} as const;

/** What AUTH-06 decided by, and how far AUTH-07 is. */
const failures = {
  cause: 'text',
  source: 'text',
  'wrong-answers': 'number',
  SS_SIP_AUTHENTICATION_RETRY: 'number',
  SS_SIP_AUTHENTICATION_TIMEOUT: 'text',
  failures: 'number',
  SS_AUTHENTICATION_MAX_RETRY: 'number',
} as const;

/** CALL-12: what was found of the signature of a call. */
const signature = {
  verify: ['note', 'refuse-failed', 'refuse'],
  verdict: 'text',
  cause: 'text',
} as const;
/** What the signature says, where it could be read. */
const signed = {
  attestation: 'text',
  origid: 'text',
  number: 'text',
  certificate: 'text',
} as const;

/** What auth decides. */
export const authDecisions = {
  // AUTH-01
  'address-known': {
    service: 'auth',
    check: 'source-address',
    result: 'passed',
    facts: source,
  },
  // DENY-03
  'address-foreign': {
    service: 'auth',
    check: 'source-address',
    result: 'refused',
    reason: 'IpNotAllowed',
    facts: { ...source, allowed: 'text' },
  },
  // CALL-07
  'address-hidden': {
    service: 'auth',
    check: 'source-address',
    result: 'refused',
    reason: 'IpNotAllowed',
    facts: { ...source, 'source-hidden': ['yes'], allowed: 'text' },
  },
  // AUTH-14
  'source-unknown': {
    service: 'auth',
    check: 'source-address',
    result: 'refused',
    reason: 'IpNotAllowed',
    facts: { SS_UNKNOWN_SOURCE: ['refuse'], source: 'text' },
    optional: nearest,
  },
  // AUTH-14, AUTH-15
  'challenge-unanswered': {
    service: 'auth',
    check: 'challenge',
    result: 'failed',
    reason: ['IpNotAllowed', 'ChallengeUnanswered'],
    facts: {
      'led-to': challengeEnds,
      challenges: 'number',
      method: 'text',
      source: 'text',
      SS_AUTHCHALLENGEMODE: 'number',
      code: 'number',
      SS_SIP_AUTHENTICATION_TIMEOUT: 'text',
      sent: 'text',
      expected: 'text',
    },
    optional: {
      ...nearest,
      'user-agent': 'text',
      'agent-answers': ['401', '407', 'none'],
      // What else its program is known to do.
      'agent-habit': ['own-realm', 'first-challenge'],
    },
  },
  // CALL-02
  'certificate-foreign': {
    service: 'auth',
    check: 'certificate',
    result: 'refused',
    reason: 'AuthenticationFailed',
    facts: { transport: 'text', shown: 'text', allowed: 'text' },
    optional: { source: 'text' },
  },
  // REG-10: it has proved itself, and neither registers nor calls as it has asked.
  'method-not-permitted': {
    service: 'auth',
    check: 'method',
    result: 'refused',
    reason: 'CallNotPermitted',
    facts: { method: 'text' },
  },
  // AUTH-02, AUTH-04
  challenged: {
    service: 'auth',
    check: 'digest',
    result: 'challenged',
    facts: { ...challenge, cause: 'text' },
    optional: { 'source-hidden': ['yes'] },
  },
  // AUTH-06
  'challenged-again': {
    service: 'auth',
    check: 'digest',
    result: 'challenged',
    reason: 'AuthenticationFailed',
    facts: { ...challenge, ...failures },
    optional: { explanation: 'text' },
  },
  'password-proved': {
    service: 'auth',
    check: 'digest',
    result: 'passed',
    facts: { mode: ['password'], realm: 'text', algorithm: 'text' },
    // AUTH-13
    optional: { password: ['previous'] },
  },
  // AUTH-06, DENY-08
  'password-not-proved': {
    service: 'auth',
    check: 'digest',
    result: 'refused',
    reason: 'AuthenticationFailed',
    facts: {
      'decided-by': ['SS_SIP_AUTHENTICATION_RETRY', 'SS_SIP_AUTHENTICATION_TIMEOUT'],
      ...failures,
    },
    // AUTH-15: what was sent and what was expected.
    optional: { explanation: 'text' },
  },
  // CALL-12, RFC 8224 §6.2
  'identity-verified': {
    service: 'auth',
    check: 'identity',
    result: 'passed',
    facts: { verify: ['note', 'refuse-failed', 'refuse'], ...signed },
  },
  // CALL-12: the call goes on.
  'identity-not-verified': {
    service: 'auth',
    check: 'identity',
    result: 'skipped',
    facts: signature,
    optional: signed,
  },
  // CALL-12, RFC 8224 §6.2.2
  'identity-refused': {
    service: 'auth',
    check: 'identity',
    result: 'refused',
    reason: [
      'IdentityMissing',
      'IdentityInfoBad',
      'CredentialUnsupported',
      'IdentityInvalid',
      'DateStale',
    ],
    facts: signature,
    optional: signed,
  },
  // AUTH-08, AUTH-09: it gets no answer at all; `explanation`: by which list or parameter, with its values.
  'not-answered': {
    service: 'auth',
    check: 'silence',
    result: 'refused',
    reason: 'IpNotAllowed',
    facts: {
      cause: ['source denied', 'source black-listed', 'not known, and such get no answer'],
      source: 'text',
      explanation: 'text',
    },
  },
  // AUTH-07, DENY-08
  'terminal-suspended': {
    service: 'auth',
    check: 'suspension',
    result: 'refused',
    reason: 'Suspended',
    facts: {
      SS_AUTHENTICATION_MAX_RETRY: 'number',
      failures: 'number',
      SS_AUTHENTICATION_FAILED_SUSPEND: 'text',
      'suspended-since': 'text',
      'suspended-until': 'text',
      cause: 'text',
      'last-source': 'text',
    },
    // Where it is the limit of a user name from everywhere together; else that of a terminal. AUTH-15: of the last answer.
    optional: { 'decided-by': ['SS_AUTHENTICATION_USER_MAX_RETRY'], explanation: 'text' },
  },
} as const satisfies KindTable;

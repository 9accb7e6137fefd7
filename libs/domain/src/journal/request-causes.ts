import type { JournalCauseRow } from './causes.ts';

/** What is known of every request that was answered without a call: its method, and the code that it got. */
const refused = { method: 'text', code: 'number' } as const;
const faulty = { ...refused, fault: 'text' } as const;

/**
 * Requests of which the switch keeps nothing: refused by themselves, or dropped without an answer. Calls that are decided have CDRs, and
 * registrations causes of their own.
 */
export const requestCauses = {
  // CALL-10: `offset` in the datagram.
  'request-malformed': {
    kind: 'request',
    outcome: 'refused',
    facts: faulty,
    optional: { offset: 'number' },
  },
  // CALL-10: so broken that nobody can be answered.
  unreadable: {
    kind: 'request',
    outcome: 'refused',
    facts: { fault: 'text' },
    optional: { offset: 'number' },
  },
  // CALL-02: it connected, and came to no TLS.
  'tls-failed': { kind: 'request', outcome: 'refused', facts: { fault: 'text' } },
  // CALL-02: TLS was agreed on, and it left without a word.
  'tls-unused': { kind: 'request', outcome: 'refused', facts: {} },
  // CALL-02: the certificate that it has shown proves no name; `shown` are those that it is for.
  'certificate-untrusted': {
    kind: 'request',
    outcome: 'refused',
    facts: { shown: 'text', fault: 'text' },
  },
  // RFC 7118 §4: it asked for a WebSocket, and got none.
  'web-socket-refused': { kind: 'request', outcome: 'refused', facts: { fault: 'text' } },
  'version-unknown': { kind: 'request', outcome: 'refused', facts: faulty },
  'scheme-not-served': { kind: 'request', outcome: 'refused', facts: faulty },
  'extension-not-supported': { kind: 'request', outcome: 'refused', facts: faulty },
  // CALL-02: Max-Forwards came as 0; `via` are the hosts that it passed.
  'too-many-hops': { kind: 'request', outcome: 'refused', facts: { ...refused, via: 'text' } },
  // CALL-02: the same INVITE came by two ways, or back to the switch.
  loop: { kind: 'request', outcome: 'refused', facts: { ...refused, via: 'text' } },
  'method-not-served': { kind: 'request', outcome: 'refused', facts: refused },
  // CALL-05, RFC 4028 §8.1
  'session-too-brief': {
    kind: 'request',
    outcome: 'refused',
    facts: { ...refused, asked: 'text', least: 'number' },
  },
  // There is no call of that Call-ID and these tags: it has ended, or never was here.
  'no-such-dialog': { kind: 'request', outcome: 'refused', facts: refused },
  // CALL-07: it is of a call, and comes from an address that is not of it.
  'foreign-source': { kind: 'request', outcome: 'refused', facts: refused },
  // CALL-04
  'transfer-refused': {
    kind: 'request',
    outcome: 'refused',
    facts: { code: 'number', fault: 'text' },
  },
  // AUTH-06, AUTH-07, AUTH-09: auth had something against a call that has no CDR. Code 0: it got no answer.
  'not-let-in': {
    kind: 'request',
    outcome: 'refused',
    facts: { ...refused, who: 'text', fault: 'text' },
    optional: { explanation: 'text', 'suspended-until': 'text' },
  },
  // A Contact of ours was called as if it were a number.
  'nobody-called': { kind: 'request', outcome: 'refused', facts: { ...refused, called: 'text' } },
  // DENY-19
  'request-not-taken': { kind: 'request', outcome: 'refused', facts: faulty },
  // CALL-10
  'switch-failed': { kind: 'request', outcome: 'refused', facts: refused },
  // What else the edge answers by itself.
  'request-refused': { kind: 'request', outcome: 'refused', facts: faulty },

  // AUTH-08: dropped without an answer.
  scanner: { kind: 'request', outcome: 'refused', facts: { method: 'text' } },
  'source-black-listed': { kind: 'request', outcome: 'refused', facts: {} },
  // CALL-11: dropped unread, or refused, while the switch was past its capacity.
  'turned-away': { kind: 'request', outcome: 'refused', facts: { how: ['dropped', 'refused'] } },
} as const satisfies Readonly<Record<string, JournalCauseRow>>;

import type { KindTable } from './kind.ts';

/** What the edge decides. */
export const edgeDecisions = {
  // CALL-10: matched and served all the same.
  'malformed-response': {
    service: 'edge',
    check: 'malformed-response',
    result: 'passed',
    facts: { code: 'number', faults: 'text', address: 'text' },
  },
  // DENY-18, DENY-16
  'final-response': {
    service: 'edge',
    check: 'final-response',
    result: 'failed',
    reason: ['Rejected', 'BadGateway'],
    facts: { code: 'number', phrase: 'text', address: 'text' },
    // ROUTE-06
    optional: {
      'retry-after': 'number',
      warning: 'text',
      'reason-header': 'text',
      // The header by which such an answer says what would do: "Unsupported: 100rel"; the codecs that its body names.
      says: 'text',
      codecs: 'text',
    },
  },
  // DENY-18: a code is told as another one, and by which rule.
  'code-mapped': {
    service: 'edge',
    check: 'code-map',
    result: 'passed',
    facts: { from: 'number', to: 'number', map: ['codeMap', 'q850', 'RFC 3261 16.7'] },
    optional: { cause: 'number' },
  },
  // CALL-04: what the caller hears before the answer is not what the carrier says.
  'progress-mapped': {
    service: 'edge',
    check: 'provisional',
    result: 'passed',
    facts: { from: 'number', to: 'number', sdp: ['none', 'kept', 'dropped'] },
  },
  // CALL-02: whom a carrier named in its place.
  'redirect-followed': {
    service: 'edge',
    check: 'redirect',
    result: 'chosen',
    facts: { code: 'number', contact: 'text', address: 'text' },
  },
  'redirect-not-followed': {
    service: 'edge',
    check: 'redirect',
    result: 'skipped',
    facts: { code: 'number', contact: 'text', cause: 'text' },
  },
  'redirect-unresolved': {
    service: 'edge',
    check: 'redirect',
    result: 'skipped',
    facts: { name: 'text', cause: 'text' },
  },
  // ROUTE-06: of several attempts that failed the best answer goes back, which is not the last one.
  'best-response': {
    service: 'edge',
    check: 'best-response',
    result: 'chosen',
    facts: { code: 'number', last: 'number', attempts: 'number' },
  },
  // ROUTE-06, ROUTE-17: the gateway has failed, and another one is asked for.
  'failover-went-on': {
    service: 'edge',
    check: 'failover',
    result: 'passed',
    facts: { code: 'number', failure: 'text' },
    // Where the carrier has answered.
    optional: { stopCodes: 'text' },
  },
  // ROUTE-06, ROUTE-17: no other gateway is asked for.
  'failover-ended': {
    service: 'edge',
    check: 'failover',
    result: 'passed',
    facts: {
      cause: [
        'stop-code',
        'switch-until-connect',
        'switch-limit',
        'early-media',
        'candidates-used-up',
        'caller-description',
        'redirection',
        'session-interval',
        'invites-used-up',
      ],
      code: 'number',
      attempts: 'number',
    },
    // Gateways that were left.
    optional: { stopCodes: 'text', limit: 'number', untried: 'text' },
  },
  // AUTH-11
  'credentials-refused': {
    service: 'edge',
    check: 'digest',
    result: 'failed',
    reason: 'BadGateway',
    facts: { code: 'number', username: 'text', 'challenges-answered': 'number', cause: 'text' },
    // What it asks for: "realm carrier, algorithm SHA-512".
    optional: { asked: 'text' },
  },
  // CALL-12, RFC 8224 §6.1
  'invite-signed': {
    service: 'edge',
    check: 'signature',
    result: 'passed',
    facts: { attestation: 'text', because: 'text', certificate: 'text' },
  },
  // CALL-12: the call goes on without a signature.
  'invite-not-signed': {
    service: 'edge',
    check: 'signature',
    result: 'skipped',
    facts: { cause: 'text' },
  },
  // AUTH-11: in the dialog of a call.
  'dialog-challenge-answered': {
    service: 'edge',
    check: 'dialog-challenge',
    result: 'passed',
    facts: { method: 'text', code: 'number', realms: 'text', cseq: 'number' },
  },
  // AUTH-11
  'dialog-challenge-refused': {
    service: 'edge',
    check: 'dialog-challenge',
    result: 'failed',
    reason: 'BadGateway',
    facts: { method: 'text', code: 'number', cause: 'text' },
  },
  // CALL-03, DENY-14
  'nothing-received': {
    service: 'edge',
    check: 'timer',
    result: 'failed',
    reason: 'InviteTimeout',
    facts: { timer: ['SS_SIP_TIMEOUT_INVITE'], 'waited-ms': 'number', address: 'text' },
    // The gateway's own timer decided, in place of the parameter; how often it was sent; what the network said of the address.
    optional: { 'own-timer': 'text', times: 'number', network: 'text' },
  },
  // CALL-03, DENY-15
  'no-final-response': {
    service: 'edge',
    check: 'timer',
    result: 'failed',
    reason: 'GatewayTimeout',
    facts: {
      timer: [
        'SS_SIP_TIMEOUT_RINGING',
        'SS_SIP_TIMEOUT_SESSION_PROGRESS',
        'SS_SIP_TIMEOUT_SESSION_PROGRESS_SDP',
      ],
      'waited-ms': 'number',
      address: 'text',
    },
    // The last thing that was heard.
    optional: { 'own-timer': 'text', code: 'number' },
  },
  // DENY-16
  unreachable: {
    service: 'edge',
    check: 'timer',
    result: 'failed',
    reason: 'BadGateway',
    facts: { address: 'text' },
    // What the network says of it.
    optional: { network: 'text', transport: 'text' },
  },
  // CALL-07: Via and Contact of the caller are not where it was heard.
  'caller-elsewhere': {
    service: 'edge',
    check: 'caller-address',
    result: 'passed',
    facts: {
      source: 'text',
      via: 'text',
      contact: 'text',
      replyAddress: ['socket', 'via', 'via-port'],
    },
  },
  // CALL-07, DENY-16
  'no-listener': {
    service: 'edge',
    check: 'local-address',
    result: 'failed',
    reason: 'BadGateway',
    facts: { address: 'text', transport: 'text', 'local-address': 'text' },
  },
  'own-address': {
    service: 'edge',
    check: 'local-address',
    result: 'failed',
    reason: 'BadGateway',
    facts: { address: 'text' },
  },
  // DENY-17
  cancelled: {
    service: 'edge',
    check: 'cancel',
    result: 'refused',
    reason: 'CallerCancelled',
    facts: { 'after-ms': 'number', rang: ['no', 'yes'] },
    // RFC 3326
    optional: { reason: 'text' },
  },
  // OPS-02
  'ended-by-operator': {
    service: 'edge',
    check: 'operator',
    result: 'refused',
    reason: 'EndedByOperator',
    facts: { operator: 'text', 'after-ms': 'number', rang: ['no', 'yes'] },
  },
  // DENY-19
  'part-away': {
    service: 'edge',
    check: 'store',
    result: 'failed',
    reason: 'ServiceUnavailable',
    facts: { error: 'text' },
  },
  // CALL-08
  'media-anchored': {
    service: 'edge',
    check: 'media',
    result: 'passed',
    facts: { relay: 'text', policy: ['required', 'optional'], why: 'text' },
  },
  // CALL-08
  'media-relay-away': {
    service: 'edge',
    check: 'media',
    result: 'skipped',
    facts: { policy: ['required', 'optional'], why: 'text' },
  },
  // CALL-08: of the caller, or of a routing gateway.
  'description-invalid': {
    service: 'edge',
    check: 'media',
    result: 'failed',
    reason: ['DescriptionInvalid', 'BadGateway'],
    facts: { error: 'text' },
  },
  // BILL-05, CALL-09: an answered call whose account could pay no further increment.
  'money-ended': {
    service: 'edge',
    check: 'balance',
    result: 'failed',
    reason: 'BalanceUsedUp',
    facts: {
      endedAt: 'text',
      balance: 'text',
      overdraft: 'text',
      reserved: 'text',
      needed: 'text',
      neededFor: 'number',
    },
  },
  // DENY-16
  'left-early': {
    service: 'edge',
    check: 'final-response',
    result: 'failed',
    reason: 'BadGateway',
    facts: { address: 'text' },
  },
  // CALL-02: several callees behind one INVITE.
  forked: {
    service: 'edge',
    check: 'forking',
    result: 'passed',
    facts: { code: 'number', address: 'text' },
  },
  // DENY-19, CALL-11: `refused` counts what else was refused of the same source, most of it without a CDR.
  overloaded: {
    service: 'edge',
    check: 'overload',
    result: 'refused',
    reason: 'Overload',
    facts: {
      cause: ['loop-delay', 'queue-delay', 'set-up-delay', 'share', 'most-rate'],
      measured: ['loop-delay', 'queue-delay', 'set-up-delay'],
      'measured-ms': 'number',
      'limit-ms': 'number',
      parameter: ['SS_OVERLOAD_DELAY', 'SS_OVERLOAD_SETUP_DELAY'],
      rate: 'number',
      share: 'number',
      demand: 'number',
      refused: 'number',
    },
  },
  // CALL-06
  adopted: {
    service: 'edge',
    check: 'adoption',
    result: 'passed',
    facts: { from: 'text', cause: ['message', 'offer', 'sweep'] },
  },
} as const satisfies KindTable;

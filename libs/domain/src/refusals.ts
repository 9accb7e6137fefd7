/** Who ended a call, or that the call never came so far. */
export type EndedBy = 'caller' | 'callee' | 'switch';

/** What a cause of refusal looks like on the wire and in the CDR (behaviour section 2). */
export interface Refusal extends RequestRefusal {
  readonly warning: string;
}

/** What a refusal looks like on the wire. */
export interface RequestRefusal {
  /** SIP status code of the final response. */
  readonly code: number;
  /** Reason phrase of the status line. */
  readonly phrase: string;
  /** Text of `Warning: 399 <host> "<text>"`. @default none, but what the case at hand says */
  readonly warning?: string;
  /** In place of 399: a code that clients act upon (RFC 3261 §20.43). */
  readonly warnCode?: number;
  /** Seconds for `Retry-After`, where the caller is asked to come back. */
  readonly retryAfterSeconds?: number;
}

/**
 * Every cause for which a call or registration is refused, by its termination reason in the CDR.
 * Nothing else may build a refusal. Source: behaviour DENY-01 to DENY-19, ROUTE-15.
 *
 * A 503 that says how the switch itself is names a time to come back (DENY-19). One that says how it is with a called
 * number does not: RFC 3261 §21.5.4 has who gets `Retry-After` send nothing at all until then, calls to all other numbers
 * as well.
 */
export const refusals = {
  AccountLocked: { code: 403, phrase: 'Forbidden', warning: 'Account locked' }, // DENY-01
  AccountExpired: { code: 403, phrase: 'Account expired', warning: 'Account expired' }, // DENY-02
  IpNotAllowed: { code: 403, phrase: 'Forbidden', warning: 'Source address not allowed' }, // DENY-03
  CallNotPermitted: { code: 403, phrase: 'Forbidden', warning: 'Call not permitted' }, // DENY-04
  InsufficientBalance: {
    code: 403,
    phrase: 'Insufficient balance',
    warning: 'Insufficient balance',
  }, // DENY-05
  NoRate: { code: 403, phrase: 'Forbidden', warning: 'No rate for the destination' }, // DENY-06
  LineLimitExceeded: { code: 403, phrase: 'Forbidden', warning: 'Line limit exceeded' }, // DENY-07
  AuthenticationFailed: { code: 403, phrase: 'Forbidden', warning: 'Authentication failed' }, // DENY-08
  Suspended: { code: 403, phrase: 'Forbidden', warning: 'Authentication failed' }, // DENY-08, AUTH-05
  // AUTH-14: nothing more is answered; the code is the challenge's.
  ChallengeUnanswered: {
    code: 407,
    phrase: 'Proxy Authentication Required',
    warning: 'Challenge not answered',
  },
  UserNotFound: { code: 404, phrase: 'Not Found', warning: 'User not found' }, // DENY-09
  NotRegistered: { code: 480, phrase: 'Temporarily Unavailable', warning: 'User not registered' }, // DENY-10
  // CALL-02, RFC 5630 §5.3
  SipsNotAllowed: {
    code: 480,
    phrase: 'Temporarily Unavailable',
    warning: 'SIPS Not Allowed',
    warnCode: 380,
  },
  NoAvailableRouter: {
    code: 503,
    phrase: 'Service Unavailable',
    warning: 'No gateway for the destination',
  }, // DENY-11
  AllGatewayBusy: { code: 503, phrase: 'Service Unavailable', warning: 'All gateways busy' }, // DENY-12
  AccountBalanceNotEnough: {
    code: 503,
    phrase: 'Service Unavailable',
    warning: 'No vendor with funds',
  }, // DENY-13
  InviteTimeout: { code: 408, phrase: 'Request Timeout', warning: 'Gateway does not answer' }, // DENY-14
  GatewayTimeout: {
    code: 408,
    phrase: 'Request Timeout',
    warning: 'Gateway stopped answering',
  }, // DENY-15
  BadGateway: { code: 502, phrase: 'Bad Gateway', warning: 'Bad answer from the gateway' }, // DENY-16
  // OPS-02: while it is set up; an answered call that an operator ends has the same reason.
  EndedByOperator: {
    code: 480,
    phrase: 'Temporarily Unavailable',
    warning: 'Ended by an operator',
  },
  CallerCancelled: { code: 487, phrase: 'Request Terminated', warning: 'Cancelled by the caller' }, // DENY-17
  Overload: {
    code: 503,
    phrase: 'Service Unavailable',
    warning: 'Overload',
    retryAfterSeconds: 5,
  }, // DENY-19
  ServiceUnavailable: {
    code: 503,
    phrase: 'Service Unavailable',
    warning: 'Service unavailable',
    retryAfterSeconds: 5,
  }, // DENY-19
  CpsLimitExceeded: {
    code: 503,
    phrase: 'Service Unavailable',
    warning: 'Too many calls per second',
    retryAfterSeconds: 1,
  }, // ROUTE-15
  NumberBarred: { code: 403, phrase: 'Forbidden', warning: 'Number barred' }, // DENY-20
  BadRequest: { code: 400, phrase: 'Bad Request', warning: 'Malformed request' }, // CALL-10
  InternalError: { code: 500, phrase: 'Server Internal Error', warning: 'Internal error' }, // CALL-10
  DescriptionInvalid: {
    code: 488,
    phrase: 'Not Acceptable Here',
    warning: 'Session description cannot be read',
  }, // CALL-08
  // CALL-12, RFC 5079
  AnonymityDisallowed: {
    code: 433,
    phrase: 'Anonymity Disallowed',
    warning: 'Calls without a number of the caller are not taken',
  },
  // CALL-12, RFC 3323 §5
  PrivacyNotProvided: {
    code: 500,
    phrase: 'Server Internal Error',
    warning: 'The privacy that is critical cannot be provided',
  },
  // CALL-12, RFC 8224 §6.2.2
  IdentityMissing: { code: 428, phrase: 'Use Identity Header', warning: 'The call is not signed' },
  IdentityInfoBad: {
    code: 436,
    phrase: 'Bad Identity Info',
    warning: 'The certificate of the signature cannot be fetched',
  },
  CredentialUnsupported: {
    code: 437,
    phrase: 'Unsupported Credential',
    warning: 'The certificate of the signature is not trusted',
  },
  IdentityInvalid: {
    code: 438,
    phrase: 'Invalid Identity Header',
    warning: 'The signature is not of this call',
  },
  DateStale: { code: 403, phrase: 'Stale Date', warning: 'The signature is not fresh' },
} as const satisfies Record<string, Refusal>;

/** A cause with which the switch itself refuses. */
export type RefusalReason = keyof typeof refusals;

/**
 * What the edge answers to a request that begins no call, or is one in a dialog: refusals without a CDR. Where the request
 * says more of its fault, that is the warning.
 */
export const requestRefusals = {
  Malformed: { code: 400, phrase: 'Bad Request' }, // CALL-10
  ForeignSource: { code: 403, phrase: 'Forbidden', warning: 'Source address is not of this call' },
  TransferForbidden: { code: 403, phrase: 'Forbidden', warning: 'Transfer is not permitted' }, // CALL-04
  TransferTargetForeign: {
    code: 403,
    phrase: 'Forbidden',
    warning: 'Transfer is possible to a number alone, not to a dialog of the other network',
  }, // CALL-01, CALL-04
  // A challenge of the other side, whose realm stays where it is (CALL-01).
  ForeignChallenge: { code: 403, phrase: 'Forbidden' },
  InternalError: { code: 500, phrase: 'Server Internal Error' }, // CALL-10
  // A 503 of the other side: it is not the switch that is away (RFC 3261 §16.7 step 6).
  PeerUnavailable: { code: 500, phrase: 'Server Internal Error' },
  // REG-01, REG-03
  ForeignRegistration: { code: 403, phrase: 'Forbidden', warning: 'Registration of another user' },
  BindingsFull: { code: 403, phrase: 'Forbidden', warning: 'Too many devices are registered' },
  // RFC 3261 §10.3 step 7: a later REGISTER of the same client has been heeded.
  OutOfOrder: { code: 500, phrase: 'Server Internal Error', warning: 'CSeq is not higher' },
  MethodNotAllowed: { code: 405, phrase: 'Method Not Allowed' },
  SchemeUnknown: { code: 416, phrase: 'Unsupported URI Scheme' },
  ExtensionUnknown: { code: 420, phrase: 'Bad Extension' },
  IntervalTooBrief: { code: 423, phrase: 'Interval Too Brief' }, // REG-01
  SessionTooBrief: { code: 422, phrase: 'Session Interval Too Small' }, // CALL-05
  FlowFailed: { code: 430, phrase: 'Flow Failed' }, // RFC 5626 §5.3.1
  NoDialog: { code: 481, phrase: 'Call/Transaction Does Not Exist' },
  NoSubscription: { code: 481, phrase: 'Subscription Does Not Exist' },
  Loop: { code: 482, phrase: 'Loop Detected' }, // CALL-02
  TooManyHops: { code: 483, phrase: 'Too Many Hops' }, // CALL-02
  DescriptionInvalid: {
    code: 488,
    phrase: 'Not Acceptable Here',
    warning: 'Session description cannot be read',
  }, // CALL-08
  MethodUnknown: { code: 501, phrase: 'Not Implemented' },
  Unavailable: { code: 503, phrase: 'Service Unavailable', retryAfterSeconds: 5 }, // DENY-19
  VersionUnknown: { code: 505, phrase: 'Version Not Supported' },
  TooLarge: { code: 513, phrase: 'Message Too Large' },
} as const satisfies Record<string, RequestRefusal>;

/** A cause for which a request is refused that has no CDR. */
export type RequestRefusalReason = keyof typeof requestRefusals;

/** The phrases of a challenge, which is a refusal that says how to do better (AUTH-02). */
export const challengePhrases = {
  401: 'Unauthorized',
  407: 'Proxy Authentication Required',
} as const;

/** How a call came to its end, as the CDR names it: a refusal, the callee's own answer, or a normal end. */
export type TerminationReason =
  | RefusalReason
  | 'Rejected'
  | 'NormalClearing'
  | 'SessionExpired'
  | 'NoAck'
  | 'DurationLimit'
  | 'BalanceUsedUp'
  | 'MediaTimeout'
  | 'Lost';

/** Whether a name received from another service is one of the table's causes. */
export function isRefusalReason(name: string): name is RefusalReason {
  return Object.hasOwn(refusals, name);
}

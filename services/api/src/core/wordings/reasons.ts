import type { RefusalReason, TerminationReason } from '@tandem/domain';

/** What is told of a termination reason where no decision is at hand that names the values. */
interface GeneralWording {
  /** Without a full stop. */
  readonly why: string;
  /** A whole sentence. */
  readonly change: string;
}

/** Every reason with which the switch itself refuses or ends a call (OPS-09). */
export const generalWordings: Readonly<
  Record<
    RefusalReason | Exclude<TerminationReason, RefusalReason | 'NormalClearing'>,
    GeneralWording
  >
> = {
  AccountLocked: {
    why: 'the account is locked',
    change: 'Set status: active for the account in the configuration and apply it.',
  },
  AccountExpired: {
    why: 'the account is past its validity date',
    change: 'Set a later validUntil for the account in the configuration and apply it.',
  },
  IpNotAllowed: {
    why: 'the request came from an address that is not in the list of the mapping gateway',
    change:
      'Add the address to authentication.addresses of the mapping gateway, if the call should be let in.',
  },
  CallNotPermitted: {
    why: 'the origin may not make calls of this type',
    change: 'Permit this type of call for the origin in the configuration.',
  },
  InsufficientBalance: {
    why: 'the balance and the overdraft of the account are used up',
    change:
      'Book a payment (`tandem accounts pay ACCOUNT AMOUNT --reference R`) or raise the overdraft.',
  },
  NoRate: {
    why: 'the rate group of the account has no rate for the called number',
    change: 'Add a rate whose prefix is the beginning of the called number.',
  },
  LineLimitExceeded: {
    why: 'a line limit of the calling side is reached',
    change:
      'Raise the line limit, or wait until one of the calls ends (`tandem lines` shows them).',
  },
  AuthenticationFailed: {
    why: 'the terminal did not prove who it is',
    change:
      'Make user name, password and realm the same at its side and in the configuration; `tandem auth-failures` says what was sent.',
  },
  Suspended: {
    why: 'the terminal is suspended after too many failures',
    change:
      'Correct the password at its side, then wait or lift it: `tandem suspensions` lists them.',
  },
  ChallengeUnanswered: {
    why: 'the caller was challenged and did not answer',
    change:
      'Give it its user name and password, or let its mapping gateway be known by the address.',
  },
  UserNotFound: {
    why: 'the called number is no user here, and no gateway takes it',
    change: 'Correct the called number, or add a phone or a routing gateway for it.',
  },
  NotRegistered: {
    why: 'the called phone is not registered and no gateway takes it',
    change: 'Let the called phone register.',
  },
  NoAvailableRouter: {
    why: 'no routing gateway has a prefix that matches the called number',
    change: 'Add a prefix for it to a routing gateway, or correct the number.',
  },
  AllGatewayBusy: {
    why: 'every routing gateway for the called number was passed over',
    change:
      'Raise the line limits that are reached, set lock: none, or add another gateway for the prefix.',
  },
  AccountBalanceNotEnough: {
    why: 'every vendor for the called number is locked or out of funds',
    change: 'Pay or unlock a vendor, or add a gateway of another one for the prefix.',
  },
  InviteTimeout: {
    why: 'the gateway sent nothing at all',
    change:
      "See whether the gateway is up and can be reached from here; SS_SIP_TIMEOUT_INVITE, or the gateway's own timers, say how long to wait.",
  },
  GatewayTimeout: {
    why: 'the gateway answered provisionally and then nothing more came',
    change:
      "The callee did not answer in time; SS_SIP_TIMEOUT_RINGING, or the gateway's own timers, say how long to wait.",
  },
  BadGateway: {
    why: 'the gateway could not be used',
    change: 'See whether the gateway is up and speaks SIP at its address.',
  },
  EndedByOperator: {
    why: 'an operator ended it',
    change: 'Ask who ended it: the CDR says from where, and with which note.',
  },
  CallerCancelled: {
    why: 'the caller gave up',
    change: 'Nothing on this side: the caller ended the call before it was answered.',
  },
  Overload: {
    why: 'the switch was past its capacity',
    change: 'Add an edge, or let the callers repeat the call later.',
  },
  ServiceUnavailable: {
    why: 'a part of the switch that the call needs was away',
    change: 'Bring it back: its log says why it went. Calls that exist are not concerned.',
  },
  CpsLimitExceeded: {
    why: 'the origin made more calls per second than its limit',
    change: 'Raise the limit of the origin, or let it call more slowly.',
  },
  NumberBarred: {
    why: 'the number of the caller or of the callee is barred by a list',
    change:
      'Take the number out of the denied list, or add it to the allowed one (tandem lists add LIST NUMBER).',
  },
  BadRequest: {
    why: 'the request was malformed',
    change: 'Correct the sender; the SIP message is at fault.',
  },
  InternalError: {
    why: 'the switch failed over a message of the call, by a fault of its own',
    change: 'The log of the edge has the error: report it. Calls that exist are not concerned.',
  },
  DescriptionInvalid: {
    why: 'its session description cannot be anchored',
    change: 'Correct the sender; media.mode: pass lets the description through as it is.',
  },
  AnonymityDisallowed: {
    why: 'the caller withholds its number, and calls without one are not taken',
    change: 'Let the caller show its number, or set identity.anonymous: allow for its gateway.',
  },
  SipsNotAllowed: {
    why: 'a sips URI was called, and who is called cannot be reached by one',
    change:
      'Let the phone register a sips Contact over TLS, give the gateway transport: tls, or have the caller call the sip URI.',
  },
  PrivacyNotProvided: {
    why: 'the caller wants privacy that is critical, and no gateway for the called number is trusted',
    change:
      'Set identity.trusted for a gateway that gives that privacy, or have the caller leave out critical.',
  },
  IdentityMissing: {
    why: 'the call is not signed',
    change:
      'Have the other side sign its calls, or set stir.verify: refuse-failed for the mapping gateway.',
  },
  IdentityInfoBad: {
    why: 'the certificate of the signature could not be fetched',
    change:
      'See whether its URL can be reached from auth (TANDEM_STIR_FETCH), or keep the certificate in TANDEM_STIR_CERTIFICATES.',
  },
  CredentialUnsupported: {
    why: 'the certificate of the signature is not trusted',
    change: 'Put the authority that issued it into TANDEM_STIR_TRUST, if it is one to be trusted.',
  },
  IdentityInvalid: {
    why: 'the signature is not of this call',
    change:
      'The other side must sign the numbers that it sends; whoever changes them on the way breaks the signature.',
  },
  DateStale: {
    why: 'the signature is not fresh',
    change: 'See whether the clocks of both sides are right: a signature is good for 60 s.',
  },
  Rejected: {
    why: 'the callee refused the call',
    change:
      'Ask the operator of that gateway, with the Call-ID and the time: the answer is his, or that of whom he called.',
  },
  SessionExpired: {
    why: 'nobody refreshed the session or a side answered no probe, so it was billed to the last proof of life',
    change:
      'See whether both ends and the way to them were up; SS_SIP_SESSION_TTL says how long a silent call is kept.',
  },
  NoAck: {
    why: 'the caller never acknowledged the answer, so that the switch hung up on both sides after 32 s',
    change:
      'See whether the answer reaches the caller and its ACK the switch: a Contact or NAT that leads elsewhere is the usual cause.',
  },
  DurationLimit: {
    why: 'it had lasted as long as it may',
    change: 'Book a payment, or raise the overdraft of the account: its balance paid for no more.',
  },
  BalanceUsedUp: {
    why: 'the money of its account had ended',
    change:
      'Book a payment, or raise the overdraft of the account: a call that is up goes on with it.',
  },
  MediaTimeout: {
    why: 'its media relay had received no RTP of it for as long as media.silence says',
    change:
      'See whether both ends still sent; media.silence of the gateways says how long a call without media is kept.',
  },
  Lost: {
    why: 'nobody owned the call any more; it was billed to the last proof of life',
    change: 'See why the edges that held it went away.',
  },
};

/** The wording of a reason that came from another service; undefined where this version does not know it. */
export function generalWording(reason: string): GeneralWording | undefined {
  const known: Readonly<Record<string, GeneralWording>> = generalWordings;
  return Object.hasOwn(known, reason) ? known[reason] : undefined;
}

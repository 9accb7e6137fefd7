import { gatewayParameters } from './gateway-parameters.ts';
import type { Parameter } from './parameter.ts';

export type { Parameter } from './parameter.ts';

/** Every system parameter, by the name that operators know. */
export const parameters = {
  SS_AUTHCHALLENGEMODE: {
    kind: 'integer',
    default: 3,
    min: 1,
    max: 3,
    spec: 'AUTH-02',
    description:
      'How requests are challenged: 1 = 401 for everything; 2 = 407 for everything; 3 = 401 for REGISTER and 407 for all others, with both headers in each challenge.',
  },
  SS_SIP_AUTHENTICATION_CODE: {
    kind: 'integer',
    default: undefined,
    min: 401,
    max: 407,
    oneOf: [401, 407],
    spec: 'AUTH-02',
    description:
      'Another name for SS_AUTHCHALLENGEMODE: 401 = mode 1, 407 = mode 2. Both set in conflict is refused.',
  },
  SS_AUTHENTICATION_PROFILE: {
    kind: 'word',
    default: 'none',
    oneOf: ['none', 'internet', 'lan', 'satellite'],
    spec: 'AUTH-06',
    description:
      'Sets SS_SIP_AUTHENTICATION_RETRY, SS_SIP_AUTHENTICATION_TIMEOUT and SS_AUTHENTICATION_FAILED_SUSPEND where they are not set themselves: internet = 3, 5 s, 600 s; lan = 6, 10 s, 120 s; satellite = 8, 20 s, 300 s.',
  },
  SS_SIP_AUTHENTICATION_RETRY: {
    kind: 'integer',
    default: 6,
    min: 1,
    max: 100,
    spec: 'AUTH-06',
    description: 'Challenges for wrong credentials in one session before it ends with 403.',
  },
  SS_SIP_AUTHENTICATION_TIMEOUT: {
    kind: 'integer',
    default: 10,
    min: 1,
    max: 600,
    unit: 's',
    spec: 'AUTH-06',
    description: 'Time from the first challenge within which a session must have succeeded.',
  },
  SS_AUTHENTICATION_MAX_RETRY: {
    kind: 'integer',
    default: 6,
    min: 0,
    max: 999,
    spec: 'AUTH-07',
    description:
      'Failures of one terminal, a user name at a source address, after which it is suspended; 0 = never. What one call or registration answers within a second is one failure.',
  },
  SS_AUTHENTICATION_USER_MAX_RETRY: {
    kind: 'integer',
    default: 60,
    min: 0,
    max: 99_999,
    spec: 'AUTH-07',
    description:
      'Failures of one user name from all sources together after which it is suspended everywhere but where it has proved itself lately; 0 = never.',
  },
  SS_AUTHENTICATION_FAILED_SUSPEND: {
    kind: 'integer',
    default: 180,
    min: 60,
    max: 3600,
    unit: 's',
    spec: 'AUTH-07',
    description: 'How long a terminal is suspended.',
  },
  SS_REPLY_UNAUTHORIZED: {
    kind: 'switch',
    default: true,
    spec: 'AUTH-09',
    description:
      'Whether unknown user names and wrong credentials are answered; Off: they get no answer, and who names a user that is known is challenged.',
  },
  SS_UNKNOWN_SOURCE: {
    kind: 'word',
    default: 'challenge',
    oneOf: ['challenge', 'refuse'],
    spec: 'AUTH-14',
    description:
      'What is answered to a request, but REGISTER, from an address that no gateway lists, in the name of nobody who has a password: challenge = the same as to everybody; refuse = 403 at once.',
  },
  SS_AUTHENTICATION_KNOWN_PLACE: {
    kind: 'integer',
    default: 86_400,
    min: 3600,
    max: 2_592_000,
    unit: 's',
    spec: 'AUTH-07',
    description:
      'How long a source counts as a place of a user name that has proved its password there: guesses elsewhere do not lock it, and its refusals have CDRs.',
  },
  SS_BLACKLIST_MAX_FAILURES: {
    kind: 'integer',
    default: 100,
    min: 0,
    max: 99_999,
    spec: 'AUTH-08',
    description:
      'Failures of one source address, over all user names, after which it is black-listed; 0 = never.',
  },
  SS_BLACKLIST_WINDOW: {
    kind: 'integer',
    default: 600,
    min: 10,
    max: 86_400,
    unit: 's',
    spec: 'AUTH-08',
    description: 'Time within which those failures count together, from the first of them.',
  },
  SS_BLACKLIST_TIME: {
    kind: 'integer',
    default: 3600,
    min: 60,
    max: 604_800,
    unit: 's',
    spec: 'AUTH-08',
    description: 'How long a source stays on the black list.',
  },
  SS_JOURNAL_STRANGER_ENTRIES: {
    kind: 'integer',
    default: 200,
    min: 20,
    max: 5000,
    spec: 'OPS-10',
    description:
      'Entries of the journal that a pod writes within a minute, each by itself, of those whose user name nobody has; ten times as many of names that are configured and have proved nothing, a quarter as many of one address. What comes beyond is gathered in one entry for each address, and counted.',
  },
  SERVER_REGISTRAR_MAX_BINDINGS: {
    kind: 'integer',
    default: 1,
    min: 1,
    max: 100,
    spec: 'REG-03',
    description:
      'Devices that a phone may be registered from at once, where the phone itself says nothing else.',
  },
  SS_ENDPOINT_REGISTER_REPLACE: {
    kind: 'integer',
    default: 1,
    min: 0,
    max: 1,
    spec: 'REG-03',
    description:
      '1: a new device past the limit replaces the one that has been silent for longest; 0: it is refused with 403.',
  },
  SS_ENDPOINT_EXPIRE_MIN: {
    kind: 'integer',
    default: 60,
    min: 10,
    max: 3600,
    unit: 's',
    spec: 'REG-01',
    description:
      'The shortest registration that is taken, where the phone itself says nothing else; a shorter one is refused with 423 and Min-Expires.',
  },
  SS_ENDPOINT_EXPIRE_MAX: {
    kind: 'integer',
    default: 3600,
    min: 60,
    max: 86400,
    unit: 's',
    spec: 'REG-01',
    description:
      'The longest registration that is given, and what a phone that asks for none gets, where the phone itself says nothing else.',
  },
  SS_ENDPOINT_NAT_EXPIRE: {
    kind: 'integer',
    default: 120,
    min: 30,
    max: 3600,
    unit: 's',
    spec: 'REG-04',
    description: 'The longest registration that a phone behind NAT is given.',
  },
  SS_ENDPOINT_KEEPALIVE_INTERVAL: {
    kind: 'integer',
    default: 30,
    min: 0,
    max: 600,
    unit: 's',
    spec: 'REG-04',
    description:
      'How often a registered phone behind NAT is asked by OPTIONS whether it can be reached, which keeps its way through the NAT open; 0 = never.',
  },
  SS_ENDPOINT_KEEPALIVE_LIMIT: {
    kind: 'integer',
    default: 3,
    min: 1,
    max: 20,
    spec: 'REG-04',
    description:
      'A phone that leaves so many of them in a row unanswered is unreachable: it is shown as such and called last, until it answers.',
  },
  SS_ENDPOINT_EXPIRE_SPREAD: {
    kind: 'integer',
    default: 10,
    min: 0,
    max: 50,
    unit: '%',
    spec: 'REG-07',
    description:
      'Registrations are given for a random time that is shorter by up to this, so that phones which came together do not come back together; never for less than SS_ENDPOINT_EXPIRE_MIN.',
  },
  SS_GATEWAY_SWITCH_LIMIT: {
    kind: 'integer',
    default: 0,
    min: 0,
    max: 100,
    spec: 'ROUTE-06',
    description: 'The most gateways that are tried for one call; 0 = no limit.',
  },
  SS_REPLAYS_AT_ONCE: {
    kind: 'integer',
    default: 1,
    min: 1,
    max: 4,
    spec: 'OPS-08',
    description:
      'Replays of calls against drafts that are worked on at the same time; the others wait. Each takes memory for two configurations in every pod of routing that it asks.',
  },
  SS_REPLAY_KEPT: {
    kind: 'integer',
    default: 30,
    min: 1,
    max: 365,
    unit: 'days',
    spec: 'OPS-08',
    description: 'How long a replay that has ended is kept, with its result.',
  },
  SS_GATEWAY_RETRY_AFTER_LIMIT: {
    kind: 'integer',
    default: 300,
    min: 0,
    max: 3600,
    unit: 's',
    spec: 'ROUTE-06',
    description:
      'The longest that a gateway is left out after a 503 with Retry-After, whatever that asks for; 0 = it is not heeded.',
  },
  SS_SIP_USER_AGENT_EXPIRE: {
    kind: 'integer',
    default: 'auto',
    min: 20,
    max: 7200,
    orWord: 'auto',
    unit: 's',
    spec: 'REG-08',
    description:
      'For how long the switch asks to be registered with carriers, where their gateway does not say; auto: as long as the carrier likes.',
  },
  SS_SIP_USER_AGENT_RETRY_DELAY: {
    kind: 'integer',
    default: 60,
    min: 30,
    max: 600,
    unit: 's',
    spec: 'REG-08',
    description:
      'When registering with a carrier is tried again after it has failed, where its gateway does not say; a longer Retry-After is obeyed.',
  },
  SS_SIP_USER_AGENT_SEND_UNREGISTER: {
    kind: 'switch',
    default: true,
    spec: 'REG-08',
    description:
      'Whether what is bound at a carrier is removed (Contact: *) before the switch first registers there, after a restart that remembers nothing; Off where others register with the same account.',
  },
  SS_SIP_STOP_SWITCH_AFTER_SDP: {
    kind: 'switch',
    default: true,
    spec: 'ROUTE-06',
    description: 'Whether failover ends once the caller has heard early media.',
  },
  SS_SIP_OPTIONS_CHECK_PERIOD: {
    kind: 'integer',
    default: 30,
    min: 1,
    max: 3600,
    unit: 's',
    spec: 'ROUTE-07',
    description:
      'How often a gateway with optionsCheck is asked by OPTIONS whether it is there, where it does not say.',
  },
  SS_SIP_OPTIONS_CHECK_TIMEOUT: {
    kind: 'integer',
    default: 3,
    min: 1,
    max: 10,
    unit: 's',
    spec: 'ROUTE-07',
    description:
      'An address that has answered nothing for so long has failed its check. A pod that dies with a check is replaced a second later.',
  },
  SS_SIP_OPTIONS_CHECK_FAILURES: {
    kind: 'integer',
    default: 2,
    min: 1,
    max: 30,
    spec: 'ROUTE-07',
    description:
      'So many of the last SS_SIP_OPTIONS_CHECK_WINDOW checks that fail take an address off line, where its gateway does not say.',
  },
  SS_SIP_OPTIONS_CHECK_WINDOW: {
    kind: 'integer',
    default: 3,
    min: 1,
    max: 30,
    spec: 'ROUTE-07',
    description:
      'How many checks are looked back at; and so many in a row that are answered bring an address back on line.',
  },
  ...gatewayParameters,
  SERVER_VERIFY_CLEARING_CUSTOMER_REMAIN_MONEY_LIMIT: {
    kind: 'switch',
    default: false,
    spec: 'ROUTE-09',
    description:
      'Whether a vendor whose balance and overdraft are used up takes its gateways out, within a second.',
  },
  SS_SIP_TIMEOUT_INVITE: {
    kind: 'integer',
    default: 10,
    min: 1,
    max: 300,
    unit: 's',
    spec: 'CALL-03',
    description: 'How long a gateway may send nothing at all.',
  },
  SS_SIP_TIMEOUT_RINGING: {
    kind: 'integer',
    default: 120,
    min: 1,
    max: 600,
    unit: 's',
    spec: 'CALL-03',
    description: 'How long a call may ring after 180.',
  },
  SS_SIP_TIMEOUT_SESSION_PROGRESS: {
    kind: 'integer',
    default: 20,
    min: 1,
    max: 600,
    unit: 's',
    spec: 'CALL-03',
    description: 'How long a call may wait after 183 without SDP.',
  },
  SS_SIP_TIMEOUT_SESSION_PROGRESS_SDP: {
    kind: 'integer',
    default: 120,
    min: 1,
    max: 600,
    unit: 's',
    spec: 'CALL-03',
    description: 'How long a call may wait after 183 with SDP.',
  },
  SS_SIP_RESEND_INTERVAL: {
    kind: 'integer',
    default: 500,
    min: 100,
    max: 4000,
    unit: 'ms',
    spec: 'CALL-03',
    description: 'First interval of retransmission over UDP; it doubles each time.',
  },
  SS_SIP_SESSION_TTL: {
    kind: 'integer',
    default: 600,
    min: 90,
    max: 86400,
    unit: 's',
    spec: 'CALL-05',
    description:
      'The longest that a session lives without a refresh, where its endpoints have session timers.',
  },
  SS_SIP_SESSION_UPDATE_SEGMENT: {
    kind: 'integer',
    default: 2,
    min: 2,
    max: 10,
    spec: 'CALL-05',
    description:
      'A session is refreshed at SS_SIP_SESSION_TTL divided by this: endpoints do so at half of their interval, so Session-Expires is twice that, and at least 90 s.',
  },
  SS_SIP_NO_TIMER_REINVITE_INTERVAL: {
    kind: 'integer',
    default: 600,
    min: 60,
    max: 86400,
    unit: 's',
    spec: 'CALL-05',
    description:
      'Interval at which both ends are asked with OPTIONS in the dialog whether the call goes on, where neither has session timers.',
  },
  SS_SIP_RELAY_REFER: {
    kind: 'switch',
    default: false,
    spec: 'CALL-04',
    description:
      'Whether REFER passes to the other side, its Refer-To led through the switch; Off: it is refused with 403.',
  },
  SS_OVERLOAD_CONTROL: {
    kind: 'switch',
    default: true,
    spec: 'CALL-11',
    description:
      'Whether an edge that is past its capacity refuses new calls with 503; Off: it begins whatever comes.',
  },
  SS_OVERLOAD_DELAY: {
    kind: 'integer',
    default: 300,
    min: 20,
    max: 2000,
    unit: 'ms',
    spec: 'CALL-11',
    description:
      'How late the event loop of an edge, or a datagram in its receive queue, may be before new calls are refused.',
  },
  SS_OVERLOAD_SETUP_DELAY: {
    kind: 'integer',
    default: 500,
    min: 100,
    max: 10_000,
    unit: 'ms',
    spec: 'CALL-11',
    description:
      'How long calls may wait for auth, Redis and routing, where a hundred or more do, before new ones are refused.',
  },
  SS_OVERLOAD_RETRY_AFTER: {
    kind: 'integer',
    default: 5,
    min: 1,
    max: 300,
    unit: 's',
    spec: 'DENY-19',
    description:
      'What Retry-After of such a refusal asks for: a random time from once to twice as much.',
  },
  SS_OVERLOAD_LEAST_RATE: {
    kind: 'integer',
    default: 50,
    min: 1,
    max: 1000,
    unit: 'calls/s',
    spec: 'CALL-11',
    description: 'New calls that each edge begins whatever its load.',
  },
  SS_OVERLOAD_UNKNOWN_SHARE: {
    kind: 'integer',
    default: 10,
    min: 1,
    max: 100,
    unit: '%',
    spec: 'CALL-11',
    description:
      'What of the rate is kept, past the capacity, for addresses from which nobody has proved himself lately; the others share the rest evenly.',
  },
  SERVER_BILLING_ROUND: {
    kind: 'word',
    default: 'half',
    oneOf: ['up', 'half', 'down'],
    spec: 'BILL-11',
    description:
      'How the milliseconds of an answered call become seconds before its rate is applied: up = a begun second counts, half = from 500 ms on, down = full seconds only; one second at least. Holds for calls that are routed from then on.',
  },
  SERVER_BALANCE_SLICE: {
    kind: 'integer',
    default: 60,
    min: 10,
    max: 3600,
    unit: 's',
    spec: 'BILL-05',
    description:
      'For how long a call of a prepaid account reserves money at once: with its lines, and again 10 s before that is used up. Shorter where little is left. Longer slices are fewer writes, and more money of an account that no other call of it can use meanwhile.',
  },
} as const satisfies Record<string, Parameter>;

/** Name of a system parameter. */
export type ParameterName = keyof typeof parameters;

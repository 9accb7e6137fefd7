/**
 * What becomes of a header between the legs. `passed`: as it stands. `mapped`: where the peer gives one, with what it says
 * for the other leg. `made`: by the switch, whatever the peer gives. `dropped`: it stays on its side.
 */
export type Verdict = 'passed' | 'mapped' | 'made' | 'dropped';

/** The messages that go from one leg to the other. Out of the dialog: the INVITE, and what answers it. */
export const passages = [
  'invite',
  'answer',
  'callerRequest',
  'carrierRequest',
  'callerResponse',
  'carrierResponse',
] as const;

export type PassageName = (typeof passages)[number];

/** One header, and what becomes of it. */
export interface HeaderRow {
  /** As it is registered. */
  readonly name: string;
  /** In every passage that `but` does not name. */
  readonly verdict: Verdict;
  readonly but?: Partial<Readonly<Record<PassageName, Verdict>>> | undefined;
  /** Requests that use it, and their responses: in all others it is dropped, whatever it holds. @default all */
  readonly methods?: readonly string[] | undefined;
  /** The responses in which it means something. @default all */
  readonly statuses?: readonly StatusRange[] | undefined;
  /** It describes a body, and goes with it. */
  readonly isOfBody?: boolean | undefined;
  /** It is mapped from the copy in the message that goes on. */
  readonly isCopied?: boolean | undefined;
  readonly why: string;
}

/** A status code, or a class of them by its first digit. */
type StatusRange = number;

/** Where a row holds. */
type Limits = Pick<HeaderRow, 'but' | 'methods' | 'statuses' | 'isOfBody' | 'isCopied'>;

function passed(name: string, why: string, limits: Limits = {}): HeaderRow {
  return { name, verdict: 'passed', why, ...limits };
}

function mapped(name: string, why: string, limits: Limits = {}): HeaderRow {
  return { name, verdict: 'mapped', why, ...limits };
}

function made(name: string, why: string, limits: Limits = {}): HeaderRow {
  return { name, verdict: 'made', why, ...limits };
}

/** Several that stay on their side for one reason. */
function dropped(names: readonly string[], why: string): HeaderRow[] {
  return names.map((name) => ({ name, verdict: 'dropped', why }));
}

const DIALOG = 'each leg is a dialog of its own (CALL-01)';
const ofBody = { isOfBody: true } as const;
const sessions = ['INVITE', 'UPDATE'];
const events = ['SUBSCRIBE', 'NOTIFY'];
/** Responses have none. */
const requestsOnly = {
  answer: 'dropped',
  callerResponse: 'dropped',
  carrierResponse: 'dropped',
} as const;
/** Requests have none. */
const responsesOnly = {
  invite: 'dropped',
  callerRequest: 'dropped',
  carrierRequest: 'dropped',
} as const;

/** What is in every message: the frame of a transaction and of a dialog. */
const frame: readonly HeaderRow[] = [
  made('Via', 'names who sent the message on: the switch (RFC 3261 §8.1.1.7, §18.2.2)'),
  made('From', `${DIALOG}; the number is what routing says, at our address (RFC 3261 §8.1.1.3)`),
  made('To', `${DIALOG} (RFC 3261 §8.1.1.2)`),
  made('Call-ID', `${DIALOG} (RFC 3261 §8.1.1.4)`),
  made(
    'CSeq',
    'the number of the other leg, which is the same until the switch speaks (§12.2.1.1)',
  ),
  mapped('Contact', 'ours, with a token that leads to the peer (RFC 3261 §12.1, §12.2)', {
    methods: ['INVITE', 'UPDATE', 'SUBSCRIBE', 'NOTIFY', 'REFER'],
    statuses: [1, 2],
    but: { invite: 'made', answer: 'made' },
  }),
  made('Max-Forwards', 'one less than it came with (RFC 3261 §16.6 step 3)', { but: requestsOnly }),
  made('Content-Length', 'that of the body which passes (RFC 3261 §20.14)'),
  made('Route', 'the route set of the other leg, where it has one (RFC 3261 §12.2.1.1)', {
    but: { ...requestsOnly, invite: 'dropped' },
  }),
  made(
    'User-Agent',
    'what the switch has been told to call itself, and nothing else (RFC 3261 §20.41)',
    {
      but: requestsOnly,
    },
  ),
  made(
    'Server',
    'what the switch has been told to call itself, and nothing else (RFC 3261 §20.35)',
    {
      but: responsesOnly,
    },
  ),
  ...dropped(
    ['Record-Route'],
    'names proxies of one leg; the caller gets those of its own INVITE back (RFC 3261 §12.1.1)',
  ),
  ...dropped(['Timestamp'], 'comes back in the 100 of its own hop (RFC 3261 §8.2.6.1)'),
];

const calls: readonly HeaderRow[] = [
  passed('Accept', 'says what bodies its sender takes (RFC 3261 §20.1)'),
  passed('Accept-Encoding', 'as Accept (RFC 3261 §20.2)'),
  passed('Accept-Language', 'says what languages its sender reads (RFC 3261 §20.3)'),
  mapped('Alert-Info', 'a tone by name passes, one by address is of the other network (RFC 7462)', {
    methods: ['INVITE'],
  }),
  mapped('Allow', 'those of its methods that the switch carries in a dialog (RFC 3261 §20.5)'),
  passed('Allow-Events', 'says what event packages its sender has (RFC 6665 §8.2.2)'),
  passed('Answer-Mode', 'asks for an answer by hand or by itself (RFC 5373)', {
    methods: ['INVITE'],
  }),
  passed('Content-Disposition', 'of the body (RFC 3261 §20.11)', ofBody),
  passed('Content-Encoding', 'of the body (RFC 3261 §20.12)', ofBody),
  passed('Content-ID', 'of the body (RFC 8262)', ofBody),
  passed('Content-Language', 'of the body (RFC 3261 §20.13)', ofBody),
  passed('Content-Type', 'of the body (RFC 3261 §20.15)', ofBody),
  passed(
    'Date',
    'says when its sender wrote the message; of a call that we sign, when (RFC 8224 §6.1)',
  ),
  passed('Event', 'names the package of a subscription (RFC 6665 §8.2.1)', { methods: events }),
  passed('Expires', 'how long an invitation or a subscription holds (RFC 3261 §20.19)', {
    methods: ['INVITE', 'SUBSCRIBE', 'MESSAGE'],
  }),
  passed('Info-Package', 'names the package of an INFO (RFC 6086 §7.2)', { methods: ['INFO'] }),
  passed('MIME-Version', 'of the body (RFC 3261 §20.24)', ofBody),
  passed('Min-Expires', 'what a subscription has to ask for (RFC 3261 §20.23)', {
    methods: ['SUBSCRIBE'],
    statuses: [423],
    but: responsesOnly,
  }),
  passed('Min-SE', 'the shortest session interval that somebody bears (RFC 4028 §5)', {
    methods: sessions,
  }),
  passed('P-Early-Media', 'says which way early media goes (RFC 5009)', {
    methods: ['INVITE', 'PRACK', 'UPDATE'],
  }),
  passed('Priority', 'how urgent the caller finds it (RFC 3261 §20.26)', {
    methods: ['INVITE', 'SUBSCRIBE', 'MESSAGE'],
  }),
  mapped('RAck', 'names the INVITE by its number on the other leg (RFC 3262 §7.2)', {
    methods: ['PRACK'],
    but: { invite: 'dropped', ...requestsOnly },
    isCopied: true,
  }),
  passed('Reason', 'why a call is ended, taken back or refused (RFC 3326 §2)'),
  passed('Recv-Info', 'says what INFO packages its sender takes (RFC 6086 §7.3)', {
    methods: ['INVITE', 'ACK', 'PRACK', 'UPDATE', 'OPTIONS'],
  }),
  passed('Refer-Sub', 'whether a transfer is reported on (RFC 4488)', { methods: ['REFER'] }),
  mapped('Refer-To', 'the number at our address: the call it makes comes here (CALL-04)', {
    methods: ['REFER'],
    but: { invite: 'dropped', ...requestsOnly },
  }),
  mapped('Require', 'extensions that work across the switch (RFC 3261 §20.32)'),
  passed('Retry-After', 'of the callee; that of a 503 would be taken for ours (RFC 3261 §21.5.4)', {
    statuses: [404, 413, 480, 486, 500, 600, 603],
    but: responsesOnly,
  }),
  passed('RSeq', 'the number of a reliable provisional response (RFC 3262 §7.1)', {
    methods: ['INVITE'],
    statuses: [1],
    but: responsesOnly,
  }),
  mapped('Session-Expires', 'what both legs agree on, shortened to our interval (RFC 4028 §8)', {
    methods: sessions,
    statuses: [2],
    but: { answer: 'passed', callerResponse: 'passed', carrierResponse: 'passed' },
    isCopied: true,
  }),
  passed('Session-ID', 'a random name of the whole session, made to pass (RFC 7989 §7)'),
  passed(
    'Subject',
    'what it is about (RFC 3261 §20.36), unless its caller is hidden (RFC 3323 §5.3)',
    {
      methods: ['INVITE', 'MESSAGE'],
    },
  ),
  passed('Subscription-State', 'of the subscription that a NOTIFY tells of (RFC 6665 §8.2.3)', {
    methods: ['NOTIFY'],
    but: requestsOnly,
  }),
  mapped('Supported', 'those extensions that work across the switch (RFC 3261 §20.37)'),
  passed('Unsupported', 'what the other side does not know (RFC 3261 §20.40)', {
    statuses: [420],
    but: responsesOnly,
  }),
  passed('User-to-User', 'from user to user (RFC 7433)'),
];

/** RFC 3325 §9.1: neither ACK nor CANCEL names anybody; nor does a refusal. */
const naming = {
  methods: [
    'BYE',
    'INFO',
    'INVITE',
    'MESSAGE',
    'NOTIFY',
    'OPTIONS',
    'PRACK',
    'REFER',
    'SUBSCRIBE',
    'UPDATE',
  ],
  statuses: [1, 2],
};
const notInDialogs = {
  answer: 'dropped',
  callerRequest: 'dropped',
  carrierRequest: 'dropped',
  callerResponse: 'dropped',
  carrierResponse: 'dropped',
} as const;

/** Who calls, and who is there (CALL-12): what the terms of both sides say, written by identity.ts and signature.ts. */
const identities: readonly HeaderRow[] = [
  mapped(
    'P-Asserted-Identity',
    'of a trusted side, at our address; of the caller the number that routing vouches for (RFC 3325 §5)',
    { ...naming, but: { invite: 'made' } },
  ),
  mapped('Remote-Party-ID', 'as P-Asserted-Identity, where a side wants it so', {
    ...naming,
    but: { invite: 'made' },
  }),
  mapped('Privacy', 'what is still to be withheld after what the switch withholds (RFC 3323 §5)', {
    ...naming,
  }),
  mapped('Diversion', 'of a trusted side, its numbers at our address (RFC 5806)', naming),
  mapped('History-Info', 'of a trusted side, its numbers at our address (RFC 7044)', naming),
  made('Identity', 'our signature, or the one that the call came with (RFC 8224, RFC 8588)', {
    but: notInDialogs,
  }),
  made('Attestation-Info', 'the verdict on a signature, where the gateway is told (TS 24.229)', {
    but: notInDialogs,
  }),
  made('Origination-Id', 'as Attestation-Info (TS 24.229)', { but: notInDialogs }),
  ...dropped(
    ['P-Preferred-Identity'],
    'asks the switch whom to assert: P-Asserted-Identity says it (RFC 3325 §6)',
  ),
];

/** Headers that stay on their side. */
const kept: readonly HeaderRow[] = [
  ...dropped(
    ['Authorization', 'Proxy-Authorization', 'WWW-Authenticate', 'Proxy-Authenticate'],
    'credentials are of one hop; ours are made where a carrier challenges (RFC 3261 §22, AUTH-11)',
  ),
  ...dropped(
    ['Authentication-Info', 'Proxy-Authentication-Info'],
    'answers credentials of one hop (RFC 7615)',
  ),
  ...dropped(
    ['Proxy-Require'],
    'asked of the switch itself: known options are met here (RFC 3261 §20.29)',
  ),
  ...dropped(
    ['Identity-Info', 'Additional-Identity', 'P-Asserted-Service', 'P-Preferred-Service'],
    'who vouches for whom ends with the network that is trusted (RFC 3325 §5, RFC 5806, RFC 8224, CALL-12)',
  ),
  ...dropped(
    [
      'Call-Info',
      'Error-Info',
      'Geolocation',
      'Geolocation-Error',
      'Geolocation-Routing',
      'Organization',
      'Referred-By',
      'Reply-To',
    ],
    'names hosts, people or places of the other network (CALL-01)',
  ),
  {
    name: 'Warning',
    verdict: 'dropped',
    but: { answer: 'made' },
    statuses: [3, 4, 5, 6],
    why: 'names the host that warns (RFC 3261 §20.43): a refusal has one of ours (behaviour §2)',
  },
  ...dropped(
    ['In-Reply-To', 'Join', 'Replaces', 'Target-Dialog', 'Refer-Events-At'],
    'names a dialog, which has another name on this leg (RFC 3891 §3, RFC 3911, RFC 4538)',
  ),
  ...dropped(
    [
      'Accept-Contact',
      'Reject-Contact',
      'Request-Disposition',
      'Feature-Caps',
      'Max-Breadth',
      'Path',
      'Service-Route',
      'Flow-Timer',
      'Security-Client',
      'Security-Server',
      'Security-Verify',
      'Policy-Contact',
      'Policy-ID',
      'Trigger-Consent',
      'Permission-Missing',
      'Resource-Share',
      'Priority-Share',
      'Response-Source',
    ],
    'said to a proxy or a registrar of that network (RFC 3841, RFC 6809, RFC 5393, RFC 3327)',
  ),
  ...dropped(
    ['Resource-Priority', 'Accept-Resource-Priority', 'Priority-Verstat', 'Priv-Answer-Mode'],
    'a privilege that the network beyond has not granted (RFC 4412, RFC 5373)',
  ),
  ...dropped(
    [
      'Cellular-Network-Info',
      'DC-Info',
      'P-Access-Network-Info',
      'P-Answer-State',
      'P-Associated-URI',
      'P-Called-Party-ID',
      'P-Charge-Info',
      'P-Charging-Function-Addresses',
      'P-Charging-Vector',
      'P-DCS-Billing-Info',
      'P-DCS-LAES',
      'P-DCS-OSPS',
      'P-DCS-Redirect',
      'P-DCS-Trace-Party-ID',
      'P-Media-Authorization',
      'P-Private-Network-Indication',
      'P-Profile-Key',
      'P-Refused-URI-List',
      'P-Served-User',
      'P-User-Database',
      'P-Visited-Network-ID',
      'Relayed-Charge',
      'Restoration-Info',
      'Service-Interact-Info',
    ],
    'of one operator’s own network, and not to leave it (RFC 7315, RFC 5503)',
  ),
  ...dropped(
    ['SIP-ETag', 'SIP-If-Match', 'Suppress-If-Match'],
    'of a publication or a condition on it, which the switch does not keep (RFC 3903, RFC 5839)',
  ),
  ...dropped(['Encryption', 'Hide', 'Response-Key'], 'of RFC 2543, and withdrawn (RFC 3261 §28.1)'),
];

/** Every header that the switch has an opinion of, by name. */
export const headerTable: readonly HeaderRow[] = [...frame, ...calls, ...identities, ...kept].sort(
  (a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1),
);

/** CALL-01: a header that is not in the table may name hosts and users of the other network. */
export const UNKNOWN_HEADER: Verdict = 'dropped';

/** What becomes of a header in one passage, methods and statuses aside. */
export function verdictOf({ verdict, but }: HeaderRow, passage: PassageName): Verdict {
  return but?.[passage] ?? verdict;
}

/** Whether a message uses a header: by the method that it has or answers, and by its status. */
export function isUsedIn(
  { methods, statuses }: HeaderRow,
  { method, status }: { readonly method: string; readonly status?: number | undefined },
): boolean {
  if (methods?.includes(method) === false) return false;
  if (status === undefined || statuses === undefined) return true;
  return statuses.includes(status) || statuses.includes(Math.floor(status / 100));
}

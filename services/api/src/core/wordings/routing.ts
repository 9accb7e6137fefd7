import type { Decision, FactsOf } from '@tandem/domain';
import { generalWordings } from './reasons.ts';
import { leftOut, nameIn, readable, step, trouble } from './wording.ts';
import type { Wording, Wordings } from './wording.ts';

/** What routing decides, in words. */
export const routingWordings: Wordings<
  | 'number-read'
  | 'caller-left-out'
  | 'caller-asserted'
  | 'identity-not-taken'
  | 'anonymity-refused'
  | 'gateway-not-trusted'
  | 'gateway-not-secure'
  | 'number-not-callable'
  | 'number-malformed'
  | 'origin-unknown'
  | 'call-not-permitted'
  | 'account-locked'
  | 'account-expired'
  | 'rate-found'
  | 'rate-missing'
  | 'balance-enough'
  | 'balance-used-up'
  | 'price-not-covered'
  | 'balance-unknown'
  | 'lines-in-use'
  | 'gateway-chosen'
  | 'gateway-free'
  | 'phone-located'
  | 'device-missing'
  | 'gateway-for-longest-prefix'
  | 'gateway-locked'
  | 'gateway-resting'
  | 'gateway-offline'
  | 'addresses-offline'
  | 'gateway-not-registered'
  | 'registration-lacking'
  | 'gateway-full'
  | 'gateway-removed'
  | 'name-unresolved'
  | 'name-resolved'
  | 'vendor-locked'
  | 'vendor-expired'
  | 'no-gateway'
  | 'next-gateway-chosen'
  | 'no-next-gateway'
> = {
  // "callee 882123 was dialled as %38%38%32123".
  'number-read': ({ subject, facts }) =>
    step(
      `${subject} was ${subject.startsWith('caller') ? 'given' : 'dialled'} as ${facts.received}`,
    ),
  'caller-left-out': ({ subject, facts }) =>
    step(`${subject} was left out: ${facts.cause}; the call goes on without a caller's number`),
  // "caller +441632960123 is asserted, by P-Asserted-Identity; From says anonymous, Privacy id".
  'caller-asserted': ({ subject, facts }) =>
    step(
      `${subject} is asserted, by ${assertedBy[facts.by]}; From says ${facts.from}, Privacy ${facts.privacy}`,
    ),
  'identity-not-taken': ({ subject, facts }) =>
    step(`${facts.header} of ${readable(subject)} does not count: ${facts.cause}`),
  'anonymity-refused': ({ subject, facts }) =>
    trouble(
      `${readable(subject)} may not call ${facts.anonymous === 'refuse' ? 'anonymously' : 'without a number that is asserted'} (identity.anonymous: ${facts.anonymous}, Privacy ${facts.privacy})`,
      `Let its callers show their number, or set identity.anonymous: allow for ${readable(subject)}.`,
    ),
  'gateway-not-trusted': (decision) =>
    leftOut(
      decision,
      `it is not trusted, and the caller's privacy is critical (${decision.facts.privacy})`,
      `Set identity.trusted for ${readable(decision.subject)}, if it keeps to itself what callers withhold.`,
    ),
  'gateway-not-secure': (decision) =>
    leftOut(
      decision,
      `a sips URI was called, which asks for TLS on every hop, and it is reached by ${decision.facts.reached}`,
      `Give ${readable(decision.subject)} transport: tls, or have the caller call the sip URI.`,
    ),
  'number-not-callable': ({ subject, facts }) =>
    trouble(
      `${calleeIn(subject)} cannot be called: ${facts.cause}`,
      generalWordings.UserNotFound.change,
    ),
  'number-malformed': ({ subject, facts }) =>
    trouble(
      `${generalWordings.BadRequest.why} (${subject}): ${facts.cause}`,
      generalWordings.BadRequest.change,
    ),
  'origin-unknown': ({ subject, facts }) =>
    trouble(
      `${readable(subject)} of account ${facts.account} is not in the configuration that routing has`,
      'Apply a configuration that has it; where there is one, wait until routing has taken it over, or see why it does not.',
    ),
  'call-not-permitted': ({ subject, facts }) =>
    trouble(
      `${readable(subject)} may make calls of type ${facts.permitted} alone (callTypes), and ${facts.callee} is ${facts.type === 'none' ? 'of no type' : isInternal(facts) ? 'internal: a phone or gateway here' : `${facts.type}, by prefix ${facts.prefix}`}`,
      isInternal(facts)
        ? `Add internal to callTypes of ${readable(subject)}.`
        : facts.type === 'none'
          ? `Put a prefix of ${facts.callee} into a type of callTypes that ${readable(subject)} may make.`
          : `Add ${facts.type} to callTypes of ${readable(subject)}, or move prefix ${facts.prefix} to another type.`,
    ),
  'account-locked': ({ subject, facts }) =>
    trouble(`${payer(subject, facts)} is locked`, unlock(subject)),
  'account-expired': ({ subject, facts }) =>
    trouble(
      `${payer(subject, facts)} is past its validity date, which was ${facts.validUntil}`,
      `Set a later validUntil for ${readable(subject)} in the configuration and apply it.`,
    ),
  'rate-found': ({ subject, facts }) =>
    step(`the price for ${payer(subject, facts)} is ${facts.price}`),
  'rate-missing': ({ subject, facts }) =>
    trouble(
      `rate group ${facts.rateGroup}${facts.resellerOf === undefined ? '' : ` of ${payer(subject, facts)}`} has no rate for ${facts.callee}`,
      `Add a rate to rate group ${facts.rateGroup} whose prefix is the beginning of ${facts.callee}.`,
    ),
  'balance-enough': ({ subject, facts }) => step(hasMoney(subject, facts)),
  'balance-used-up': ({ subject, facts }) =>
    trouble(`${hasMoney(subject, facts)}${isReserved(facts)}`, addMoney(subject)),
  'price-not-covered': ({ subject, facts }) =>
    trouble(
      `${hasMoney(subject, facts)}${isReserved(facts)}, and ${costsAtLeast(facts)}`,
      addMoney(subject),
    ),
  'balance-unknown': ({ subject, facts }) =>
    trouble(
      `the live balance of ${payer(subject, facts)} is ${facts.balance}`,
      'See whether billing runs: it writes the balances of all accounts at its start.',
    ),
  'lines-in-use': ({ subject, facts }) =>
    trouble(
      `${readable(subject)} has a line limit of ${String(facts.limit)} and all of these lines are in use (by ${facts.holders})`,
      `Raise lineLimit of ${readable(subject)}, or wait until one of its calls ends (\`tandem lines\` shows them).`,
    ),
  'gateway-chosen': ({ subject, facts }) => {
    const names = facts.candidates.split(' ');
    const by = facts.policy === undefined ? '' : ` by route policy ${facts.policy}`;
    const order = names.length > 1 ? `; the order is ${names.join(', ')}${by}` : '';
    return step(`${readable(subject)} was chosen${routeOf(facts)}${order}`);
  },
  // "phone 1002 is called at sip:1002@10.0.0.7:5060, which was heard from 192.0.2.7:40312".
  'phone-located': ({ subject, facts: { contact, order = contact, source } }) =>
    step(`${readable(subject)} is called at ${order}, which was heard from ${source}`),
  'device-missing': ({ subject, facts: { cause, instance } }) =>
    missingDevice(calleeIn(subject), instance)[cause],
  'gateway-free': ({ subject, facts }) => step(`${readable(subject)} may be used${routeOf(facts)}`),
  'gateway-for-longest-prefix': (decision) => {
    const { prefix, prefixMode, longestPrefix } = decision.facts;
    const own = prefix === undefined ? 'its prefix' : `its prefix ${prefix}`;
    return leftOut(
      decision,
      `${own} is not the longest that matches, ${longestPrefix} is (prefixMode ${prefixMode})`,
      `Set prefixMode: extension for ${readable(decision.subject)}, if it may take calls of longer prefixes too, or give it prefix ${longestPrefix}.`,
    );
  },
  'gateway-locked': (decision) =>
    leftOut(
      decision,
      `it is locked (lock: ${decision.facts.lock})`,
      `Unlock it: \`tandem routing-gateways set ${nameIn(decision.subject)} lock=none\`.`,
    ),
  'gateway-resting': (decision) => {
    const { retryAfter, secondsLeft, callId } = decision.facts;
    return leftOut(
      decision,
      `it answered call ${callId} with 503 and wants no calls for ${String(retryAfter)} s, of which ${String(secondsLeft)} s are left (Retry-After, SS_GATEWAY_RETRY_AFTER_LIMIT)`,
      `Ask the operator of ${readable(decision.subject)} why it was full; it gets calls again in ${String(secondsLeft)} s (SS_GATEWAY_RETRY_AFTER_LIMIT bounds how long it may ask for).`,
    );
  },
  'gateway-offline': (decision) => {
    const { addresses, last, since } = decision.facts;
    return leftOut(
      decision,
      `it is off line since ${since}, the OPTIONS check of ${addresses} says: ${last} (optionsCheck)`,
      `See what the network between says: \`tandem gateways test ${nameIn(decision.subject)}\`; without optionsCheck it gets calls whether it answers or not.`,
    );
  },
  'addresses-offline': ({ subject, facts: { addresses, last, since } }) =>
    step(
      `${readable(subject)} is called without ${addresses}, off line since ${since}: the OPTIONS check says: ${last}`,
    ),
  'gateway-not-registered': (decision) =>
    leftOut(
      decision,
      whyNotRegistered(decision),
      `Let it register: \`tandem explain registration ${nameIn(decision.subject)}\` says why it is not.`,
    ),
  'registration-lacking': (decision) => {
    const { last, since, state } = decision.facts;
    const answer =
      last === undefined
        ? state === 'registering'
          ? ', and it has not answered yet'
          : ''
        : `: ${last}`;
    return leftOut(
      decision,
      `the switch is not registered with it since ${since} (${state}${answer}); \`tandem outbound-registrations\` shows it, and registration.required: false sends it calls all the same`,
      last === undefined
        ? `See whether its registrar (registration.registrar, addresses) is at that address and port, and whether a firewall lets SIP pass: \`tandem outbound-registrations\` shows what it answers, \`tandem gateways test ${nameIn(decision.subject)}\` what the network says.`
        : `See whether user name, password and registrar of ${readable(decision.subject)} are what its operator has given: \`tandem outbound-registrations\` shows what it answers.`,
    );
  },
  'gateway-full': (decision) => {
    const { limit, limitOf, holders } = decision.facts;
    return leftOut(
      decision,
      `the line limit ${String(limit)} of ${readable(limitOf)} is reached by ${holders}`,
      `Raise lineLimit of ${readable(limitOf)}, or wait until one of its calls ends (\`tandem lines\` shows them).`,
    );
  },
  'gateway-removed': (decision) =>
    leftOut(
      decision,
      'it has been taken out of the configuration since the call began',
      'Put it back into the configuration, if it was taken out by mistake: `tandem versions` shows who changed it.',
    ),
  'name-unresolved': (decision) =>
    leftOut(
      decision,
      `no address is known for ${decision.facts.name}: ${decision.facts.cause}`,
      `Correct the name in addresses of ${readable(decision.subject)}, or see whether the name servers of routing know it.`,
    ),
  // "gateway carrier-a is at carrier.example, which is 192.0.2.1:5060 by udp (SRV …)".
  'name-resolved': ({ subject, facts }) =>
    step(
      `${readable(subject)} is at ${facts.name}, which is ${facts.addresses} (${facts.records})${staleness(facts)}`,
    ),
  'vendor-locked': (decision) =>
    leftOut(
      decision,
      `its vendor ${decision.facts.account} is ${decision.facts.status}`,
      unlock(`account ${decision.facts.account}`),
    ),
  'vendor-expired': (decision) =>
    leftOut(
      decision,
      `its vendor ${decision.facts.account} is past its validity date, which was ${decision.facts.validUntil}`,
      `Set a later validUntil for account ${decision.facts.account} in the configuration and apply it.`,
    ),
  'no-gateway': noGateway,
  'next-gateway-chosen': ({ subject, facts }) =>
    step(`${readable(subject)} was chosen after ${facts.after} had failed`),
  'no-next-gateway': ({ reason, facts }) =>
    trouble(
      facts.left === 0
        ? `no other gateway was left after ${facts.after} had failed`
        : `none of the gateways that were left after ${facts.after} had failed could be used`,
      generalWordings[reason].change,
    ),
};

const assertedBy = {
  pai: 'P-Asserted-Identity',
  rpid: 'Remote-Party-ID',
  ppi: 'P-Preferred-Identity',
  from: 'From, which is a number of its account',
  callerId: 'the configuration (callerId)',
} as const satisfies Record<FactsOf<'caller-asserted'>['by'], string>;

function missingDevice(
  callee: string,
  instance: string,
): Record<FactsOf<'device-missing'>['cause'], Wording> {
  return {
    'no phone': trouble(
      `a device of ${callee} was called (GRUU), and no phone has that number`,
      'Correct the called address, or add the phone.',
    ),
    'not registered': trouble(
      `the device ${instance} of ${callee} was called (GRUU), and it is not registered`,
      `Let it register, or call ${callee}: all its devices ring then.`,
    ),
    ended: trouble(
      `a temporary address (GRUU) of the device ${instance} of ${callee} was called, whose registration has ended`,
      `Ask the device for the address that it has now, or call ${callee}.`,
    ),
  };
}

function noGateway({ facts, subject, reason }: Decision<'no-gateway'>): Wording {
  const callee = calleeIn(subject);
  switch (reason) {
    case 'NotRegistered':
      return trouble(
        `${callee} registers here, but is not registered now, and no gateway takes it`,
        `Let it register: \`tandem explain registration ${callee}\` says why it is not.`,
      );
    case 'NoAvailableRouter':
      if (facts.matchingGateways > 0) {
        return trouble(
          `none of the routing gateways with a prefix of ${callee} may take the call (${String(facts.matchingGateways)})`,
          'See why each of them was left out, and change that or add another gateway.',
        );
      }
      return trouble(
        `no routing gateway has a prefix that matches ${callee}`,
        `Add a prefix that is the beginning of ${callee} to a routing gateway, or correct the number.`,
      );
    case 'AllGatewayBusy':
    case 'AccountBalanceNotEnough':
    case 'PrivacyNotProvided':
    case 'SipsNotAllowed':
    case 'NumberBarred': {
      const { why, change } = generalWordings[reason];
      return trouble(why, change);
    }
  }
}

function whyNotRegistered({ facts }: Decision<'gateway-not-registered'>): string {
  const { fault, since } = facts;
  if (fault !== undefined) return `it registers here, and nobody could say where it is: ${fault}`;
  return since === undefined ? 'it has not registered' : `it is not registered since ${since}`;
}

/** DENY-04: to phones here, which no prefix decides. */
function isInternal({ type }: FactsOf<'call-not-permitted'>): boolean {
  return type === 'internal';
}

/** Accounts are changed in the document alone. @param subject "phone 1001", "account demo" */
function unlock(subject: string): string {
  return subject.startsWith('phone ')
    ? `Unlock it: \`tandem phones set ${nameIn(subject)} status=active\`.`
    : `Set status: active for ${readable(subject)} in the configuration and apply it (tandem apply).`;
}

/** BILL-01: "reseller north of account demo" where it is not the account that calls. */
function payer(
  subject: string,
  { resellerOf }: { readonly resellerOf?: string | undefined },
): string {
  return resellerOf === undefined
    ? readable(subject)
    : `reseller ${nameIn(subject)} of account ${resellerOf}`;
}

function hasMoney(subject: string, facts: FactsOf<'balance-enough' | 'balance-used-up'>): string {
  return `${payer(subject, facts)} has ${facts.balance} and an overdraft of ${facts.overdraft}`;
}

/** BILL-05: what other calls of the account have reserved cannot be spent by this one. */
function isReserved({ holders = '', reserved = '0' }: FactsOf<'balance-used-up'>): string {
  if (reserved === '0') return '';
  const who = holders === '' ? 'of calls that are not charged yet' : `among them of ${holders}`;
  return `, ${reserved} of it reserved (${who})`;
}

function addMoney(subject: string): string {
  return `Book a payment (\`tandem accounts pay ${nameIn(subject)} AMOUNT --reference R\`) or raise the overdraft of ${readable(subject)}.`;
}

/** Connection fee and first increment, which the money must cover. */
function costsAtLeast(facts: FactsOf<'price-not-covered'>): string {
  const first = `first ${String(facts.firstIncrement)} s at ${facts.pricePerMinute} a minute`;
  return `the call costs at least ${facts.costsAtLeast} (connection fee ${facts.connectionFee}, ${first})`;
}

/** The called number of a decision about it; a name that is called may hold blanks. */
function calleeIn(subject: string): string {
  return subject === 'callee' ? 'the called number' : subject.replace(/^callee /, '');
}

function routeOf(facts: FactsOf<'gateway-free'>): string {
  const { prefix, priority, cost, weight, protect, quality, throttled } = facts;
  const parts = [
    ` for prefix ${prefix}`,
    `priority ${String(priority)}`,
    ...(cost === undefined ? [] : [`cost ${cost}`]),
    ...(weight === undefined ? [] : [`weight ${String(weight)}`]),
    ...(quality === undefined ? [] : [`quality ${quality}`]),
    ...(protect === undefined ? [] : ['after all others (protect)']),
    ...(throttled === undefined ? [] : [`throttled to ${throttled} of its calls`]),
  ];
  return parts.join(', ');
}

function staleness({ stale, failure = '', until }: FactsOf<'name-resolved'>): string {
  const when = until === undefined ? '' : ` until ${until}`;
  if (stale === 'no') return until === undefined ? '' : `; the answer holds${when}`;
  return `; the records${until === undefined ? '' : `, which held${when},`} have run out, and no newer ones came: ${failure}`;
}

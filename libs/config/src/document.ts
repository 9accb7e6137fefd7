import { identityHeaders } from '@tandem/domain';
import { z } from 'zod';
import { alarmSettings } from './alarms/alarm-settings.ts';
import { callerQ850, carrierQ850, codeMap, provisional, redirects } from './answer-settings.ts';
import {
  callsPerSecond,
  certificateName,
  credentialName,
  currency,
  digestTerms,
  gatewayAddress,
  hostPort,
  lineLimit,
  localAddress,
  money,
  name,
  network,
  number,
  numberRange,
  password,
  prefix,
  protocol,
  realm,
  seconds,
  username,
  wholeNumber,
} from './fields.ts';
import { accountInvoicing, accountTimeZone, invoiceIssuers } from './invoicing.ts';
import { mediaSettings, phoneMediaSettings } from './media-settings.ts';
import {
  listTerms,
  numberList,
  numberPool,
  numberRules,
  numberRuleSet,
} from './number-settings.ts';
import {
  allowedRoutingGateways,
  candidateTerms,
  routePolicy,
  routePolicyName,
} from './route-policies.ts';
import { highestPrice, profitTerms } from './profit.ts';
import { rateGroup } from './rate-group.ts';
import { schedule, scheduleName } from './schedules.ts';
import { security, stir } from './security-settings.ts';
import { throttle } from './throttle.ts';

const callTypes = z
  .array(name)
  .optional()
  .describe(
    'Types of call that it may make (DENY-04), by their names in callTypes; internal = to phones here. Not set: all.',
  );

const callType = z.strictObject({
  name,
  prefixes: z
    .array(prefix)
    .default([])
    .describe('The longest prefix of all types decides; a number of none is of no type.'),
});

const account = z.strictObject({
  name,
  type: z.enum(['customer', 'vendor']).default('customer'),
  status: z.enum(['active', 'locked']).default('active'),
  openingBalance: money('any').default('0').describe('Booked once; later changes are payments.'),
  overdraft: money('not-negative').default('0'),
  minimumBalance: money('any')
    .optional()
    .describe(
      'An alarm is raised once the balance is at it, or below (BILL-10). Not set: none is. It refuses no call.',
    ),
  billing: z
    .enum(['prepaid', 'postpaid'])
    .default('prepaid')
    .describe(
      'prepaid: calls reserve what they cost as they go on, and end with the money. postpaid: balance and overdraft are looked at when a call begins, and nothing ends it.',
    ),
  validUntil: z.iso.datetime({ offset: true }).optional(),
  currency: currency.default('USD'),
  timeZone: accountTimeZone,
  invoicing: accountInvoicing,
  rateGroup: name.optional().describe('Needed for a customer, optional for a vendor.'),
  parent: name
    .optional()
    .describe(
      'The reseller that it is under: another customer account of the same currency, which owes its own price for each call of this one (BILL-01). Calls spend the money, and take the lines, of both.',
    ),
  lineLimit,
  callsPerSecond,
  numbers: z
    .array(numberRange)
    .optional()
    .describe('Ranges of numbers that are its own: what it may present, and is signed for as A.'),
  callerId: number
    .optional()
    .describe('What is asserted for callers whose own number may not be presented.'),
  certificate: name
    .optional()
    .describe('Of stir.certificates: signs its calls in place of stir.certificate.'),
  callTypes,
  numberRules,
  lists: listTerms,
  routePolicy: routePolicyName.describe('For its calls; that of the document where not set.'),
  lowestProfit: profitTerms.lowestProfit,
  highestPricePerMinute: highestPrice.customer,
});

const identity = {
  trusted: z
    .boolean()
    .default(false)
    .describe(
      'Whether what it says of callers is believed, and it may be told what they withhold.',
    ),
  headers: z
    .array(z.enum(identityHeaders))
    .optional()
    .describe(
      'Taken from it, in this order, and written to it. Of a trusted one, where it is not set: pai, diversion, history-info; else none.',
    ),
  uri: z.enum(['sip', 'tel', 'both']).default('sip').describe('How numbers are written to it.'),
  userPhone: z.boolean().default(false).describe('SIP URIs of numbers get user=phone.'),
};

const registration = z
  .strictObject({
    minExpires: wholeNumber(10, 3600).optional().describe('Seconds.'),
    maxExpires: wholeNumber(60, 86_400).optional().describe('Seconds.'),
    maxBindings: wholeNumber(1, 100).optional().describe('Devices at once.'),
  })
  .optional()
  .describe('What is not set here is the system parameter of the same meaning (REG-01, REG-03).');

const phone = z.strictObject({
  username,
  authentication: z
    .enum(['password', 'ip', 'both'])
    .default('password')
    .describe(
      'What it registers and calls by: its password; that it comes from its addresses; or both (REG-10).',
    ),
  addresses: z
    .array(network)
    .min(1)
    .optional()
    .describe('What it registers and calls from. Goes with authentication: ip, or both.'),
  password: password.optional().describe('Of a phone with authentication: ip there is none.'),
  ...digestTerms,
  account: name,
  lineLimit,
  status: z.enum(['active', 'locked']).default('active'),
  callerId: number.optional().describe('As of its account, for this phone.'),
  callTypes,
  registration,
  media: phoneMediaSettings,
  numberRules,
  lists: listTerms,
});

const authentication = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('ip'), addresses: z.array(network).min(1) }),
  z.strictObject({ mode: z.literal('ip-port'), addresses: z.array(hostPort).min(1) }),
  z.strictObject({
    mode: z.literal('password'),
    username: credentialName.optional().describe('The name of the gateway where not set.'),
    password,
    ...digestTerms,
  }),
]);

const mappingGateway = z.strictObject({
  name,
  account: name,
  authentication,
  registration: registration.describe(
    'It registers here, with its name as user name: a dynamic gateway, which is called by its name, too (REG-10). What is not set here is the system parameter of the same meaning.',
  ),
  certificateNames: z
    .array(certificateName)
    .min(1)
    .optional()
    .describe(
      'It must call over TLS and show a certificate for one of these, besides what `authentication` asks for.',
    ),
  lineLimit,
  callsPerSecond,
  protocol,
  identity: z
    .strictObject({
      ...identity,
      anonymous: z
        .enum(['allow', 'asserted', 'refuse'])
        .default('allow')
        .describe('Anonymous callers: all, those whose number is asserted, or none (433).'),
      callerId: number.optional().describe('As of its account, for this gateway.'),
    })
    .optional()
    .describe('Who its callers are (CALL-12).'),
  stir: z
    .strictObject({
      verify: z
        .enum(['off', 'note', 'refuse-failed', 'refuse'])
        .default('off')
        .describe(
          'Signatures of its calls: not looked at, noted, wrong ones refused, or missing ones too.',
        ),
      traffic: z
        .enum(['customer', 'transit'])
        .default('customer')
        .describe('Calls of its account, signed as A or B, or of anybody behind it, signed as C.'),
    })
    .optional()
    .describe('Signed numbers (STIR/SHAKEN).'),
  replyAddress: z
    .enum(['socket', 'via', 'via-port'])
    .default('socket')
    .describe(
      'Where it takes answers over UDP: where it sent from, at host and port of its Via, or where it sent from at the port of its Via.',
    ),
  requestAddress: z
    .literal('socket')
    .default('socket')
    .describe('Where it takes requests in a call: where it was heard last.'),
  codeMap: codeMap.describe(
    'Codes of refusals that are told as others, such as 503 as 480, of the switch and of carriers. What is refused for overload, or since a part of the switch is away, keeps its code; so does what nobody has proved to be this gateway’s.',
  ),
  q850: callerQ850,
  media: mediaSettings,
  callTypes,
  numberRules,
  lists: listTerms,
  allowedRoutingGateways,
  routePolicy: routePolicyName.describe('For its calls; that of its account where not set.'),
  lowestProfit: profitTerms.lowestProfit,
  highestPricePerMinute: highestPrice.customer,
});

const gatewayGroup = z.strictObject({
  name,
  lineLimit,
  numberRules,
  schedule: scheduleName,
  capacities: z
    .array(z.strictObject({ schedule: name, lineLimit: wholeNumber(1, 1_000_000) }))
    .default([])
    .describe('The first whose schedule is open has the limit in place of lineLimit (ROUTE-08).'),
});

const timers = z
  .strictObject({
    invite: seconds(300),
    ringing: seconds(600),
    sessionProgress: seconds(600),
    sessionProgressSdp: seconds(600),
    resendInterval: wholeNumber(100, 4000).optional().describe('Milliseconds.'),
  })
  .default({})
  .describe('Seconds; what is not set here is the system parameter of the same meaning.');

const outboundRegistration = z
  .strictObject({
    registrar: gatewayAddress
      .optional()
      .describe(
        'An IP address, or a name, with a port or without; the addresses of the gateway where not set.',
      ),
    transport: z
      .enum(['auto', 'udp', 'tcp', 'tls'])
      .optional()
      .describe('How the registrar is reached; as the gateway where not set.'),
    domain: certificateName
      .optional()
      .describe(
        'Of the address of record, as in sip:USER@DOMAIN; the host of the registrar where not set.',
      ),
    user: username.optional().describe('Of the address of record; the username where not set.'),
    username: credentialName
      .optional()
      .describe('For the digest; that of the gateway where not set.'),
    password: password.optional().describe('Goes with username.'),
    contactUser: username
      .optional()
      .describe(
        'What the carrier calls: the user of the Contact, and so the called number of what it sends there; user where not set.',
      ),
    expires: z
      .union([z.literal('auto'), z.int().min(20).max(7200)])
      .optional()
      .describe('Seconds that are asked for; auto: the carrier says. SS_SIP_USER_AGENT_EXPIRE.'),
    retryDelay: z
      .int()
      .min(30)
      .max(600)
      .optional()
      .describe(
        'Seconds until the next attempt after one that failed. SS_SIP_USER_AGENT_RETRY_DELAY.',
      ),
    required: z
      .boolean()
      .default(true)
      .describe('Calls go to the gateway only while it has our registration.'),
  })
  .optional()
  .describe(
    'The switch registers with this carrier, as a telephone does (REG-08). What is not set here is the system parameter of the same meaning.',
  );

const optionsCheck = z
  .strictObject({
    period: z
      .int()
      .min(1)
      .max(3600)
      .optional()
      .describe('Seconds from one check to the next. SS_SIP_OPTIONS_CHECK_PERIOD.'),
    failures: z
      .int()
      .min(1)
      .max(30)
      .optional()
      .describe(
        'So many failed checks of the last `window` take an address off line. SS_SIP_OPTIONS_CHECK_FAILURES.',
      ),
    window: z
      .int()
      .min(1)
      .max(30)
      .optional()
      .describe(
        'Checks that are looked back at; so many answered in a row bring an address back. SS_SIP_OPTIONS_CHECK_WINDOW.',
      ),
    deadCodes: z
      .array(wholeNumber(300, 699))
      .default([408, 503])
      .describe(
        'Answers that count as none: a proxy that cannot reach what is behind it says 408, who takes no calls 503. Every other answer comes from somebody who is there.',
      ),
  })
  .optional()
  .describe(
    'It is asked by OPTIONS whether it is there, and gets no calls while it is not (ROUTE-07). What is not set here is the system parameter of the same meaning; without this block nobody asks.',
  );

const routingGateway = z.strictObject({
  name,
  type: z
    .enum(['static', 'dynamic'])
    .default('static')
    .describe(
      'static: it is at its addresses; dynamic: where it registers from, with its name as user name (REG-10).',
    ),
  addresses: z
    .array(gatewayAddress)
    .default([])
    .describe(
      'In order of preference: an IP address, or a name, each with a port or without. A name without a port stands for its SRV records. A static gateway has at least one, a dynamic one none.',
    ),
  prefixes: z.array(prefix).min(1),
  prefixMode: z.enum(['extension', 'expiration']).default('extension'),
  priority: wholeNumber(0, 9999).default(1).describe('Lower first.'),
  group: name.optional(),
  lineLimit,
  callsPerSecond: callsPerSecond.describe(
    'Calls that it is given in any one second (ROUTE-15); 0 = no limit.',
  ),
  lock: z.enum(['none', 'bar-all']).default('none'),
  transport: z
    .enum(['auto', 'udp', 'tcp', 'tls'])
    .default('auto')
    .describe(
      'How its addresses are reached; auto: by UDP, a name as its records say (NAPTR, SRV).',
    ),
  certificate: z
    .strictObject({
      check: z
        .enum(['name', 'none'])
        .default('name')
        .describe(
          'name: of an authority that is trusted, and for the name below; none: any will do, and whoever stands in between can read and change calls.',
        ),
      name: certificateName
        .optional()
        .describe('What it must be for; the name or IP address of `addresses` where not set.'),
    })
    .optional()
    .describe('The certificate that it must show, over TLS (RFC 5922).'),
  localAddress,
  protocol,
  username: credentialName
    .optional()
    .describe('What it knows the switch by, where it challenges (AUTH-11).'),
  password: password
    .optional()
    .describe(
      'Goes with username. Of a dynamic gateway: what it registers with, unless a mapping gateway of its name has that.',
    ),
  registration: outboundRegistration,
  optionsCheck,
  throttle,
  account: name.optional().describe('The vendor that is paid.'),
  switchUntilConnect: z.boolean().default(true),
  stopCodes: z
    .array(wholeNumber(400, 699))
    .default([480, 486, 487, 600, 603, 604, 606])
    .describe('Final answers after which no other gateway is tried.'),
  timers,
  tokens: z.enum(['inline', 'stored']).default('inline'),
  contact: z
    .enum(['user', 'param'])
    .default('user')
    .describe('Where the token stands in the Contact that the gateway gets.'),
  identity: z
    .strictObject({
      ...identity,
      verstat: z
        .boolean()
        .default(false)
        .describe(
          'Write the verdict on a signed number: verstat, Attestation-Info, Origination-Id.',
        ),
    })
    .optional()
    .describe('How it is told who calls (CALL-12).'),
  stir: z
    .enum(['off', 'sign', 'pass'])
    .default('off')
    .describe('Calls to it: unsigned, signed, or with the signature that they came with.'),
  codeMap,
  q850: carrierQ850,
  provisional,
  redirects,
  media: mediaSettings,
  numberRules,
  lists: listTerms,
  callerPool: name
    .optional()
    .describe('Of numberPools: calls to it have one of its numbers as caller.'),
  ...candidateTerms,
  schedule: scheduleName,
  lowestProfit: profitTerms.lowestProfit,
  highestPricePerMinute: highestPrice.vendor,
});

/** The whole configuration as one document. */
export const configurationSchema = z.strictObject({
  parameters: z
    .record(z.string(), z.union([z.number(), z.boolean(), z.string()]))
    .default({})
    .describe('System parameters that differ from their defaults: docs/parameters.md.'),
  realm: realm.default('tandem').describe('Where a phone or gateway names none.'),
  rateGroups: z.array(rateGroup).default([]),
  accounts: z.array(account).default([]),
  callTypes: z
    .array(callType)
    .default([])
    .describe('Sets of prefixes that accounts, phones and gateways may be kept to (DENY-04).'),
  numberRules: z
    .array(numberRuleSet)
    .optional()
    .describe('What becomes of numbers, under names that others refer to (ROUTE-10).'),
  numberLists: z
    .array(numberList)
    .optional()
    .describe('Lists of numbers; what is in them is imported, and no part of the document.'),
  numberPools: z.array(numberPool).optional().describe('Numbers that calls are given as caller.'),
  lists: listTerms.describe('Who may call and be called, whatever the gateway.'),
  phones: z.array(phone).default([]),
  mappingGateways: z.array(mappingGateway).default([]),
  schedules: z
    .array(schedule)
    .default([])
    .describe('When gateways and groups may be used (ROUTE-08).'),
  gatewayGroups: z.array(gatewayGroup).default([]),
  routePolicies: z
    .array(routePolicy)
    .default([])
    .describe('How routing gateways are ordered (ROUTE-04).'),
  routePolicy: routePolicyName.describe(
    'For whom names none; not set: the cheapest vendor first, as order: cost.',
  ),
  routingGateways: z.array(routingGateway).default([]),
  invoiceIssuers,
  stir,
  security,
  ...alarmSettings,
});

/** A configuration that has been checked, with its defaults filled in. Money stays decimal text. */
export type Configuration = z.output<typeof configurationSchema>;
export type RateGroup = Configuration['rateGroups'][number];
export type Rate = RateGroup['rates'][number];
export type Account = Configuration['accounts'][number];
export type CallType = Configuration['callTypes'][number];
export type Phone = Configuration['phones'][number];
export type MappingGateway = Configuration['mappingGateways'][number];
export type InvoiceIssuer = NonNullable<Configuration['invoiceIssuers']>[number];
export type Schedule = Configuration['schedules'][number];
export type RoutePolicy = Configuration['routePolicies'][number];
export type GatewayGroup = Configuration['gatewayGroups'][number];
export type RoutingGateway = Configuration['routingGateways'][number];

/** A configuration without its long lists, which are packed beside it. */
export type SlimConfiguration = Omit<Configuration, 'rateGroups' | 'routingGateways'> & {
  readonly rateGroups: readonly SlimRateGroup[];
  readonly routingGateways: readonly SlimRoutingGateway[];
};
type SlimRateGroup = Omit<RateGroup, 'rates'>;
export type SlimRoutingGateway = Omit<RoutingGateway, 'prefixes'>;

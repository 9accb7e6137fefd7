import { parseMoney } from '@tandem/domain';
import { z } from 'zod';
import { callerQ850, carrierQ850, codeMap, provisional, redirects } from './answer-settings.ts';
import { mediaSettings } from './media-settings.ts';
import { quotedTextMistake, secretTextMistake } from './quoted-text.ts';
import {
  gatewayAddressMistake,
  localAddressMistake,
  sourceSocketMistake,
  unusableNetwork,
} from './usable-address.ts';
import { isSealed } from './secrets.ts';

const MAX_LINES = 1_000_000;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const USERNAME = /^[A-Za-z0-9+*#][A-Za-z0-9+*#._!~'-]{0,63}$/;
const PREFIX = /^(?:\+?[0-9*#]{1,32})?$/;

/** What a field must be, in words: for messages, and for the schema that the API publishes. */
export const expectations = {
  name: 'a name of letters, digits, ".", "_" and "-", at most 64',
  username: 'the user part of a SIP address as text in quotes, such as "1001"',
  credentialName: 'a user name of 1 to 128 characters in quotes, such as "4412345@sip.example.org"',
  password: 'a password of 1 to 128 characters in quotes',
  money: 'a decimal in quotes with at most 9 digits after the point, such as "0.0123"',
  prefix: 'leading digits of a number as text in quotes, such as "44"; "" matches every number',
  realm: 'a realm of 1 to 128 characters, most often a domain such as sip.example.org',
  network: 'an address block such as 192.0.2.0/24',
  hostPort: 'an address with its port, such as 192.0.2.1:5060',
  localAddress: 'auto, or an advertised address of the switch with its port',
  time: 'a time in UTC such as 2030-01-01T00:00:00Z',
} as const;

type Check = (value: string) => string | undefined;

/** Text that is checked by a function which answers in words what is wrong. */
function text(expectation: keyof typeof expectations, check: Check) {
  return z
    .string()
    .superRefine((value, context) => {
      const message = check(value);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    })
    .meta({ description: expectations[expectation] });
}

function pattern(expectation: keyof typeof expectations, expression: RegExp) {
  return text(expectation, (value) =>
    expression.test(value)
      ? undefined
      : `is ${JSON.stringify(value)}, must be ${expectations[expectation]}`,
  );
}

function wholeNumber(min: number, max: number) {
  return z.int().min(min).max(max);
}

function money(min: 'any' | 'not-negative') {
  return text('money', (value) => {
    try {
      const amount = parseMoney(value);
      return min === 'not-negative' && amount < 0n
        ? `is ${JSON.stringify(value)}, must not be negative`
        : undefined;
    } catch {
      return `is ${JSON.stringify(value)}, must be ${expectations.money}`;
    }
  });
}

const name = pattern('name', NAME);
const realm = text('realm', (value) => quotedTextMistake(value, expectations.realm));
const prefix = pattern('prefix', PREFIX);
const username = pattern('username', USERNAME);
// RFC 3261 §25.1: username-value is a quoted string. Whoever is not dialled by it may be called anything.
const credentialName = text('credentialName', (value) =>
  quotedTextMistake(value, expectations.credentialName),
);
const lineLimit = wholeNumber(0, MAX_LINES).default(0).describe('Concurrent calls; 0 = no limit.');
const network = text('network', unusableNetwork);
const hostPort = text('hostPort', sourceSocketMistake);
const gatewayAddress = text('hostPort', gatewayAddressMistake);
const localAddress = text('localAddress', localAddressMistake)
  .default('auto')
  .describe(
    'What it is to know the switch by: an advertised address with its port, or auto, what its network is told.',
  );
const currency = z
  .string()
  .regex(/^[A-Z]{3}$/, 'must be a currency code of three capital letters, such as USD')
  .describe('ISO 4217 code.');
// Sealed text is what the store holds: a document that is applied must give the password itself.
const password = text('password', (value) =>
  isSealed(value) ? undefined : secretTextMistake(value, expectations.password),
);
// H.323 is named by operators' guides as a protocol setting: it is refused in words of its own.
const protocol = z.literal('sip').optional().describe('Only sip.');
const seconds = (max: number) => wholeNumber(1, max).optional();

const rate = z.strictObject({
  prefix,
  pricePerMinute: money('not-negative'),
  firstIncrement: wholeNumber(1, 3600).default(60).describe('Seconds.'),
  nextIncrement: wholeNumber(1, 3600).default(60).describe('Seconds.'),
  connectionFee: money('not-negative').default('0'),
  freeSeconds: wholeNumber(0, 86400).default(0),
});

const rateGroup = z.strictObject({ name, currency, rates: z.array(rate).default([]) });

const account = z.strictObject({
  name,
  type: z.enum(['customer', 'vendor']).default('customer'),
  status: z.enum(['active', 'locked']).default('active'),
  openingBalance: money('any').default('0').describe('Booked once; later changes are payments.'),
  overdraft: money('not-negative').default('0'),
  validUntil: z.iso.datetime({ offset: true }).optional(),
  currency: currency.default('USD'),
  rateGroup: name.optional().describe('Needed for a customer, optional for a vendor.'),
  lineLimit,
});

const phone = z.strictObject({
  username,
  password,
  account: name,
  lineLimit,
  realm: realm.optional(),
  status: z.enum(['active', 'locked']).default('active'),
});

const authentication = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('ip'), addresses: z.array(network).min(1) }),
  z.strictObject({ mode: z.literal('ip-port'), addresses: z.array(hostPort).min(1) }),
  z.strictObject({
    mode: z.literal('password'),
    username: credentialName,
    password,
    realm: realm.optional(),
  }),
]);

const mappingGateway = z.strictObject({
  name,
  account: name,
  authentication,
  lineLimit,
  protocol,
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
  codeMap,
  q850: callerQ850,
  media: mediaSettings,
});

const gatewayGroup = z.strictObject({ name, lineLimit });

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

const routingGateway = z.strictObject({
  name,
  addresses: z
    .array(gatewayAddress)
    .min(1)
    .describe(
      'In order of preference: an IP address, or a name, each with a port or without. A name without a port stands for its SRV records.',
    ),
  prefixes: z.array(prefix).min(1),
  prefixMode: z.enum(['extension', 'expiration']).default('extension'),
  priority: wholeNumber(0, 9999).default(1).describe('Lower first.'),
  group: name.optional(),
  lineLimit,
  lock: z.enum(['none', 'bar-all']).default('none'),
  transport: z
    .enum(['auto', 'udp', 'tcp'])
    .default('auto')
    .describe(
      'How its addresses are reached; auto: by UDP, a name as its records say (NAPTR, SRV).',
    ),
  localAddress,
  protocol,
  username: credentialName.optional(),
  password: password.optional(),
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
  codeMap,
  q850: carrierQ850,
  provisional,
  redirects,
  media: mediaSettings,
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
  phones: z.array(phone).default([]),
  mappingGateways: z.array(mappingGateway).default([]),
  gatewayGroups: z.array(gatewayGroup).default([]),
  routingGateways: z.array(routingGateway).default([]),
});

/** A configuration that has been checked, with its defaults filled in. Money stays decimal text. */
export type Configuration = z.output<typeof configurationSchema>;
export type RateGroup = Configuration['rateGroups'][number];
export type Rate = RateGroup['rates'][number];
export type Account = Configuration['accounts'][number];
export type Phone = Configuration['phones'][number];
export type MappingGateway = Configuration['mappingGateways'][number];
export type GatewayGroup = Configuration['gatewayGroups'][number];
export type RoutingGateway = Configuration['routingGateways'][number];

import { parseMoney } from '@tandem/domain';
import { z } from 'zod';
import { quotedTextMistake, secretTextMistake } from './quoted-text.ts';
import { isSealed } from './secrets.ts';
import {
  gatewayAddressMistake,
  localAddressMistake,
  sourceSocketMistake,
  unusableNetwork,
} from './usable-address.ts';

// The fields of the configuration document, each with what it must be.

const MAX_LINES = 1_000_000;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const USERNAME = /^[A-Za-z0-9+*#][A-Za-z0-9+*#._!~'-]{0,63}$/;
const PREFIX = /^(?:\+?[0-9*#]{1,32})?$/;
const NUMBER = /^\+?[0-9]{1,32}$/;
const STRIPPED = /^(?:\+|\+?[0-9*#]{1,32})$/;
const NUMBER_RANGE = /^\+?[0-9]{2,32}$/;

/** The digest algorithms that may be offered, strongest first: the order of the challenges (RFC 8760 §2.4). */
export const challengeAlgorithms = ['SHA-512-256', 'SHA-256', 'MD5'] as const;

/** What a field must be, in words: for messages, and for the schema that the API publishes. */
export const expectations = {
  name: 'a name of letters, digits, ".", "_" and "-", at most 64',
  username: 'the user part of a SIP address as text in quotes, such as "1001"',
  credentialName: 'a user name of 1 to 128 characters in quotes, such as "4412345@sip.example.org"',
  password: 'a password of 1 to 128 characters in quotes',
  money: 'a decimal in quotes with at most 9 digits after the point, such as "0.0123"',
  prefix: 'leading digits of a number as text in quotes, such as "44"; "" matches every number',
  dialled:
    'digits, * or # as text in quotes, with or without a + before them, such as "44", or "+"',
  number: 'a number of digits as text in quotes, such as "+441632960123"',
  numberRange: 'the leading digits of a range of numbers as text in quotes, such as "441632960"',
  certificateUrl: 'an https URL, such as https://certificates.example.org/main.pem',
  realm: 'a realm of 1 to 128 characters, most often a domain such as sip.example.org',
  network: 'an address block such as 192.0.2.0/24',
  certificateName:
    'a name that a certificate is for, without a wildcard: a domain such as sip.example.org, or an IP address',
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

export function wholeNumber(min: number, max: number): z.ZodInt {
  return z.int().min(min).max(max);
}

export function money(min: 'any' | 'not-negative'): z.ZodString {
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

export const name = pattern('name', NAME);
export const realm = text('realm', (value) => quotedTextMistake(value, expectations.realm));
export const prefix = pattern('prefix', PREFIX);
export const strippedPrefix = pattern('dialled', STRIPPED);
export const dialled = pattern('dialled', STRIPPED);
export const username = pattern('username', USERNAME);
export const number = pattern('number', NUMBER);
export const numberRange = pattern('numberRange', NUMBER_RANGE);
// What stands in angle brackets and in a signed token: nothing to be escaped in either.
export const certificateUrl = text('certificateUrl', (value) =>
  /^https:\/\/[^\s<>"\\]{1,500}$/.test(value) && URL.canParse(value)
    ? undefined
    : `is ${JSON.stringify(value)}, must be ${expectations.certificateUrl}`,
);
// RFC 3261 §25.1: username-value is a quoted string. Whoever is not dialled by it may be called anything.
export const credentialName = text('credentialName', (value) =>
  quotedTextMistake(value, expectations.credentialName),
);
export const lineLimit = wholeNumber(0, MAX_LINES)
  .default(0)
  .describe('Concurrent calls; 0 = no limit.');
export const callsPerSecond = wholeNumber(0, 100_000)
  .default(0)
  .describe('Calls that it may begin in any one second (ROUTE-15); 0 = no limit.');
export const network = text('network', unusableNetwork);
export const hostPort = text('hostPort', sourceSocketMistake);
export const gatewayAddress = text('hostPort', gatewayAddressMistake);
export const localAddress = text('localAddress', localAddressMistake)
  .default('auto')
  .describe(
    'What it is to know the switch by: an advertised address with its port, or auto, what its network is told.',
  );
export const userAgent = z
  .string()
  .regex(
    /^[\x21-\x7e]([\x20-\x7e]{0,62}[\x21-\x7e])?$/,
    'must be the beginning of a User-Agent, of 1 to 64 letters, such as "friendly-scanner"',
  )
  .describe('Beginning of a User-Agent, in whatever case.');
// RFC 5922 §7.2: a wildcard stands for nothing but itself.
export const certificateName = pattern(
  'certificateName',
  /^(?:[\w-]+(?:\.[\w-]+)*|[\da-f:.]*:[\da-f:.]*)$/i,
);
export const currency = z
  .string()
  .regex(/^[A-Z]{3}$/, 'must be a currency code of three capital letters, such as USD')
  .describe('ISO 4217 code.');
// Sealed text is what the store holds: a document that is applied must give the password itself.
export const password = text('password', (value) =>
  isSealed(value) ? undefined : secretTextMistake(value, expectations.password),
);
const previousPassword = z
  .strictObject({
    password,
    validUntil: z.iso
      .datetime({ offset: true })
      .meta({ description: expectations.time })
      .describe('From then on the new one alone is right.'),
  })
  .optional()
  .describe(
    'Right beside the new one for a time, while it is changed at the other side (AUTH-13).',
  );
const algorithms = z
  .array(z.enum(challengeAlgorithms))
  .min(1)
  .optional()
  .describe(
    'Digest algorithms that it is challenged with, and that it may answer with; not set: TANDEM_AUTH_ALGORITHMS.',
  );
export const digestTerms = { previousPassword, realm: realm.optional(), algorithms };
// H.323 is named by operators' guides as a protocol setting: it is refused in words of its own.
export const protocol = z.literal('sip').optional().describe('Only sip.');
export const seconds = (max: number): z.ZodOptional<z.ZodInt> => wholeNumber(1, max).optional();

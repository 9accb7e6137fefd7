import { z } from 'zod';
import { parseHostPort } from './network.ts';
import { parsedText } from './parsed-text.ts';
import { parseRedisUrl } from './redis-url.ts';

function hostPortText(what: string, canOmitHost = false) {
  return z.string().superRefine((value, context) => {
    // `:9001` listens on every address of the machine.
    const text = canOmitHost && value.startsWith(':') ? `0.0.0.0${value}` : value;
    const parsed = parseHostPort(text);
    if (typeof parsed === 'string') {
      context.addIssue({ code: 'custom', message: `write ${what}` });
    }
  });
}

/** One `host:port`, or several IPv4 addresses with their ports, with commas between. */
function addressText() {
  const text =
    'a host and a port, such as auth:9001, or IPv4 addresses with ports and commas between';
  return z.string().superRefine((value, context) => {
    const parts = value.split(',');
    const isOf = (pattern: RegExp): boolean => parts.every((part) => pattern.test(part));
    const isRight =
      parts.every((part) => typeof parseHostPort(part) !== 'string') &&
      (parts.length === 1 || isOf(/^[\d.]+:\d+$/));
    if (!isRight) context.addIssue({ code: 'custom', message: `write ${text}` });
  });
}

function url(protocols: readonly string[], example: string) {
  return z.string().superRefine((value, context) => {
    const isRight = URL.canParse(value) && protocols.includes(new URL(value).protocol);
    if (!isRight) context.addIssue({ code: 'custom', message: `write a URL such as ${example}` });
  });
}

/** Schemas of settings that several services read, for use with `readEnvironment`. */
export const settings = {
  /** Where a server listens: `127.0.0.1:9001`, port 0 = any free one. */
  listen: hostPortText('an address and a port, such as 127.0.0.1:9001', true),
  /** Where another service is reached: `auth:9001`, or each of its pods: `192.0.2.1:9001,192.0.2.2:9001`. */
  address: addressText(),
  /** A server, `redis+sentinel://…/name` or `redis+cluster://…`: see `parseRedisUrl`. */
  redisUrl: z.string().superRefine((value, context) => {
    const parsed = parseRedisUrl(value);
    if (typeof parsed === 'string') context.addIssue({ code: 'custom', message: parsed });
  }),
  /** First part of every Redis key. */
  redisPrefix: z
    .string()
    .regex(/^[\w.-]+$/, 'write letters, digits, dots and hyphens')
    .default('tandem'),
  secretKeyFile: z.string('name the file that holds the key'),
  postgresUrl: url(['postgres:', 'postgresql:'], 'postgres://tandem@127.0.0.1:5432/tandem'),
  /** Comma-separated brokers, read into a list. */
  kafkaBrokers: parsedText(brokers, 'host:port, several with commas'),
} as const;

function brokers(text: string): string[] | undefined {
  const parts = text.split(',').map((part) => part.trim());
  return parts.every((part) => typeof parseHostPort(part) !== 'string') ? parts : undefined;
}

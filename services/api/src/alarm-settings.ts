import { ConfigurationError, parsedText, readEnvironment } from '@tandem/config';
import { z } from 'zod';
import type { SmtpSettings } from './adapters/alarm-mail.ts';

/** How alarms are judged, and how they leave (OPS-11). */
export interface AlarmSettings {
  /** From one round to the next, in ms. */
  readonly everyMs: number;
  /** @default nothing is sent to webhooks */
  readonly webhookSecretFile?: string | undefined;
  /** @default no mail leaves */
  readonly smtp?: SmtpSettings | undefined;
}

const SECONDS = 'write whole seconds from 1 to 300';

const schema = z.object({
  TANDEM_ALARM_SECONDS: z.coerce.number(SECONDS).int(SECONDS).min(1, SECONDS).max(300, SECONDS).default(15), // prettier-ignore
  TANDEM_ALARM_WEBHOOK_SECRET_FILE: z.string().optional(),
  TANDEM_SMTP_SERVER: parsedText(hostPort, 'host:port, such as smtp.example.com:587').optional(),
  TANDEM_SMTP_SECURITY: z.enum(['starttls', 'tls', 'none']).default('starttls'),
  TANDEM_SMTP_USER: z.string().optional(),
  TANDEM_SMTP_PASSWORD_FILE: z.string().optional(),
  TANDEM_SMTP_FROM: z
    .string()
    .regex(/^[^\s@<>]+@[^\s@<>]+$/, 'write an address such as tandem@example.com')
    .optional(),
  TANDEM_SMTP_CA: z.string().optional(),
});

/**
 * Reads how alarms are judged and told.
 * @throws ConfigurationError naming every mistake
 */
export function readAlarmSettings(env: NodeJS.ProcessEnv): AlarmSettings {
  const values = readEnvironment(schema, env);
  return {
    everyMs: values.TANDEM_ALARM_SECONDS * 1000,
    webhookSecretFile: values.TANDEM_ALARM_WEBHOOK_SECRET_FILE,
    smtp: smtpOf(values),
  };
}

function smtpOf(values: z.output<typeof schema>): SmtpSettings | undefined {
  const { TANDEM_SMTP_SERVER: server, TANDEM_SMTP_FROM: from, TANDEM_SMTP_USER: user } = values;
  if (server === undefined) return undefined;
  if (from === undefined) {
    const message = 'is not set, and TANDEM_SMTP_SERVER is: say whom mail is from';
    throw new ConfigurationError([{ path: 'TANDEM_SMTP_FROM', message }]);
  }
  if (user !== undefined && values.TANDEM_SMTP_SECURITY === 'none') {
    const message = 'is none, and TANDEM_SMTP_USER is set: a password does not go in the clear';
    throw new ConfigurationError([{ path: 'TANDEM_SMTP_SECURITY', message }]);
  }
  return {
    ...server,
    from,
    user,
    security: values.TANDEM_SMTP_SECURITY,
    passwordFile: values.TANDEM_SMTP_PASSWORD_FILE,
    caFile: values.TANDEM_SMTP_CA,
  };
}

function hostPort(text: string): { host: string; port: number } | undefined {
  const found = /^\[?([A-Za-z0-9.:_-]+?)\]?:(\d{1,5})$/.exec(text);
  const port = Number(found?.[2]);
  return found?.[1] === undefined || port < 1 || port > 65_535
    ? undefined
    : { host: found[1], port };
}

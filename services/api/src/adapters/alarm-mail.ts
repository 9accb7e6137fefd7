import { readFile } from 'node:fs/promises';
import { createTransport } from 'nodemailer';
import type { Notification } from '../alarm-ports.ts';
import { mailOf } from '../core/alarms/notification.ts';

/** How mail leaves (RFC 6409, RFC 8314). */
export interface SmtpSettings {
  readonly host: string;
  readonly port: number;
  /** starttls: the connection must become TLS; tls: it begins so; none: it stays in the clear. */
  readonly security: 'starttls' | 'tls' | 'none';
  /** @default nobody: the server asks for none */
  readonly user?: string | undefined;
  /** Its first line is the password; read for each mail, so that it can be renewed. */
  readonly passwordFile?: string | undefined;
  /** Sender, such as tandem@example.com. */
  readonly from: string;
  /** File (PEM) of the authorities that its certificate must be of. @default those that Node trusts */
  readonly caFile?: string | undefined;
}

const DEADLINE_MS = 20_000;

/**
 * Sends a notification by e-mail. Its Message-ID is made of the notification's id: one that comes twice is the same.
 * @returns whom the server does not take mail for, in words; '' where it has taken all. Rejects where it takes none
 */
export async function mailAlarms(
  to: readonly string[],
  { body, id }: Pick<Notification, 'body' | 'id'>,
  smtp: SmtpSettings | undefined,
): Promise<string> {
  if (smtp === undefined) throw new Error('TANDEM_SMTP_SERVER is not set: no mail leaves');
  const { from, host, port, security } = smtp;
  const transport = createTransport({
    host,
    port,
    // eslint-disable-next-line no-restricted-syntax -- of the mail server, and no transport of SIP
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    connectionTimeout: DEADLINE_MS,
    greetingTimeout: DEADLINE_MS,
    socketTimeout: DEADLINE_MS,
    ...(await authOf(smtp)),
    ...(smtp.caFile === undefined ? {} : { tls: { ca: await readFile(smtp.caFile, 'utf8') } }),
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const { subject, text } = mailOf(body);
  const domain = from.slice(from.lastIndexOf('@') + 1).replace('>', '');
  try {
    const sent = await transport.sendMail({
      from,
      to: [...to],
      subject,
      text,
      messageId: `<${id}@${domain}>`,
      headers: { 'auto-submitted': 'auto-generated' },
    });
    // Some have it: sent again, they would have it twice.
    const refused = (sent.rejected as readonly unknown[]).map(String);
    return refused.length === 0 ? '' : `${host} takes no mail for ${refused.join(', ')}`;
  } finally {
    transport.close();
  }
}

async function authOf({ passwordFile, user }: SmtpSettings): Promise<object> {
  if (user === undefined) return {};
  const [pass = ''] =
    passwordFile === undefined ? [''] : (await readFile(passwordFile, 'utf8')).split('\n');
  return { auth: { user, pass: pass.trim() } };
}

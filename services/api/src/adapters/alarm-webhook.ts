import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Notification } from '../alarm-ports.ts';

export interface AlarmWebhookSettings {
  /** Its first line is the key of the signature; read for each request, so that it can be renewed. */
  readonly secretFile: string | undefined;
  /** @default the platform's */
  readonly fetch?: typeof fetch | undefined;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: (() => number) | undefined;
}

const DEADLINE_MS = 15_000;

/**
 * Sends a notification to a webhook. It was taken where the answer is 2xx; everything else rejects. `Tandem-Signature: t=SECONDS,v1=HEX`:
 * HMAC-SHA-256 of the seconds, a point, and the body. `Tandem-Notification` is the same at each attempt.
 */
export async function postAlarms(
  url: string,
  { body, id }: Pick<Notification, 'body' | 'id'>,
  { fetch: send = fetch, now = Date.now, secretFile }: AlarmWebhookSettings,
): Promise<void> {
  if (secretFile === undefined) {
    throw new Error('TANDEM_ALARM_WEBHOOK_SECRET_FILE is not set: nothing is sent unsigned');
  }
  const [secret = ''] = (await readFile(secretFile, 'utf8')).split('\n');
  if (secret.trim() === '') throw new Error(`${secretFile} is empty: nothing is sent unsigned`);
  const seconds = String(Math.floor(now() / 1000));
  const signature = createHmac('sha256', secret.trim()).update(`${seconds}.${body}`).digest('hex');
  const response = await answerOf(
    send(url, {
      method: 'POST',
      body,
      // Who answers that it is elsewhere is to be configured there.
      redirect: 'manual',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'tandem-alarms',
        'tandem-notification': id,
        'tandem-signature': `t=${seconds},v1=${signature}`,
      },
      signal: AbortSignal.timeout(DEADLINE_MS),
    }),
  );
  // What is not read holds the connection.
  await response.body?.cancel();
  if (!response.ok) throw new Error(`answered ${String(response.status)}`);
}

/** "fetch failed" says nothing: the cause does. */
async function answerOf(answer: Promise<Response>): Promise<Response> {
  try {
    return await answer;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new Error(cause instanceof Error ? cause.message : String(cause), { cause: error });
  }
}

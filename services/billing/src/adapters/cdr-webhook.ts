import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { cdrColumns } from '../core/cdr-csv.ts';
import type { CdrTexts } from '../core/cdr-csv.ts';

export interface CdrWebhook {
  readonly url: string;
  /** Its first line is the key of the signature; read for each batch, so that it can be renewed. */
  readonly secretFile: string;
  /** @default the platform's */
  readonly fetch?: typeof fetch | undefined;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: (() => number) | undefined;
}

const DEADLINE_MS = 30_000;
/** They are numbers in JSON; money stays decimal text. */
const NUMBERS: ReadonlySet<string> = new Set(['code', 'pdd_ms', 'duration_ms', 'billed_seconds', 'number', 'rate_sheet_version', 'configuration_version']); // prettier-ignore

/**
 * Sends a batch to a web hook. It was taken where the answer is 2xx; everything else rejects, and the same batch is to be sent again.
 * `Tandem-Signature: t=SECONDS,v1=HEX`: HMAC-SHA-256 of the seconds, a point, and the body.
 */
export async function postCdrs(
  { url, secretFile, fetch: send = fetch, now = Date.now }: CdrWebhook,
  batch: number,
  rows: readonly CdrTexts[],
): Promise<void> {
  const body = JSON.stringify({ feed: 'tandem.cdrs', version: 1, batch, cdrs: rows.map(toObject) });
  const [secret = ''] = (await readFile(secretFile, 'utf8')).split('\n');
  const seconds = String(Math.floor(now() / 1000));
  const signature = createHmac('sha256', secret.trim()).update(`${seconds}.${body}`).digest('hex');
  const response = await send(url, {
    method: 'POST',
    body,
    redirect: 'manual',
    headers: {
      'content-type': 'application/json',
      'tandem-batch': String(batch),
      'tandem-signature': `t=${seconds},v1=${signature}`,
    },
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  // What is not read holds the connection.
  await response.body?.cancel();
  if (!response.ok) throw new Error(`answered ${String(response.status)}`);
}

function toObject(row: CdrTexts): Record<string, string | number | null> {
  return Object.fromEntries(
    cdrColumns.map((name, index) => {
      const value = row[index] ?? null;
      return [name, value !== null && NUMBERS.has(name) ? Number(value) : value];
    }),
  );
}

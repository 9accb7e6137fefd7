import { refusals } from '@tandem/domain';
import { viaWithSource } from '@tandem/sip';
import type { Endpoint, RequestHead } from '@tandem/sip';
import type { LocalName } from '../network/local-addresses.ts';
import { statelessTagOf } from '../marks/stateless-tag.ts';

const row = refusals.Overload;
const statusLine = `SIP/2.0 ${String(row.code)} ${row.phrase}\r\n`;
const reason = `Reason: SIP;cause=${String(row.code)};text="Overload"\r\n`;

/**
 * The refusal of a request that has not been parsed (DENY-19): what `refusal` makes of the parsed one, so that each repetition gets
 * the same, whoever answers it.
 */
export function rawOverloadRefusal(
  { vias, from, to, callId, cseq }: RequestHead,
  options: {
    readonly source: Endpoint;
    readonly local: LocalName;
    /** SS_OVERLOAD_RETRY_AFTER. */
    readonly retryAfterSeconds: number;
  },
): Buffer {
  const { source, local, retryAfterSeconds } = options;
  const [top = '', ...others] = vias;
  const noted = viaWithSource(top, source);
  const toTag = statelessTagOf([noted, from, callId, cseq]);
  const server = local.product === undefined ? '' : `Server: ${local.product}\r\n`;
  const under = others.map((via) => `Via: ${via}\r\n`).join('');
  return Buffer.from(
    `${statusLine}Via: ${noted}\r\n${under}From: ${from}\r\nTo: ${to};tag=${toTag}\r\nCall-ID: ${callId}\r\nCSeq: ${cseq}\r\n` +
      `Warning: 399 ${local.host} "${row.warning}"\r\n${reason}` +
      `Retry-After: ${String(spreadSeconds(retryAfterSeconds, toTag))}\r\n${server}Content-Length: 0\r\n\r\n`,
    'latin1',
  );
}

/** Between once and twice `seconds`, evenly over the tags: those who are refused together do not come back together. */
export function spreadSeconds(seconds: number, toTag: string): number {
  let hash = 0;
  for (let at = 0; at < toTag.length; at++) hash = (hash * 31 + toTag.charCodeAt(at)) >>> 0;
  return seconds + (hash % (seconds + 1));
}

import type { Journal } from '@tandem/events';
import { readableText } from '@tandem/sip';
import { formatPeerAddress } from './core/network/peer-address.ts';

/** Who connected, and came to no TLS (OPS-10): else a peer that trusts our certificate not would leave no trace. */
export function noteFailedHandshake(
  journal: Pick<Journal, 'note'> | undefined,
  error: Error,
  from: { readonly address: string; readonly port: number },
): void {
  journal?.note({
    cause: 'tls-failed',
    facts: { fault: faultOf(error) },
    terminal: '',
    account: '',
    sender: 'unknown',
    source: formatPeerAddress({ ...from, address: from.address.replace(/^::ffff:(?=\d+\.)/, '') }),
    userAgent: '',
  });
}

/** RFC 8446 §6: what the other side has said, or sent in place of TLS. */
function faultOf(error: Error): string {
  const { code = '' } = error as NodeJS.ErrnoException;
  const said = `${code} ${error.message}`;
  const known = faults.find(([pattern]) => pattern.test(said));
  return known?.[1] ?? readableText(said.trim()).slice(0, LONGEST);
}

const LONGEST = 200;
const faults: readonly (readonly [RegExp, string])[] = [
  [/unknown ca|certificate unknown|bad certificate/i, 'it does not trust the certificate of the switch'],
  [/certificate expired/i, 'the certificate of the switch has expired, it says'],
  [/wrong version number|http request|packet length|unexpected message/i, 'what it sent is no TLS: plain SIP to the port of TLS, above all'],
  [/unsupported protocol|version too low|protocol version/i, 'it has no version of TLS that is taken here (1.2 and later)'],
  [/no shared cipher|handshake failure|no suitable/i, 'the two sides have no cipher in common'],
  [/ETIMEDOUT|TLS_HANDSHAKE_TIMEOUT/i, 'it was not over in time'],
  [/ECONNRESET|EPIPE|socket hang up|disconnected/i, 'it closed the connection before TLS was agreed on'],
]; // prettier-ignore

import type { Journal } from '@tandem/events';
import type { JournalWhy } from '@tandem/domain';
import { ConnectionFault, readableText } from '@tandem/sip';
import { formatPeerAddress } from './core/network/peer-address.ts';

/** Who connected, and came to no SIP by it (OPS-10): else a peer that does not trust our certificate would leave no trace. */
export function noteFailedHandshake(
  journal: Pick<Journal, 'note'> | undefined,
  error: Error,
  from: { readonly address: string; readonly port: number },
): void {
  journal?.note({
    ...whyOf(error),
    terminal: '',
    account: '',
    sender: 'unknown',
    source: formatPeerAddress({ ...from, address: from.address.replace(/^::ffff:(?=\d+\.)/, '') }),
    userAgent: '',
  });
}

function whyOf(error: Error): JournalWhy {
  if (!(error instanceof ConnectionFault)) {
    return { cause: 'tls-failed', facts: { fault: faultOf(error) } };
  }
  const fault = readableText(error.message).slice(0, LONGEST);
  switch (error.kind) {
    case 'web-socket':
      return { cause: 'web-socket-refused', facts: { fault } };
    case 'certificate':
      return {
        cause: 'certificate-untrusted',
        facts: { fault, shown: readableText(error.names).slice(0, LONGEST) },
      };
    case 'unused':
      return { cause: 'tls-unused', facts: {} };
  }
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
  [/wrong version number|http request|packet length|unexpected message|bad record type/i, 'what it sent is no TLS: plain SIP to the port of TLS, above all'],
  [/unsupported protocol|version too low|protocol version/i, 'it has no version of TLS that is taken here (1.2 and later)'],
  [/no shared cipher|handshake failure|no suitable/i, 'the two sides have no cipher in common'],
  [/ETIMEDOUT|TLS_HANDSHAKE_TIMEOUT/i, 'it was not over in time'],
  [/ECONNRESET|EPIPE|socket hang up|disconnected/i, 'it closed the connection before TLS was agreed on'],
]; // prettier-ignore

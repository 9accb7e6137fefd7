import { serialize, type SipMessage } from '@tandem/sip';
import { randomFillSync } from 'node:crypto';

let newestDescription = 0;
/** One for all tokens: tens of thousands of small buffers make each collection of garbage long. */
const entropy = Buffer.alloc(12);

/** A token that is used once: tag, branch or Call-ID. */
export function newToken(): string {
  return randomFillSync(entropy).toString('hex');
}

/** Gives a message a session description of its own, with media at this address. */
export function addDescription(message: SipMessage, address: string): void {
  newestDescription++;
  const port = 40_000 + ((2 * newestDescription) % 20_000);
  message.headers.set('Content-Type', 'application/sdp');
  message.body = Buffer.from(
    `v=0\r\no=- ${String(newestDescription)} 1 IN IP4 ${address}\r\ns=-\r\nc=IN IP4 ${address}\r\nt=0 0\r\n` +
      `m=audio ${String(port)} RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\n` +
      'a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=sendrecv\r\n',
    'latin1',
  );
}

/** A message as it is shown with a fault. */
export function textOf(message: SipMessage): string {
  return serialize(message).toString('latin1').trimEnd();
}

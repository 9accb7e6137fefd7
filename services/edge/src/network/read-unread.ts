import { SipParseError, isConcluding, parseMessage } from '@tandem/sip';
import type { SipRequest, SipResponse } from '@tandem/sip';
import { messagesDropped } from '../telemetry.ts';

/** Reads what a pod has handed over, maybe without reading it. What cannot be read is counted, and undefined. */
export function readUnread(bytes: Buffer): SipRequest | SipResponse | undefined {
  try {
    return parseMessage(bytes);
  } catch (error) {
    const readable = error instanceof SipParseError ? readableOf(error) : undefined;
    if (readable !== undefined) return readable;
    messagesDropped.add(1, { cause: error instanceof SipParseError ? error.code : 'failed' });
    return undefined;
  }
}

/** What of a broken message is worth as much as a whole one: an answer, and what ends or confirms something. */
export function readableOf({
  request,
  response,
}: SipParseError): SipRequest | SipResponse | undefined {
  return request !== undefined && isConcluding(request.method) ? request : response;
}

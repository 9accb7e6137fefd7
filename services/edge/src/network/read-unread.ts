import { SipParseError, parseMessage } from '@tandem/sip';
import type { SipRequest, SipResponse } from '@tandem/sip';
import { messagesDropped } from '../telemetry.ts';

/** Reads what a pod has handed over, maybe without reading it. What cannot be read is counted, and undefined. */
export function readUnread(bytes: Buffer): SipRequest | SipResponse | undefined {
  try {
    return parseMessage(bytes);
  } catch (error) {
    messagesDropped.add(1, { cause: error instanceof SipParseError ? error.code : 'failed' });
    return undefined;
  }
}

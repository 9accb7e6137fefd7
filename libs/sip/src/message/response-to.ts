import { Headers } from './headers.ts';
import { SipResponse, type SipRequest } from './message.ts';
import { SipParseError } from './parse-error.ts';
import { to } from './typed-headers.ts';

/** What {@link responseTo} adds. */
export interface ResponseOptions {
  /** Goes to the To header when that has no tag yet. Leave it out of a 100. */
  readonly toTag?: string;
}

/**
 * A response with what RFC 3261 §8.2.6 has it copy: Via, From, To, Call-ID, CSeq, and Timestamp in a 100.
 * Works with what `SipParseError.request` holds too.
 */
export function responseTo(
  request: SipRequest,
  status: number,
  reason: string,
  { toTag }: ResponseOptions = {},
): SipResponse {
  const headers = new Headers();
  headers.copyFrom(request.headers, status === 100 ? mirroredIn100 : mirrored);
  if (toTag !== undefined && !hasToTag(request)) {
    headers.set('To', `${request.headers.get('to') ?? ''};tag=${toTag}`);
  }
  return new SipResponse(status, reason, headers);
}

const mirrored = new Set(['via', 'from', 'to', 'call-id', 'cseq']);
const mirroredIn100 = new Set([...mirrored, 'timestamp']);

function hasToTag(request: SipRequest): boolean {
  try {
    return to(request).tag !== undefined;
  } catch (error) {
    if (error instanceof SipParseError) {
      // A To that cannot be read goes back as it came.
      return true;
    }
    throw error;
  }
}

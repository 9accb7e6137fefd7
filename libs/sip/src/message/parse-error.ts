import type { SipRequest, SipResponse } from './message.ts';

/** Every reason for which text is refused as SIP. Closed: nothing else is ever in `SipParseError.code`. */
export const sipParseErrorCodes = [
  'SIP_EMPTY',
  'SIP_TOO_LARGE',
  'SIP_BAD_START_LINE',
  'SIP_BAD_STATUS',
  'SIP_BAD_LINE_END',
  'SIP_BAD_HEADER',
  'SIP_HEADER_TOO_LONG',
  'SIP_TOO_MANY_HEADERS',
  'SIP_TOO_MANY_VIAS',
  'SIP_INCOMPLETE_HEAD',
  'SIP_BAD_CONTENT_LENGTH',
  'SIP_TRUNCATED_BODY',
  'SIP_MISSING_HEADER',
  'SIP_BAD_VIA',
  'SIP_BAD_CSEQ',
  'SIP_BAD_CALL_ID',
  'SIP_BAD_MAX_FORWARDS',
  'SIP_BAD_NAME_ADDR',
  'SIP_BAD_URI',
  'SIP_BAD_PARAMS',
  'SIP_BAD_CHALLENGE',
  'SIP_BAD_CREDENTIALS',
  'SIP_UNKNOWN_AUTH_SCHEME',
] as const;

/** One of {@link sipParseErrorCodes}. */
export type SipParseErrorCode = (typeof sipParseErrorCodes)[number];

/** What {@link SipParseError} carries beside its code and text. */
export interface SipParseErrorDetails {
  /** Where it went wrong, in characters from the beginning of what was parsed. @default 0 */
  readonly offset?: number;
  /** As much of the request as a 400 needs, when that could be read. */
  readonly request?: SipRequest | undefined;
  /** The lines of a response that could be read, when they say whose it is. */
  readonly response?: SipResponse | undefined;
}

/** The only error that parsing and the typed reads throw, whatever the peer sent. */
export class SipParseError extends Error {
  override readonly name = 'SipParseError';
  readonly code: SipParseErrorCode;
  /** Where it went wrong: in the datagram for `parseMessage`, else in the text that was parsed. */
  readonly offset: number;
  /**
   * Start line, Via, From, To, Call-ID and CSeq of a broken request, and of an ACK, BYE or CANCEL all that could be read;
   * undefined when it cannot be answered.
   */
  readonly request: SipRequest | undefined;
  /** All that could be read of a broken response, and why not all; undefined when Via or CSeq is missing. */
  readonly response: SipResponse | undefined;

  constructor(code: SipParseErrorCode, message: string, details: SipParseErrorDetails = {}) {
    super(message);
    this.code = code;
    this.offset = details.offset ?? 0;
    this.request = details.request;
    this.response = details.response;
  }
}

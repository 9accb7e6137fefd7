import { Headers } from './headers.ts';

const emptyBody = Buffer.alloc(0);

/** A SIP request. Text is one character per byte (latin1), so that what came in goes out unchanged. */
export class SipRequest {
  readonly kind = 'request';
  method: string;
  /** The Request-URI as it stands in the start line. */
  uri: string;
  /** @default 'SIP/2.0' */
  version = 'SIP/2.0';
  headers: Headers;
  body: Buffer;

  constructor(method: string, uri: string, headers = new Headers(), body: Buffer = emptyBody) {
    this.method = method;
    this.uri = uri;
    this.headers = headers;
    this.body = body;
  }
}

/** A SIP response. Text is one character per byte (latin1), so that what came in goes out unchanged. */
export class SipResponse {
  readonly kind = 'response';
  status: number;
  reason: string;
  /** @default 'SIP/2.0' */
  version = 'SIP/2.0';
  headers: Headers;
  body: Buffer;
  /** What was wrong with it as it was received, in the parser's words, and has been mended. @default none */
  faults: readonly string[] = [];

  constructor(status: number, reason: string, headers = new Headers(), body: Buffer = emptyBody) {
    this.status = status;
    this.reason = reason;
    this.headers = headers;
    this.body = body;
  }
}

/** What {@link parseMessage} gives. Told apart by `kind`. */
export type SipMessage = SipRequest | SipResponse;

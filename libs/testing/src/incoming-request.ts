import {
  formatChallenge,
  responseTo,
  serialize,
  type Challenge,
  type Endpoint,
  type ServerTransaction,
  type SipRequest,
  type SipResponse,
} from '@tandem/sip';
import { randomBytes } from 'node:crypto';
import { addBody, addHeaders, type ExtraHeaders } from './message-templates.ts';

/** What a response carries beside its status. */
export interface RespondOptions {
  /** @default the usual phrase of the status */
  readonly reason?: string;
  /** Sent as application/sdp. */
  readonly sdp?: string | undefined;
  readonly headers?: ExtraHeaders;
  /** Tag of To, where the request has none. @default none for 100, else one that stays the same */
  readonly toTag?: string;
}

/** What a {@link IncomingRequest.challenge} asks for. */
export interface ChallengeOptions extends Partial<Challenge> {
  /** @default 401 */
  readonly status?: 401 | 407;
}

interface Parts {
  readonly request: SipRequest;
  readonly source: Endpoint;
  readonly key: string;
  readonly transaction: ServerTransaction<SipRequest>;
}

const phrases: Readonly<Record<number, string>> = {
  100: 'Trying',
  180: 'Ringing',
  183: 'Session Progress',
  200: 'OK',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  407: 'Proxy Authentication Required',
  408: 'Request Timeout',
  480: 'Temporarily Unavailable',
  481: 'Call/Transaction Does Not Exist',
  486: 'Busy Here',
  487: 'Request Terminated',
  500: 'Server Internal Error',
  503: 'Service Unavailable',
  603: 'Decline',
};

/** A request that a scripted peer has received, to be answered when the script says so. */
export class IncomingRequest {
  readonly request: SipRequest;
  readonly source: Endpoint;
  /** Key of its server transaction. */
  readonly key: string;
  readonly #transaction: ServerTransaction<SipRequest>;
  readonly #toTag = randomBytes(6).toString('hex');

  constructor({ request, source, key, transaction }: Parts) {
    this.request = request;
    this.source = source;
    this.key = key;
    this.#transaction = transaction;
  }

  get method(): string {
    return this.request.method;
  }

  /** Answers; what the transaction forbids by now (a second final response) is not sent. */
  respond(status: number, options: RespondOptions = {}): SipResponse {
    const response = this.response(status, options);
    this.#transaction.respond(status, serialize(response));
    return response;
  }

  /** Sends a response again that has been sent: a 2xx to an INVITE whose ACK is missing. */
  repeat(response: SipResponse): void {
    this.#transaction.respond(response.status, serialize(response));
  }

  /** Asks for a password. @returns the challenge, to compare the answer with. */
  challenge({ status = 401, ...asked }: ChallengeOptions = {}): Challenge {
    const nonce = randomBytes(12).toString('hex');
    const challenge: Challenge = { realm: 'carrier', nonce, qop: ['auth'], stale: false, ...asked };
    const name = status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate';
    this.respond(status, { headers: { [name]: formatChallenge(challenge) } });
    return challenge;
  }

  /** A response that is built but not sent. */
  response(status: number, options: RespondOptions = {}): SipResponse {
    const { reason = phrases[status] ?? 'Whatever', sdp, headers } = options;
    const toTag = options.toTag ?? this.#toTag;
    const response = responseTo(this.request, status, reason, status === 100 ? {} : { toTag });
    addBody(response, sdp);
    addHeaders(response.headers, headers);
    return response;
  }
}

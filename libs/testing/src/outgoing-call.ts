import { cancelOf, type Endpoint, type SipRequest, type SipResponse } from '@tandem/sip';
import { Call, isChallenge, type CallContext, type InDialogOptions } from './call.ts';
import { Dialog } from './dialog.ts';
import { answeredRequest } from './digest-answer.ts';
import type { Inbox } from './inbox.ts';
import { requestFrom, sdpBody, type ExtraHeaders } from './message-templates.ts';
import { newToken } from './signalling-layer.ts';

/** What an INVITE is made of. */
export interface InviteOptions {
  /** Where the INVITE is sent. */
  readonly to: Endpoint;
  /** Called number, or a whole URI. */
  readonly called: string;
  /** From header without tag. @default the peer's user at its address */
  readonly from?: string;
  /** @default a description with PCMU and PCMA; null sends none */
  readonly sdp?: string | null;
  readonly headers?: ExtraHeaders;
  readonly callId?: string;
  /** How many challenges are answered before a 401 or 407 counts as final. @default 1 */
  readonly challengeLimit?: number;
  /** Sends the ACK of a 2xx at once, and again for each repetition. @default true */
  readonly isAckAutomatic?: boolean;
}

/** A call that a scripted peer makes. */
export class OutgoingCall extends Call {
  readonly #options: InviteOptions;
  readonly #responses: Inbox<SipResponse>;
  #invite: SipRequest;
  #challengesLeft: number;
  #ack: SipRequest | undefined;
  #provisionals = 0;

  constructor(context: CallContext, options: InviteOptions) {
    const invite = inviteOf(context, options);
    const dialog = new Dialog({
      callId: invite.headers.get('Call-ID') ?? '',
      localParty: invite.headers.get('From') ?? '',
      remoteParty: invite.headers.get('To') ?? '',
      remoteTarget: invite.uri,
      localSequence: 1,
      fallback: options.to,
    });
    super(context, dialog);
    this.#options = options;
    this.#invite = invite;
    this.#responses = this.inbox();
    this.#challengesLeft = options.challengeLimit ?? 1;
  }

  /** The INVITE that was sent last. */
  get invite(): SipRequest {
    return this.#invite;
  }

  /** How many provisional responses have come. */
  get provisionals(): number {
    return this.#provisionals;
  }

  /** Sends the INVITE. */
  start(): this {
    this.#send();
    return this;
  }

  /** The next provisional response, of this status if one is given. @throws when none comes in time. */
  provisional(status?: number, timeoutMs = this.context.timeoutMs): Promise<SipResponse> {
    return this.#responses.take({
      what: `${status === undefined ? 'a provisional response' : String(status)} to INVITE`,
      matches: (response) =>
        status === undefined ? response.status < 200 : response.status === status,
      timeoutMs,
    });
  }

  /** The final response. @throws when none comes in time, or the transaction fails. */
  final(timeoutMs = this.context.timeoutMs): Promise<SipResponse> {
    const matches = (response: SipResponse): boolean => response.status >= 200;
    return this.#responses.take({ what: 'a final response to INVITE', matches, timeoutMs });
  }

  /** The final response, which must be a 2xx. @throws when it is not. */
  async answered(timeoutMs = this.context.timeoutMs): Promise<SipResponse> {
    const response = await this.final(timeoutMs);
    if (response.status >= 300) {
      const warning = response.headers.get('Warning') ?? '';
      throw new Error(`not answered: ${String(response.status)} ${response.reason} ${warning}`);
    }
    return response;
  }

  /** Acknowledges the 2xx; needed only when `isAckAutomatic` is off. */
  acknowledge(options: InDialogOptions = {}): void {
    this.#ack = this.sendAck(options);
  }

  /** Gives up. @returns the response to the CANCEL; the INVITE's own is got with `final()`. */
  cancel(headers: ExtraHeaders = {}): Promise<SipResponse> {
    const { layer } = this.context;
    const cancel = cancelOf(this.#invite);
    for (const [name, value] of Object.entries(headers)) cancel.headers.set(name, String(value));
    return new Promise((resolve, reject) => {
      layer.request(cancel, this.#options.to, {
        onResponse: (response) => {
          if (response.status >= 200) resolve(response);
        },
        onFailure: (failure) => {
          reject(new Error(`CANCEL: ${failure}`));
        },
      });
    });
  }

  #send(): void {
    this.context.layer.request(this.#invite, this.#options.to, {
      onResponse: (response) => {
        this.#receive(response);
      },
      onFailure: (failure) => {
        this.#responses.fail(
          new Error(`INVITE: ${failure}\n${this.context.layer.transcript.toString()}`),
        );
      },
    });
  }

  #receive(response: SipResponse): void {
    const { status } = response;
    if (status < 200) {
      this.#provisionals++;
      if (status > 100 && response.headers.has('Contact')) this.dialog.confirm(response);
      this.#responses.push(response);
    } else if (status < 300) {
      this.#receiveAnswer(response);
    } else if (!isChallenge(response) || !this.#answerChallenge(response)) {
      this.#responses.push(response);
    }
  }

  #receiveAnswer(response: SipResponse): void {
    if (this.#ack !== undefined) {
      // RFC 3261 §13.2.2.4: each repetition of the 2xx is acknowledged again.
      this.context.layer.send(this.#ack, this.nextHop);
      return;
    }
    this.dialog.confirm(response);
    if (this.#options.isAckAutomatic ?? true) this.acknowledge();
    this.#responses.push(response);
  }

  #answerChallenge(response: SipResponse): boolean {
    const { credentials, layer } = this.context;
    if (credentials === undefined || this.#challengesLeft === 0) return false;
    const branch = layer.newBranch();
    const answered = answeredRequest(this.#invite, response, { ...credentials, branch });
    if (answered === undefined) return false;
    this.#challengesLeft--;
    this.#invite = answered;
    this.dialog.localSequence++;
    this.#send();
    return true;
  }
}

function inviteOf({ layer, user }: CallContext, options: InviteOptions): SipRequest {
  const { to, called, from, headers, callId = `${newToken()}@${to.address}` } = options;
  const host = to.address.includes(':') ? `[${to.address}]` : to.address;
  return requestFrom({
    method: 'INVITE',
    requestUri: called.includes(':') ? called : `sip:${called}@${host}:${String(to.port)}`,
    local: layer.local,
    user,
    branch: layer.newBranch(),
    callId,
    fromTag: newToken(),
    cseq: 1,
    sdp: options.sdp === null ? undefined : (options.sdp ?? sdpBody()),
    headers,
    ...(from === undefined ? {} : { from }),
  });
}

import {
  contact,
  cseq,
  from,
  type Challenge,
  type SipRequest,
  type SipResponse,
  type TimerHandle,
} from '@tandem/sip';
import { Call, type CallContext } from './call.ts';
import { Dialog } from './dialog.ts';
import { provesPassword, type PeerCredentials } from './digest-answer.ts';
import type { Inbox } from './inbox.ts';
import type { ChallengeOptions, IncomingRequest, RespondOptions } from './incoming-request.ts';
import { contactOf, sdpBody } from './message-templates.ts';
import { newToken } from './signalling-layer.ts';

/** A call that a scripted peer receives. */
export class IncomingCall extends Call {
  readonly incoming: IncomingRequest;
  readonly #cancels: Inbox<SipRequest>;
  readonly #toTag: string;
  #isFinal = false;
  #isAcknowledged = false;
  #retransmission: TimerHandle | undefined;

  constructor(context: CallContext, incoming: IncomingRequest) {
    const { request, source } = incoming;
    const toTag = newToken();
    const dialog = new Dialog({
      callId: request.headers.get('Call-ID') ?? '',
      localParty: `${request.headers.get('To') ?? ''};tag=${toTag}`,
      remoteParty: request.headers.get('From') ?? '',
      remoteTarget: contact(request)?.uri ?? from(request).uri,
      localSequence: 0,
      fallback: source,
    });
    dialog.routeSet = request.headers.list('Record-Route');
    super(context, dialog);
    this.incoming = incoming;
    this.#toTag = toTag;
    this.#cancels = this.inbox();
  }

  /** The INVITE. */
  get invite(): SipRequest {
    return this.incoming.request;
  }

  /** 180, or another provisional response. */
  ring(status = 180, options: RespondOptions = {}): SipResponse {
    return this.#respond(status, options);
  }

  /** 183 with a session description. */
  progress(sdp = sdpBody(), options: RespondOptions = {}): SipResponse {
    return this.#respond(183, { ...options, sdp });
  }

  /** 200, repeated until the ACK comes (RFC 3261 §13.3.1.4). */
  answer(sdp: string = sdpBody({ port: 40_002 }), options: RespondOptions = {}): SipResponse {
    const response = this.#respond(200, { ...options, sdp });
    const { layer } = this.context;
    this.#repeat(response, layer.timers.t1Ms, layer.timers.hMs);
    return response;
  }

  /** A final response of 300 to 699. */
  refuse(status: number, options: RespondOptions = {}): SipResponse {
    return this.#respond(status, options);
  }

  /** 401 or 407; the INVITE that answers it is another call of `receiveCall`. */
  challenge(options: ChallengeOptions = {}): Challenge {
    this.#isFinal = true;
    return this.incoming.challenge(options);
  }

  /** Do the credentials of the INVITE prove this password? */
  proves(credentials: PeerCredentials): boolean {
    return provesPassword(this.invite, credentials);
  }

  /** The CANCEL, which has been answered 200, and the INVITE with 487. @throws when none comes in time. */
  cancelled(timeoutMs = this.context.timeoutMs): Promise<SipRequest> {
    return this.#cancels.take({ what: 'CANCEL', timeoutMs });
  }

  /** A CANCEL whose transaction is this call's INVITE. */
  cancel(cancel: IncomingRequest): void {
    cancel.respond(200, { toTag: this.#toTag });
    if (!this.#isFinal) this.#respond(487, {});
    this.#cancels.push(cancel.request);
  }

  override acceptAck(ack: SipRequest): void {
    if (cseq(ack).number === cseq(this.invite).number) {
      this.#isAcknowledged = true;
      this.stop();
    }
    super.acceptAck(ack);
  }

  /** Stops repeating the 200. */
  stop(): void {
    if (this.#retransmission !== undefined) this.context.layer.clock.stop(this.#retransmission);
    this.#retransmission = undefined;
  }

  #respond(status: number, options: RespondOptions): SipResponse {
    if (status >= 200) this.#isFinal = true;
    const { layer, user } = this.context;
    const Contact = contactOf(user, layer.local, this.incoming.request.uri);
    const headers = { Contact, ...options.headers };
    return this.incoming.respond(status, { toTag: this.#toTag, ...options, headers });
  }

  #repeat(response: SipResponse, afterMs: number, leftMs: number): void {
    if (this.#isAcknowledged || leftMs <= 0) return;
    const { clock, timers } = this.context.layer;
    this.#retransmission = clock.start(afterMs, () => {
      this.incoming.repeat(response);
      this.#repeat(response, Math.min(afterMs * 2, timers.t2Ms), leftMs - afterMs);
    });
  }
}

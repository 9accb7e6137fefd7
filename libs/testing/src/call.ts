import type { Endpoint, SipRequest, SipResponse } from '@tandem/sip';
import type { Dialog } from './dialog.ts';
import { answeredRequest, type PeerCredentials } from './digest-answer.ts';
import { Inbox } from './inbox.ts';
import type { IncomingRequest } from './incoming-request.ts';
import { addBody, addHeaders, contactOf, type ExtraHeaders } from './message-templates.ts';
import type { SignallingLayer } from './signalling-layer.ts';

/** What every call of a peer shares with it. */
export interface CallContext {
  readonly layer: SignallingLayer;
  readonly user: string;
  readonly credentials: PeerCredentials | undefined;
  /** How long a wait may take. */
  readonly timeoutMs: number;
}

/** What a request in a dialog carries. */
export interface InDialogOptions {
  readonly sdp?: string | undefined;
  readonly headers?: ExtraHeaders;
}

/** A call of a scripted peer, from either end: what can be done once there is a dialog. */
export abstract class Call {
  protected readonly context: CallContext;
  readonly dialog: Dialog;
  readonly #requests: Inbox<IncomingRequest>;
  readonly #acks: Inbox<SipRequest>;

  constructor(context: CallContext, dialog: Dialog) {
    this.context = context;
    this.dialog = dialog;
    this.#requests = this.inbox();
    this.#acks = this.inbox();
  }

  get callId(): string {
    return this.dialog.callId;
  }

  /** The next request of this method in the dialog: `BYE`, `INVITE`, `INFO`. @throws when none comes in time. */
  async receive(method: string, timeoutMs = this.context.timeoutMs): Promise<IncomingRequest> {
    const matches = (incoming: IncomingRequest): boolean => incoming.method === method;
    const incoming = await this.#requests.take({ what: method, matches, timeoutMs });
    if (method === 'INVITE' || method === 'UPDATE') this.dialog.refresh(incoming.request);
    return incoming;
  }

  /** The next ACK of a 2xx. @throws when none comes in time. */
  ack(timeoutMs = this.context.timeoutMs): Promise<SipRequest> {
    return this.#acks.take({ what: 'ACK', timeoutMs });
  }

  /** Sends a request in the dialog and gives its final response; a challenge is answered once. */
  request(method: string, options: InDialogOptions = {}): Promise<SipResponse> {
    const { layer, user } = this.context;
    const request = this.dialog.request(method, layer.local, layer.newBranch());
    if (method !== 'BYE')
      request.headers.append('Contact', contactOf(user, layer.local, request.uri));
    addBody(request, options.sdp);
    addHeaders(request.headers, options.headers);
    return this.#exchange(request, true);
  }

  /** Hangs up. */
  bye(options: InDialogOptions = {}): Promise<SipResponse> {
    return this.request('BYE', options);
  }

  /**
   * Offers another description, acknowledges a 2xx.
   * @param options.answer what the ACK answers, where the 2xx offers
   */
  async reinvite({
    answer,
    ...options
  }: InDialogOptions & { readonly answer?: string } = {}): Promise<SipResponse> {
    const response = await this.request('INVITE', options);
    if (response.status < 300) {
      this.dialog.refresh(response);
      this.sendAck(answer === undefined ? {} : { sdp: answer });
    }
    return response;
  }

  /** A message of the other side that belongs to this call. */
  accept(incoming: IncomingRequest): void {
    this.#requests.push(incoming);
  }

  /** An ACK of a 2xx that belongs to this call. */
  acceptAck(ack: SipRequest): void {
    this.#acks.push(ack);
  }

  /** Does the request belong to this call's dialog? */
  holds(request: SipRequest): boolean {
    return this.dialog.holds(request);
  }

  protected inbox<T>(): Inbox<T> {
    const { layer } = this.context;
    return new Inbox<T>(layer.clock, () => layer.transcript.toString());
  }

  /** Sends the ACK of a 2xx. */
  protected sendAck(options: InDialogOptions = {}): SipRequest {
    const { layer } = this.context;
    const ack = this.dialog.request('ACK', layer.local, layer.newBranch());
    addBody(ack, options.sdp);
    layer.send(ack, this.nextHop);
    return ack;
  }

  protected get nextHop(): Endpoint {
    return this.dialog.nextHop;
  }

  #exchange(request: SipRequest, mayAnswer: boolean): Promise<SipResponse> {
    const { layer, credentials } = this.context;
    return new Promise((resolve, reject) => {
      layer.request(request, this.nextHop, {
        onFailure: (failure) => {
          reject(new Error(`${request.method}: ${failure}\n${layer.transcript.toString()}`));
        },
        onResponse: (response) => {
          if (response.status < 200) return;
          const answered =
            mayAnswer && credentials !== undefined && isChallenge(response)
              ? answeredRequest(request, response, { ...credentials, branch: layer.newBranch() })
              : undefined;
          if (answered === undefined) {
            resolve(response);
            return;
          }
          this.dialog.localSequence++;
          this.#exchange(answered, false).then(resolve, reject);
        },
      });
    });
  }
}

/** 401 or 407. */
export function isChallenge({ status }: SipResponse): boolean {
  return status === 401 || status === 407;
}

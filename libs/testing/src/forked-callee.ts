import { to } from '@tandem/sip';
import type { SipRequest, SipResponse } from '@tandem/sip';
import type { IncomingCall } from './incoming-call.ts';
import type { IncomingRequest } from './incoming-request.ts';
import { sdpBody, type ExtraHeaders } from './message-templates.ts';
import type { ScriptedPeer } from './scripted-peer.ts';

/** One of several callees whom a proxy behind the carrier has rung with one INVITE: a dialog of its own, by its tag. */
export class ForkedCallee {
  readonly #peer: ScriptedPeer;
  readonly #call: IncomingCall;
  readonly tag: string;
  #cseq = 100;

  constructor(peer: ScriptedPeer, call: IncomingCall, tag: string) {
    this.#peer = peer;
    this.#call = call;
    this.tag = tag;
  }

  /** Where it is, by name: all of them are at the carrier's address. */
  get contact(): string {
    const { address, port } = this.#peer.local;
    return `<sip:${this.tag}@${address}:${String(port)}>`;
  }

  /** A provisional response. */
  ring(status = 180, headers: ExtraHeaders = {}, sdp?: string): SipResponse {
    return this.#call.ring(status, this.#said(headers, sdp));
  }

  /** 183 with a description of its own, to be acknowledged. */
  reliably(rseq: number, headers: ExtraHeaders = {}): SipResponse {
    const counted = { Require: '100rel', RSeq: String(rseq), ...headers };
    return this.ring(183, counted, this.sdp);
  }

  get sdp(): string {
    const sum = Array.from(this.tag).reduce((all, letter) => all + letter.charCodeAt(0), 0);
    return sdpBody({ port: 50_000 + 2 * sum });
  }

  /** 200, once; also after another one's. */
  answer(headers: ExtraHeaders = {}): SipResponse {
    const answer = this.#call.incoming.response(200, this.#said(headers, this.sdp));
    this.#call.incoming.repeat(answer);
    return answer;
  }

  /** The next request in its dialog. @throws where that of another one comes before */
  async receive(method: string): Promise<IncomingRequest> {
    const incoming = await this.#peer.receive(method);
    const { tag } = to(incoming.request);
    if (tag !== this.tag) throw new Error(`${method} for ${String(tag)}, not for ${this.tag}`);
    return incoming;
  }

  /** Sends a request in its dialog, and gives the final response. */
  request(method: string, headers: ExtraHeaders = {}): Promise<SipResponse> {
    const { dialog, invite } = this.#call;
    return this.#peer.request(method, {
      to: dialog.nextHop,
      requestUri: dialog.remoteTarget,
      headers: {
        From: `${invite.headers.get('To') ?? ''};tag=${this.tag}`,
        To: invite.headers.get('From') ?? '',
        'Call-ID': this.#call.callId,
        CSeq: `${String((this.#cseq += 1))} ${method}`,
        Contact: this.contact,
        ...headers,
      },
    });
  }

  /** Requests of this method that it has got, repetitions included. */
  received(method: string): readonly SipRequest[] {
    return this.#peer.transcript.lines.flatMap(({ direction, message }) =>
      direction === 'received' &&
      message.kind === 'request' &&
      message.method === method &&
      to(message).tag === this.tag
        ? [message]
        : [],
    );
  }

  #said(headers: ExtraHeaders, sdp: string | undefined): Parameters<IncomingCall['ring']>[1] {
    return { toTag: this.tag, headers: { Contact: this.contact, ...headers }, sdp };
  }
}

import { ServerTransaction, cseq, serialize } from '@tandem/sip';
import type { ServerTransactionUser, SipRequest, SipResponse } from '@tandem/sip';
import { formatMark } from '../core/marks/call-mark.ts';
import type { CallState, FinalResponse } from '../core/call/call-state.ts';
import { refusal, rejection, relayedResponse, trying } from '../core/messages/caller-response.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import type { EdgeResources } from '../edge-resources.ts';
import { passed } from '../faults.ts';
import { timersOver } from './own-requests.ts';

/** What a caller's leg needs of its call. */
export interface CallerLegCall {
  readonly call: CallState;
  readonly invite: SipRequest;
  readonly source: PeerAddress;
  /** An ACK of a 2xx that came with the INVITE's own key: it goes to the callee. */
  onAnswerAck(ack: SipRequest): void;
  /** The transaction has ended. */
  onOver(): void;
}

/** The INVITE server transaction of a call, and the responses that the caller gets in it. */
export class CallerLeg implements ServerTransactionUser<SipRequest> {
  readonly #edge: EdgeResources;
  readonly #parts: CallerLegCall;
  readonly #transaction: ServerTransaction<SipRequest>;
  #isOver = false;
  #hasResponded = false;

  constructor(edge: EdgeResources, parts: CallerLegCall) {
    this.#edge = edge;
    this.#parts = parts;
    this.#transaction = new ServerTransaction<SipRequest>({
      kind: 'invite',
      request: parts.invite,
      timers: timersOver(parts.source.transport),
      clock: edge.clock,
      user: this,
    });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get inviteCseq(): number {
    return cseq(this.#parts.invite).number;
  }

  /** The To tag that the caller sees: made by the pod to which the call came first, whoever goes on with it. */
  get toTag(): string {
    const { call } = this.#parts;
    if (call.toTag === '') {
      const { slot, epoch } = this.#edge.local;
      call.toTag = formatMark(this.#edge.sealer, { slot, epoch, callId: call.callId, sequence: 0 });
    }
    return call.toTag;
  }

  /** Whether the caller has its final response, as far as can be known. */
  get isSettled(): boolean {
    const name = this.#transaction.stateName;
    return this.#isOver || name === 'Confirmed' || name === 'Terminated';
  }

  start(): void {
    this.#transaction.start();
  }

  /** The INVITE again, or the ACK of a refusal. */
  receive(request: SipRequest): void {
    // A call that was adopted: the pod that died has not told the caller that its INVITE arrived, or that was lost.
    if (request.method === 'INVITE' && !this.#hasResponded && this.#parts.call.isTryingSent) {
      this.sendTrying();
    } else {
      this.#transaction.receive(request);
    }
  }

  /** Ends the transaction without a word: what is left to do is little, and is done elsewhere. */
  abandon(): void {
    this.#transaction.abandon();
    this.#isOver = true;
  }

  sendTrying(): void {
    this.#respond(100, this.trying());
    passed('after-trying');
  }

  /** Passes a carrier's response on. @returns the bytes the caller got */
  relay(response: SipResponse, contactToken: string): Buffer {
    const { invite, source, call } = this.#parts;
    const relayed = relayedResponse({
      invite,
      response,
      toTag: this.toTag,
      local: this.#edge.local,
      contactToken,
      transport: source.transport,
      terms: call.attempts.at(-1)?.candidate.dialog,
    });
    const bytes = serialize(relayed);
    this.#respond(response.status, bytes);
    return bytes;
  }

  /** Sends the 2xx again, as it was. */
  repeat(status: number, bytes: Buffer): void {
    this.#respond(status, bytes);
  }

  refuse(final: FinalResponse): void {
    const { invite } = this.#parts;
    const said = { toTag: this.toTag, local: this.#edge.local };
    const response =
      final.kind === 'refusal'
        ? refusal(invite, { ...final, ...said })
        : rejection({ ...final, ...said, invite });
    this.#respond(response.status, serialize(response));
  }

  #respond(status: number, bytes: Buffer): void {
    this.#hasResponded = true;
    this.#transaction.respond(status, bytes);
  }

  send(bytes: Buffer): void {
    this.#edge.transport.send(bytes, this.#parts.source);
  }

  trying(): Buffer {
    return serialize(trying(this.#parts.invite));
  }

  onRequest(request: SipRequest): void {
    // A client that gives the ACK of a 2xx the INVITE's branch (RFC 2543 did) means it for the callee all the same.
    if (request.method === 'ACK') this.#parts.onAnswerAck(request);
  }

  onFailure(): void {
    this.#edge.logger.debug({ callId: this.#parts.call.callId }, 'no ACK for a refusal');
  }

  onTerminated(): void {
    this.#isOver = true;
    this.#parts.onOver();
  }
}

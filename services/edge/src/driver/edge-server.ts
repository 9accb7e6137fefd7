import {
  SipRequest,
  cancelledTransactionKey,
  serialize,
  serverTransactionKey,
  to,
  topVia,
  validateRequest,
  isValidResponse,
} from '@tandem/sip';
import type { Arrival, SipParseError, SipResponse, TransportListener } from '@tandem/sip';
import { branchMark } from '../core/call-mark.ts';
import { isDialogBranch } from '../core/dialog-branch.ts';
import { plainResponse, refusal } from '../core/messages/caller-response.ts';
import { supportedOptions } from '../core/messages/header-policy.ts';
import { answerProbe } from '../core/network-probe.ts';
import type { PeerAddress } from '../core/peer-address.ts';
import { statelessTag } from '../core/stateless-tag.ts';
import { messagesDropped } from '../telemetry.ts';
import { CallSession } from './call-session.ts';
import type { CallSessionOwner } from './call-session.ts';
import { AnsweredCalls } from './answered-calls.ts';
import type { AnsweredCall } from './answered-calls.ts';
import { DialogRelay } from './dialog-relay.ts';
import type { EdgeParts, EdgeResources } from './edge-resources.ts';
import { UnwantedAnswers } from './unwanted-answers.ts';

/** A sips URI promises TLS on every hop (RFC 3261 §26.2.2), which a UDP socket cannot keep. */
const servedSchemes = ['sip', 'tel'];
/** Methods that the switch knows in a dialog only. */
const dialogMethods = new Set([
  'ACK',
  'BYE',
  'CANCEL',
  'INFO',
  'NOTIFY',
  'PRACK',
  'REFER',
  'UPDATE',
]);
const knownMethods = new Set([...dialogMethods, 'MESSAGE', 'PUBLISH', 'REGISTER', 'SUBSCRIBE']);

/** Finds the handler of every message that comes in (edge.md §3). */
export class EdgeServer implements TransportListener, CallSessionOwner {
  #edge: EdgeResources | undefined;
  #relay: DialogRelay | undefined;
  #answered: AnsweredCalls | undefined;
  readonly #byTransaction = new Map<string, CallSession>();
  readonly #byCallId = new Map<string, CallSession>();
  /** By what tells an INVITE that came by two ways from two INVITEs. */
  readonly #byOrigin = new Map<string, CallSession>();
  #isDraining = false;

  /** Gives the server what it works with; nothing is taken before. */
  open(parts: EdgeParts): void {
    const edge = { ...parts, unwanted: new UnwantedAnswers(parts) };
    this.#edge = edge;
    this.#answered = new AnsweredCalls(edge.clock);
    this.#relay = new DialogRelay(edge, {
      pending: (callId) => this.#pendingCall(callId),
      answered: (callId) =>
        this.#answered?.byCallId(callId) ?? this.#byCallId.get(callId)?.answeredInvite,
    });
  }

  /** Stops the timers of its own. */
  close(): void {
    this.#answered?.close();
  }

  /** New calls are refused from now on. */
  drain(): void {
    this.#isDraining = true;
  }

  /** Calls of this pod that have no final answer yet. */
  get pendingCalls(): number {
    let pending = 0;
    for (const session of this.#byTransaction.values()) pending += session.isPending ? 1 : 0;
    return pending;
  }

  onMessage(message: SipRequest | SipResponse, arrival: Arrival): void {
    const { logger } = this.#edge ?? {};
    try {
      if (message instanceof SipRequest) this.#request(message, arrival.source);
      else this.#response(message);
    } catch (error) {
      // One message must not take the others with it (CALL-10).
      messagesDropped.add(1, { cause: 'failed' });
      logger?.error({ err: error, source: arrival.source.address }, 'message failed');
    }
  }

  onMalformed(error: SipParseError, arrival: Arrival): void {
    messagesDropped.add(1, { cause: error.code });
    const { request } = error;
    if (request === undefined || request.method === 'ACK') return;
    this.#answer(request, arrival.source, {
      code: 400,
      phrase: 'Bad Request',
      warning: error.message,
    });
  }

  onError(error: Error): void {
    this.#edge?.logger.warn({ err: error }, 'socket error');
  }

  onCallId(session: CallSession): void {
    this.#byCallId.set(session.callId, session);
  }

  onAnswerAck(ack: SipRequest, source: PeerAddress): void {
    this.#relay?.request(ack, source);
  }

  onAnswered(session: CallSession, answered: AnsweredCall): void {
    this.onOver(session);
    this.#answered?.add(answered);
  }

  onOver(session: CallSession): void {
    this.#byTransaction.delete(session.transactionKey);
    this.#byCallId.delete(session.callId);
    if (this.#byOrigin.get(session.origin) === session) this.#byOrigin.delete(session.origin);
  }

  #request(request: SipRequest, source: PeerAddress): void {
    const edge = this.#edge;
    if (edge === undefined) return;
    const fault = validateRequest(request, {
      supported: supportedOptions,
      schemes: servedSchemes,
    });
    if (fault !== undefined) {
      messagesDropped.add(1, { cause: String(fault.code) });
      if (request.method !== 'ACK') this.#answer(request, source, fault);
      return;
    }
    if (request.method === 'CANCEL') {
      this.#cancel(request, source);
      return;
    }
    if (request.method === 'INVITE' && this.#isKnownInvite(request)) return;
    if (request.method === 'ACK') {
      const session = this.#byTransaction.get(serverTransactionKey(request));
      if (session !== undefined) {
        session.receive(request);
        return;
      }
    }
    if (to(request).tag !== undefined) this.#relay?.request(request, source);
    else this.#outOfDialog(request, source, edge);
  }

  /** A repeated INVITE: the call's own, or of a call that was answered, when the carrier's repeated 2xx is the answer. */
  #isKnownInvite(invite: SipRequest): boolean {
    const key = serverTransactionKey(invite);
    const session = this.#byTransaction.get(key);
    session?.receive(invite);
    return session !== undefined || this.#answered?.byTransaction(key) !== undefined;
  }

  #outOfDialog(request: SipRequest, source: PeerAddress, edge: EdgeResources): void {
    const { method } = request;
    if (method === 'INVITE') {
      this.#newCall(request, source, edge);
    } else if (method === 'OPTIONS') {
      this.#options(request, source, edge);
    } else if (method === 'ACK') {
      messagesDropped.add(1, { cause: 'ack-without-dialog' });
    } else if (dialogMethods.has(method)) {
      this.#answer(request, source, { code: 481, phrase: 'Call/Transaction Does Not Exist' });
    } else if (knownMethods.has(method)) {
      this.#answer(request, source, { code: 405, phrase: 'Method Not Allowed' });
    } else {
      this.#answer(request, source, { code: 501, phrase: 'Not Implemented' });
    }
  }

  /** Whether we take calls; or what a probe of our own network asks, in whatever state we are (CALL-07). */
  #options(request: SipRequest, source: PeerAddress, edge: EdgeResources): void {
    const { sealer, local } = edge;
    const told = answerProbe(request, { source, pod: local.name, sealer });
    if (told !== undefined) {
      edge.transport.send(serialize(told), source);
    } else if (this.#isDraining) {
      this.#answer(request, source, { code: 503, phrase: 'Service Unavailable' });
    } else {
      this.#answer(request, source, { code: 200, phrase: 'OK' });
    }
  }

  #newCall(invite: SipRequest, source: PeerAddress, edge: EdgeResources): void {
    if (this.#isDraining) {
      const { local, transport } = edge;
      const response = refusal(invite, {
        reason: 'ServiceUnavailable',
        toTag: statelessTag(invite),
        local,
      });
      transport.send(serialize(response), source);
      return;
    }
    const session = new CallSession(edge, { invite, source, owner: this });
    if (this.#byOrigin.get(session.origin)?.isPending === true) {
      // RFC 3261 §8.2.2.2: the same INVITE by another way.
      this.#answer(invite, source, { code: 482, phrase: 'Loop Detected' });
      return;
    }
    this.#byOrigin.set(session.origin, session);
    this.#byTransaction.set(session.transactionKey, session);
    session.start();
  }

  #cancel(request: SipRequest, source: PeerAddress): void {
    const session = this.#byTransaction.get(cancelledTransactionKey(request));
    if (session !== undefined && session.source.address !== source.address) {
      // CANCEL goes hop by hop (RFC 3261 §9.1): who did not send the INVITE may not take it back.
      messagesDropped.add(1, { cause: 'foreign-source' });
      this.#answer(request, source, { code: 481, phrase: 'Call/Transaction Does Not Exist' });
    } else if (session !== undefined) {
      // RFC 3261 §9.2: with the tag of the INVITE's own answer.
      this.#answer(request, source, { code: 200, phrase: 'OK', toTag: session.toTag });
      session.cancel();
    } else if (this.#answered?.byTransaction(cancelledTransactionKey(request)) !== undefined) {
      // RFC 3261 §9.2: too late, but the CANCEL itself is answered.
      this.#answer(request, source, { code: 200, phrase: 'OK' });
    } else if (to(request).tag !== undefined) {
      this.#relay?.request(request, source);
    } else {
      this.#answer(request, source, { code: 481, phrase: 'Call/Transaction Does Not Exist' });
    }
  }

  #response(response: SipResponse): void {
    if (!isValidResponse(response)) {
      messagesDropped.add(1, { cause: 'bad-response' });
      return;
    }
    const branch = topVia(response).branch ?? '';
    if (isDialogBranch(branch)) {
      this.#relay?.response(response);
      return;
    }
    if (UnwantedAnswers.owns(branch)) {
      this.#edge?.unwanted.receive(response);
      return;
    }
    const mark = branchMark(branch);
    const session = mark === undefined ? undefined : this.#byCallId.get(mark.callId);
    const answered = mark === undefined ? undefined : this.#answered?.byCallId(mark.callId);
    if (mark !== undefined && session?.sent(mark.sequence, branch) === true) {
      session.carrierResponse(mark.sequence, response);
    } else if (answered?.branch === branch) {
      this.#repeatedAnswer(response, answered);
    } else {
      messagesDropped.add(1, { cause: 'stray-response' });
    }
  }

  /** The carrier has not seen the caller's ACK: it travels end to end, so the 2xx does too (edge.md §1.2). */
  #repeatedAnswer(response: SipResponse, answered: AnsweredCall): void {
    const edge = this.#edge;
    if (edge === undefined || response.status < 200 || response.status > 299) return;
    if (to(response).tag === answered.tag) edge.transport.send(answered.answer, answered.source);
    // Another fork answered too; the caller has one dialog (RFC 3261 §13.2.2.4).
    else edge.unwanted.hangUp(response, answered.carrier);
  }

  #pendingCall(callId: string): CallSession | undefined {
    const session = this.#byCallId.get(callId);
    return session?.isPending === true ? session : undefined;
  }

  #answer(
    request: SipRequest,
    source: PeerAddress,
    answer: {
      readonly code: number;
      readonly phrase: string;
      readonly toTag?: string;
      readonly warning?: string;
      readonly unsupported?: readonly string[];
    },
  ): void {
    const edge = this.#edge;
    if (edge === undefined) return;
    const response = plainResponse(request, {
      ...answer,
      toTag: answer.toTag ?? statelessTag(request),
      local: edge.local,
    });
    // CALL-07: the reply address is the socket.
    edge.transport.send(serialize(response), source);
  }
}

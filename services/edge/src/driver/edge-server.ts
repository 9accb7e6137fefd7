import {
  SipRequest,
  cancelledTransactionKey,
  cseq,
  serialize,
  serverTransactionKey,
  to,
  topVia,
  validateRequest,
  isValidResponse,
} from '@tandem/sip';
import type { SipParseError, SipResponse } from '@tandem/sip';
import { CallRecord } from '@tandem/proto/edge';
import { adoptedCall } from '../core/adopted-call.ts';
import { branchMark, parseBranch, parseMark } from '../core/call-mark.ts';
import { edgeDecision } from '../core/decisions.ts';
import { isDialogBranch } from '../core/dialog-branch.ts';
import { answerProbe } from '../core/network-probe.ts';
import { plainResponse, refusal } from '../core/messages/caller-response.ts';
import { supportedOptions } from '../core/messages/header-policy.ts';
import { ownerName, ownerPlace, podAt } from '../core/owner.ts';
import type { Place } from '../core/owner.ts';
import type { PeerAddress } from '../core/peer-address.ts';
import { SHORTEST_SESSION_S, isTooBrief } from '../core/session-timers.ts';
import { statelessTag } from '../core/stateless-tag.ts';
import type { DueCall, Orphan } from '../ports.ts';
import { callsAdopted, messagesDropped } from '../telemetry.ts';
import type { MessageListener } from '../transport/message-listener.ts';
import { CallEnding } from './call-ending.ts';
import { claimKey } from './call-inquiries.ts';
import { CallSession } from './call-session.ts';
import type { CallSessionOwner, PeerMessage } from './call-session.ts';
import { AnsweredCalls } from './answered-calls.ts';
import type { AnsweredCall } from './answered-calls.ts';
import { DialogRelay } from './dialog-relay.ts';
import { Drain } from './drain.ts';
import type { EdgeParts, EdgeResources } from './edge-resources.ts';
import { ForeignCalls } from './foreign-calls.ts';
import type { Adoption, ForeignCallsHost, Parcel } from './foreign-calls.ts';
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

/** RFC 3261 §17.1.1.2: the transactions of a call that has failed last for so long at its peers. */
const WOUND_UP_MS = 32_000;
/** A token has at least this many characters of base64url. */
const TOKEN_TEXT = /[\w-]{50}/;

/** Finds the handler of every message that comes in (edge.md §3). */
export class EdgeServer implements MessageListener, CallSessionOwner, ForeignCallsHost {
  #edge: (EdgeResources & { local: EdgeResources['local'] }) | undefined;
  #relay: DialogRelay | undefined;
  #answered: AnsweredCalls | undefined;
  #foreign: ForeignCalls | undefined;
  #ending: CallEnding | undefined;
  readonly #byTransaction = new Map<string, CallSession>();
  readonly #byCallId = new Map<string, CallSession>();
  /** By what tells an INVITE that came by two ways from two INVITEs. */
  readonly #byOrigin = new Map<string, CallSession>();
  /** Requests in a dialog that have been sent after their call once: it is not looked for again. */
  readonly #followed = new WeakSet<SipRequest>();
  #isDraining = false;

  /** Gives the server what it works with; nothing is taken before. */
  open(parts: EdgeParts): void {
    const edge = { ...parts, unwanted: new UnwantedAnswers(parts) };
    this.#edge = edge;
    this.#answered = new AnsweredCalls(edge.clock);
    this.#foreign = new ForeignCalls(edge, this);
    this.#ending = new CallEnding(edge);
    this.#relay = new DialogRelay(edge, {
      pending: (callId) => this.#pendingCall(callId),
      answered: (callId) =>
        this.#answered?.byCallId(callId) ?? this.#byCallId.get(callId)?.answeredInvite,
      toOwner: (callId, request, source) => {
        this.#follow(callId, request, source);
      },
    });
    edge.pods.onLost((place) => {
      this.#onLost(place);
    });
  }

  /** Stops every timer: what is left of calls is in the store. */
  close(): void {
    for (const session of this.#byTransaction.values()) session.close();
    this.#edge?.unwanted.close();
    this.#answered?.close();
    this.#ending?.close();
    this.#relay?.close();
  }

  /** Ends an answered call whose time is over, or asks its ends whether they are still in it. */
  async due(call: DueCall): Promise<void> {
    await this.#ending?.due(call);
  }

  /** Nothing new is begun from now on; calls that ring are given to other pods. @returns when the pod may go */
  async drain(): Promise<void> {
    this.#isDraining = true;
    const edge = this.#edge;
    const foreign = this.#foreign;
    if (edge === undefined || foreign === undefined) return;
    await new Drain(edge, {
      sessions: () => [...this.#byCallId.values()],
      otherWorker: (callId) => foreign.otherWorker(callId),
    }).run();
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** Where this pod stands among the pods now. */
  get place(): Place | undefined {
    return this.#edge?.local;
  }

  /** Calls of this pod that have no final answer yet. */
  get pendingCalls(): number {
    let pending = 0;
    for (const session of this.#byTransaction.values()) pending += session.isPending ? 1 : 0;
    return pending;
  }

  onMessage(message: SipRequest | SipResponse, from: PeerAddress): void {
    this.#receive(message, from, false);
  }

  onHanded(message: SipRequest | SipResponse, from: PeerAddress): void {
    this.#receive(message, from, true);
  }

  onOffer(callId: string): void {
    this.#foreign?.offered(callId);
  }

  onUndelivered(request: SipRequest): void {
    const mark = branchMark(topVia(request).branch ?? '');
    const session = mark === undefined ? undefined : this.#byCallId.get(mark.callId);
    if (mark !== undefined) session?.undelivered(mark.sequence, request.method);
  }

  onMalformed(error: SipParseError, from: PeerAddress): void {
    messagesDropped.add(1, { cause: error.code });
    const { request } = error;
    if (request === undefined || request.method === 'ACK') return;
    this.#answer(request, from, { code: 400, phrase: 'Bad Request', warning: error.message });
  }

  onError(error: Error): void {
    this.#edge?.logger.warn({ err: error }, 'socket error');
  }

  /** A call of a dead pod that a sweep has taken over for this one. */
  adopted(orphan: Orphan): void {
    this.adopt({ ...orphan, cause: 'sweep' });
  }

  adopt(adoption: Adoption): boolean {
    const edge = this.#edge;
    if (edge === undefined) return false;
    const { logger, clock, local, sealer, store } = edge;
    const { callId, isEnded, cause } = adoption;
    const record = CallRecord.decode(adoption.record);
    if (isEnded && clock.now() - lastMoment(record) > WOUND_UP_MS) {
      // Both ends have forgotten it by now.
      store.forget(callId, ownerName(local)).catch((error: unknown) => {
        logger.debug({ err: error, callId }, 'call not forgotten');
      });
      return false;
    }
    const known = this.#byCallId.get(callId);
    if (known !== undefined) {
      if (known.sequence >= record.sequence) return true;
      // Others have gone on with it while this pod was paused.
      known.drop();
    }
    const adopted = adoptedCall(record, { sealer, isEnded });
    if (adopted === undefined) {
      logger.error({ callId }, 'record of a call cannot be read');
      return false;
    }
    if (cause !== 'sweep') callsAdopted.add(1, { cause });
    logger.info({ callId, from: record.owner, cause }, 'call adopted');
    const { call, invite, source } = adopted;
    call.decisions.push(
      edgeDecision(
        {
          check: 'adoption',
          result: 'passed',
          subject: `edge ${local.name}`,
          atMs: clock.now(),
        },
        { from: record.owner, cause },
      ),
    );
    const { traceParent, branch, sequence } = record;
    const session = new CallSession(edge, {
      invite,
      source,
      owner: this,
      adopted: { call, traceParent },
    });
    this.#byTransaction.set(session.transactionKey, session);
    this.#byOrigin.set(session.origin, session);
    session.resume(branch !== '' && adoption.seenBranch === branch ? sequence : 0);
    return true;
  }

  dispatch({ message, from, callId }: Parcel): void {
    const session = this.#byCallId.get(callId);
    if (!(message instanceof SipRequest)) {
      this.#carrierResponse(message, from, session);
    } else if (session !== undefined && message.method === 'CANCEL') {
      this.#cancelCall(session, message, from);
    } else if (session !== undefined && isOfTransaction(message, session)) {
      session.receive(message);
    } else if (to(message).tag !== undefined) {
      this.#relay?.request(message, from);
    }
  }

  keep(answered: AnsweredCall): void {
    this.#answered?.add(answered);
  }

  refuse(request: SipRequest, peer: PeerAddress, code: 200 | 481): void {
    const phrase = code === 200 ? 'OK' : 'Call/Transaction Does Not Exist';
    this.#answer(request, peer, { code, phrase });
  }

  onCallId(session: CallSession, formerId?: string): void {
    if (formerId !== undefined) this.#byCallId.delete(formerId);
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
    if (this.#byTransaction.get(session.transactionKey) === session) {
      this.#byTransaction.delete(session.transactionKey);
    }
    if (this.#byCallId.get(session.callId) === session) this.#byCallId.delete(session.callId);
    if (this.#byOrigin.get(session.origin) === session) this.#byOrigin.delete(session.origin);
  }

  onElsewhere(callId: string, messages: readonly PeerMessage[], owner?: string): void {
    const place = owner === undefined ? undefined : ownerPlace(owner);
    for (const { message, from } of messages) {
      this.#foreign?.take({ message, from, callId, place, isHanded: false });
    }
  }

  #receive(message: SipRequest | SipResponse, from: PeerAddress, isHanded: boolean): void {
    const { logger } = this.#edge ?? {};
    try {
      if (message instanceof SipRequest) this.#request(message, from, isHanded);
      else this.#response(message, from, isHanded);
    } catch (error) {
      // One message must not take the others with it (CALL-10).
      messagesDropped.add(1, { cause: 'failed' });
      logger?.error({ err: error, source: from.address }, 'message failed');
    }
  }

  #request(request: SipRequest, source: PeerAddress, isHanded: boolean): void {
    if (this.#edge === undefined) return;
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
      this.#cancel(request, source, isHanded);
      return;
    }
    if (request.method === 'INVITE' && this.#isKnownInvite(request)) return;
    if (request.method === 'ACK' && this.#isAckOfRefusal(request, source, isHanded)) return;
    if (to(request).tag !== undefined) this.#relay?.request(request, source);
    else this.#outOfDialog(request, source);
  }

  /** A repeated INVITE: the call's own, or of a call that was answered, when the carrier's repeated 2xx is the answer. */
  #isKnownInvite(invite: SipRequest): boolean {
    const key = serverTransactionKey(invite);
    const session = this.#byTransaction.get(key);
    session?.receive(invite);
    return session !== undefined || this.#answered?.byTransaction(key) !== undefined;
  }

  /** RFC 3261 §17.1.1.3: it has the INVITE's own key and URI; our To tag says which pod has refused. */
  #isAckOfRefusal(ack: SipRequest, source: PeerAddress, isHanded: boolean): boolean {
    const session = this.#byTransaction.get(serverTransactionKey(ack));
    if (session !== undefined) {
      session.receive(ack);
      return true;
    }
    if (TOKEN_TEXT.test(ack.uri) || this.#edge === undefined) return false;
    const mark = parseMark(this.#edge.sealer, to(ack).tag ?? '');
    if (mark === undefined || this.#isThis(mark)) return false;
    const { callId } = mark;
    this.#foreign?.take({ message: ack, from: source, callId, place: mark, isHanded });
    return true;
  }

  #outOfDialog(request: SipRequest, source: PeerAddress): void {
    const { method } = request;
    if (method === 'INVITE') {
      this.#newCall(request, source);
    } else if (method === 'OPTIONS') {
      this.#options(request, source);
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
  #options(request: SipRequest, source: PeerAddress): void {
    const edge = this.#edge;
    if (edge === undefined) return;
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

  #newCall(invite: SipRequest, source: PeerAddress): void {
    const edge = this.#edge;
    if (edge === undefined) return;
    if (this.#isDraining) {
      this.#giveAway(invite, source, edge);
      return;
    }
    if (isTooBrief(invite)) {
      // RFC 4028 §8.1.
      const phrase = 'Session Interval Too Small';
      this.#answer(invite, source, { code: 422, phrase, minSeSeconds: SHORTEST_SESSION_S });
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

  /** A pod that drains starts nothing. */
  #giveAway(invite: SipRequest, source: PeerAddress, { local, transport }: EdgeResources): void {
    const callIdHeader = invite.headers.get('Call-ID') ?? '';
    if (this.#foreign?.giveAway({ message: invite, from: source }, callIdHeader) === true) return;
    const toTag = statelessTag(invite);
    const response = refusal(invite, { reason: 'ServiceUnavailable', toTag, local });
    transport.send(serialize(response), source);
  }

  #cancel(request: SipRequest, source: PeerAddress, isHanded: boolean): void {
    const key = cancelledTransactionKey(request);
    const session = this.#byTransaction.get(key);
    if (session !== undefined) {
      this.#cancelCall(session, request, source);
    } else if (this.#answered?.byTransaction(key) !== undefined) {
      // RFC 3261 §9.2: too late, but the CANCEL itself is answered.
      this.refuse(request, source, 200);
    } else if (to(request).tag !== undefined) {
      this.#relay?.request(request, source);
    } else {
      this.#cancelElsewhere(key, request, { source, isHanded });
    }
  }

  #cancelCall(session: CallSession, request: SipRequest, source: PeerAddress): void {
    if (session.source.address !== source.address) {
      // CANCEL goes hop by hop (RFC 3261 §9.1): who did not send the INVITE may not take it back.
      messagesDropped.add(1, { cause: 'foreign-source' });
      this.refuse(request, source, 481);
      return;
    }
    session.cancel(request, () => {
      // RFC 3261 §9.2: with the tag of the INVITE's own answer.
      this.#answer(request, source, { code: 200, phrase: 'OK', toTag: session.toTag });
    });
  }

  /** The claim of its INVITE says which call it is, and which pod has it. */
  #cancelElsewhere(
    key: string,
    request: SipRequest,
    { source, isHanded }: { readonly source: PeerAddress; readonly isHanded: boolean },
  ): void {
    const edge = this.#edge;
    if (edge === undefined) return;
    edge.store.findClaim(claimKey(key, request)).then(
      (claim) => {
        if (claim === undefined) {
          this.refuse(request, source, 481);
          return;
        }
        const { callId, owner } = claim;
        const place = ownerPlace(owner);
        this.#foreign?.take({ message: request, from: source, callId, place, isHanded });
      },
      (error: unknown) => {
        // Sent again by the caller, until the store is back or the INVITE has its final response.
        edge.logger.warn({ err: error }, 'claim of a cancelled INVITE not found');
      },
    );
  }

  #response(response: SipResponse, from: PeerAddress, isHanded: boolean): void {
    if (!isValidResponse(response)) {
      messagesDropped.add(1, { cause: 'bad-response' });
      return;
    }
    const branch = topVia(response).branch ?? '';
    if (isDialogBranch(branch)) {
      this.#relay?.response(response, from);
      return;
    }
    if (UnwantedAnswers.owns(branch) || CallEnding.owns(branch)) {
      this.#ownResponse(response, branch, { from, isHanded });
      return;
    }
    const mark = branchMark(branch);
    const session = mark === undefined ? undefined : this.#byCallId.get(mark.callId);
    if (mark !== undefined && session?.sent(mark.sequence, branch) === true) {
      session.carrierResponse(mark.sequence, response);
      return;
    }
    const answered = mark === undefined ? undefined : this.#answered?.byCallId(mark.callId);
    if (answered?.branch === branch) {
      this.#repeatedAnswer(response, answered);
      return;
    }
    this.#foreignResponse(response, { branch, from, isHanded });
  }

  /** Of no INVITE that this pod knows of: the MAC of its branch comes before any question to the store. */
  #foreignResponse(
    response: SipResponse,
    parts: { readonly branch: string; readonly from: PeerAddress; readonly isHanded: boolean },
  ): void {
    const edge = this.#edge;
    const mark = edge === undefined ? undefined : parseBranch(edge.sealer, parts.branch);
    if (edge === undefined || mark === undefined) {
      messagesDropped.add(1, { cause: 'stray-response' });
      return;
    }
    const { callId } = mark;
    const { from, isHanded } = parts;
    if (edge.unwanted.receive(response)) return;
    const isAnswered = this.#answered?.byCallId(callId) !== undefined;
    if (isAnswered || mark.sequence < (this.#byCallId.get(callId)?.sequence ?? 0)) {
      // Of an earlier attempt, or an INVITE that was challenged: nobody waits for it. A later one is another pod's, which
      // has taken the call over while this one was paused.
      edge.unwanted.dismiss(response, from);
      return;
    }
    this.#foreign?.take({ message: response, from, callId, place: mark, isHanded });
  }

  /** Of a request of the switch's own: for the pod that sent it. */
  #ownResponse(
    response: SipResponse,
    branch: string,
    { from, isHanded }: { readonly from: PeerAddress; readonly isHanded: boolean },
  ): void {
    const edge = this.#edge;
    if (edge?.unwanted.receive(response) !== false) return;
    if (this.#ending?.receive(response) === true || isHanded) return;
    const mark = CallEnding.owns(branch)
      ? this.#ending?.ownerOf(branch)
      : edge.unwanted.ownerOf(branch);
    const pod = mark === undefined ? undefined : podAt(edge.pods.pods(), mark);
    if (pod !== undefined && !this.#isThis(pod)) edge.link.hand(response, from, pod);
  }

  #carrierResponse(
    response: SipResponse,
    from: PeerAddress,
    session: CallSession | undefined,
  ): void {
    const branch = topVia(response).branch ?? '';
    const mark = branchMark(branch);
    if (mark !== undefined && session?.sent(mark.sequence, branch) === true) {
      session.carrierResponse(mark.sequence, response);
    } else {
      this.#edge?.unwanted.dismiss(response, from);
    }
  }

  /** The carrier has not seen the caller's ACK: it travels end to end, so the 2xx does too (edge.md §1.2). */
  #repeatedAnswer(response: SipResponse, answered: AnsweredCall): void {
    const edge = this.#edge;
    if (edge === undefined || response.status < 200 || response.status > 299) return;
    if (cseq(response).method !== 'INVITE') return;
    if (to(response).tag === answered.tag) edge.transport.send(answered.answer, answered.source);
    // Another fork answered too; the caller has one dialog (RFC 3261 §13.2.2.4).
    else edge.unwanted.hangUp(response, answered.carrier);
  }

  /** A request in a dialog whose call is not answered, nor here. */
  #follow(callId: string, request: SipRequest, source: PeerAddress): void {
    if (this.#followed.has(request)) {
      if (request.method !== 'ACK') this.refuse(request, source, 481);
      return;
    }
    this.#followed.add(request);
    this.#foreign?.take({ message: request, from: source, callId, isHanded: false });
  }

  #pendingCall(callId: string): CallSession | undefined {
    const session = this.#byCallId.get(callId);
    return session?.isPending === true ? session : undefined;
  }

  /** The pod's lease had run out: others may have taken its calls over (edge.md §5). */
  #onLost({ slot, epoch }: Place): void {
    const edge = this.#edge;
    if (edge === undefined) return;
    const isSamePlace = this.#isThis({ slot, epoch });
    edge.local = { ...edge.local, slot, epoch };
    for (const session of [...this.#byTransaction.values()]) {
      if (isSamePlace) this.#verify(session, edge);
      else session.drop();
    }
  }

  /** Whether the store still has a call under this pod's name; where nobody took it, it goes on. */
  #verify(session: CallSession, { local, logger, store }: EdgeResources): void {
    const { callId } = session;
    store.get(callId).then(
      (stored) => {
        if (stored !== undefined && stored.owner !== ownerName(local)) session.drop(stored.owner);
      },
      (error: unknown) => {
        // Its next write says so too.
        logger.debug({ err: error, callId }, 'owner of a call not known');
      },
    );
  }

  #isThis({ slot, epoch }: Place): boolean {
    const local = this.#edge?.local;
    return slot === local?.slot && epoch === local.epoch;
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
      readonly minSeSeconds?: number;
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

/** Whether a request is the INVITE of a session, or the ACK of its refusal. */
function isOfTransaction(request: SipRequest, session: CallSession): boolean {
  return (
    (request.method === 'INVITE' || request.method === 'ACK') &&
    serverTransactionKey(request) === session.transactionKey
  );
}

/** When a call that has failed ended, about. */
function lastMoment({ attempts, startedMs }: CallRecord): number {
  return Math.max(startedMs, ...attempts.map(({ endedMs }) => endedMs));
}

import {
  SipRequest,
  cancelledTransactionKey,
  serverTransactionKey,
  to,
  topVia,
  validateRequest,
} from '@tandem/sip';
import type { SipParseError, SipResponse } from '@tandem/sip';
import { branchMark, parseMark } from './core/marks/call-mark.ts';
import { begin } from './core/call/call-machine.ts';
import { originOf } from './core/call/invite-origin.ts';
import { supportedOptions } from './core/messages/header-policy.ts';
import { isSamePlace, ownerName, ownerPlace } from './core/marks/owner.ts';
import type { Place } from './core/marks/owner.ts';
import type { PeerAddress } from './core/network/peer-address.ts';
import { SHORTEST_SESSION_S, isTooBrief } from './core/dialog/session-timers.ts';
import type { DueCall, Orphan } from './ports.ts';
import { acknowledgesStateless } from './core/marks/stateless-tag.ts';
import { CallSpan, messagesDropped } from './telemetry.ts';
import type { MessageListener } from './network/message-listener.ts';
import { adoptCall } from './pods/adoption.ts';
import type { Adoption } from './pods/adoption.ts';
import { AnsweredCalls } from './setup/answered-calls.ts';
import type { AnsweredCall } from './setup/answered-calls.ts';
import { CallDirectory } from './setup/call-directory.ts';
import { CallEnding } from './dialog/call-ending.ts';
import { CallMailbox, MailboxSurroundings } from './setup/call-mailbox.ts';
import type { CallKeeper } from './setup/call-mailbox.ts';
import { claimKey } from './setup/call-services.ts';
import { DialogRelay } from './dialog/dialog-relay.ts';
import { Drain } from './pods/drain.ts';
import type { EdgeParts, EdgeResources } from './edge-resources.ts';
import { passed } from './faults.ts';
import { ForeignCalls } from './pods/foreign-calls.ts';
import type { CancelAnswer, ForeignCallsHost, Parcel } from './pods/foreign-calls.ts';
import type { PeerMessage } from './network/peer-message.ts';
import { ResponseFinder } from './pods/response-finder.ts';
import { answerOutOfDialog, answerStateless, refuseForNow } from './setup/stateless-answers.ts';
import type { StatelessAnswer } from './setup/stateless-answers.ts';
import { UnwantedAnswers } from './setup/unwanted-answers.ts';

/** A sips URI promises TLS on every hop (RFC 3261 §26.2.2), which a UDP socket cannot keep. */
const servedSchemes = ['sip', 'tel'];
/** A token has at least this many characters of base64url. */
const TOKEN_TEXT = /[\w-]{50}/;

/** What there is once the server is open. */
interface OpenEdge {
  readonly edge: EdgeResources & {
    local: EdgeResources['local'];
    unwanted: EdgeResources['unwanted'];
  };
  readonly around: MailboxSurroundings;
  readonly answered: AnsweredCalls;
  readonly foreign: ForeignCalls;
  readonly ending: CallEnding;
  readonly relay: DialogRelay;
  readonly responses: ResponseFinder;
}

/** Finds the handler of every message that comes in (edge.md §3). */
export class EdgeServer implements MessageListener, CallKeeper, ForeignCallsHost {
  #open: OpenEdge | undefined;
  readonly #calls = new CallDirectory();
  /** Requests in a dialog that have been sent after their call once: it is not looked for again. */
  readonly #followed = new WeakSet<SipRequest>();
  #isDraining = false;

  /** Gives the server what it works with; nothing is taken before. */
  open(parts: EdgeParts): void {
    const edge = { ...parts } as OpenEdge['edge'];
    // It reads the pod's place anew each time, from the same object.
    edge.unwanted = new UnwantedAnswers(edge);
    const calls = this.#calls;
    const around = new MailboxSurroundings(edge, this);
    const answered = new AnsweredCalls(edge.clock);
    const foreign = new ForeignCalls(edge, this);
    const ending = new CallEnding(edge);
    const relay = new DialogRelay(edge, {
      pending: (callId) => calls.pending(callId),
      answered: (callId) => answered.byCallId(callId) ?? calls.byCallId(callId)?.answeredInvite,
      toOwner: (callId, request, source) => {
        this.#follow(callId, request, source);
      },
    });
    const responses = new ResponseFinder(edge, { calls, answered, foreign, relay, ending });
    this.#open = { edge, around, answered, foreign, ending, relay, responses };
    edge.pods.onLost((place) => {
      this.#onLost(edge, place);
    });
  }

  /** Stops every timer: what is left of calls is in the store. */
  close(): void {
    for (const mailbox of this.#calls.all()) mailbox.close();
    const { edge, answered, ending, foreign, relay } = this.#open ?? {};
    edge?.unwanted.close();
    foreign?.close();
    answered?.close();
    ending?.close();
    relay?.close();
  }

  /** Ends an answered call whose time is over, or asks its ends whether they are still in it. */
  async due(call: DueCall): Promise<void> {
    await this.#open?.ending.due(call);
  }

  /** Nothing new is begun from now on; calls that ring are given to other pods. @returns when the pod may go */
  async drain(): Promise<void> {
    this.#isDraining = true;
    if (this.#open === undefined) return;
    const { edge, foreign } = this.#open;
    await new Drain(edge, {
      mailboxes: () => this.#calls.all(),
      otherWorker: (callId) => foreign.otherWorker(callId),
    }).run();
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** Where this pod stands among the pods now. */
  get place(): Place | undefined {
    return this.#open?.edge.local;
  }

  /** Calls of this pod that have no final answer yet. */
  get pendingCalls(): number {
    return this.#calls.pendingCalls;
  }

  passOn(bytes: Buffer, from: PeerAddress): boolean {
    return this.#open?.responses.passOn(bytes, from) ?? false;
  }

  onMessage(message: SipRequest | SipResponse, from: PeerAddress): void {
    this.#receive(message, from, false);
  }

  onHanded(message: SipRequest | SipResponse, from: PeerAddress): void {
    this.#receive(message, from, true);
  }

  onOffer(callId: string): void {
    this.#open?.foreign.offered(callId);
  }

  onUndelivered(request: SipRequest): void {
    const mark = branchMark(topVia(request).branch ?? '');
    if (mark === undefined) return;
    const { sequence } = mark;
    this.#calls
      .byCallId(mark.callId)
      ?.take({ kind: 'undelivered', sequence, method: request.method });
  }

  onMalformed(error: SipParseError, from: PeerAddress): void {
    messagesDropped.add(1, { cause: error.code });
    const { request } = error;
    if (request === undefined || request.method === 'ACK') return;
    this.#answer(request, from, { code: 400, phrase: 'Bad Request', warning: error.message });
  }

  onError(error: Error): void {
    this.#open?.edge.logger.warn({ err: error }, 'socket error');
  }

  /** A call of a dead pod that a sweep has taken over for this one. */
  adopted(orphan: Orphan): void {
    this.adopt({ ...orphan, cause: 'sweep' });
  }

  adopt(adoption: Adoption): boolean {
    if (this.#open === undefined) return false;
    passed('after-adopt');
    return adoptCall(this.#open.around, adoption, this.#calls);
  }

  dispatch({ message, from, callId }: Parcel): void {
    const mailbox = this.#calls.byCallId(callId);
    if (!(message instanceof SipRequest)) {
      this.#open?.responses.ofAdopted(message, from);
    } else if (mailbox !== undefined && message.method === 'CANCEL') {
      this.#withdraw(mailbox, message, from);
    } else if (mailbox !== undefined && isOfTransaction(message, mailbox)) {
      mailbox.take({ kind: 'request', request: message });
    } else if (to(message).tag !== undefined) {
      this.#open?.relay.request(message, from);
    }
  }

  keep(answered: AnsweredCall): void {
    this.#open?.answered.add(answered);
  }

  refuse(request: SipRequest, peer: PeerAddress, answer: CancelAnswer): void {
    const phrase = answer.code === 200 ? 'OK' : 'Call/Transaction Does Not Exist';
    this.#answer(request, peer, { ...answer, phrase });
  }

  onCallId(mailbox: CallMailbox, formerId?: string): void {
    this.#calls.name(mailbox, formerId);
  }

  onAnswerAck(ack: SipRequest, source: PeerAddress): void {
    this.#open?.relay.request(ack, source);
  }

  onAnswered(mailbox: CallMailbox, answered: AnsweredCall): void {
    this.onOver(mailbox);
    this.#open?.answered.add(answered);
  }

  onOver(mailbox: CallMailbox): void {
    this.#calls.remove(mailbox);
  }

  onElsewhere(callId: string, messages: readonly PeerMessage[], owner?: string): void {
    const place = owner === undefined ? undefined : ownerPlace(owner);
    for (const { message, from } of messages) {
      this.#open?.foreign.take({ message, from, callId, place, isHanded: false });
    }
  }

  #receive(message: SipRequest | SipResponse, from: PeerAddress, isHanded: boolean): void {
    if (this.#open === undefined) return;
    const { edge, responses } = this.#open;
    try {
      if (message instanceof SipRequest) this.#request(message, from, isHanded);
      else responses.receive(message, { from, isHanded });
    } catch (error) {
      // One message must not take the others with it (CALL-10).
      messagesDropped.add(1, { cause: 'failed' });
      edge.logger.error({ err: error, source: from.address }, 'message failed');
    }
  }

  #request(request: SipRequest, source: PeerAddress, isHanded: boolean): void {
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
    if (request.method === 'INVITE') {
      this.#invite(request, source);
      return;
    }
    if (request.method === 'ACK' && this.#isAckOfRefusal(request, source, isHanded)) return;
    if (to(request).tag !== undefined) this.#open?.relay.request(request, source);
    else this.#outOfDialog(request, source);
  }

  #invite(invite: SipRequest, source: PeerAddress): void {
    const key = serverTransactionKey(invite);
    if (this.#isKnown(key, invite)) return;
    if (to(invite).tag !== undefined) this.#open?.relay.request(invite, source);
    else this.#newCall(key, invite, source);
  }

  /** A repeated INVITE: of a call, or of one that was answered, when the carrier's repeated 2xx is the answer. */
  #isKnown(key: string, invite: SipRequest): boolean {
    const mailbox = this.#calls.byTransaction(key);
    if (mailbox !== undefined) {
      mailbox.take({ kind: 'request', request: invite });
      return true;
    }
    return this.#open?.answered.byTransaction(key) !== undefined;
  }

  /** RFC 3261 §17.1.1.3: it has the INVITE's own key and URI; our To tag says which pod has refused. */
  #isAckOfRefusal(ack: SipRequest, source: PeerAddress, isHanded: boolean): boolean {
    const mailbox = this.#calls.byTransaction(serverTransactionKey(ack));
    if (mailbox !== undefined) {
      mailbox.take({ kind: 'request', request: ack });
      return true;
    }
    // That of a challenge has done what it is for.
    if (acknowledgesStateless(ack)) return true;
    if (TOKEN_TEXT.test(ack.uri) || this.#open === undefined) return false;
    const { edge, foreign } = this.#open;
    const mark = parseMark(edge.sealer, to(ack).tag ?? '');
    if (mark === undefined || isSamePlace(mark, edge.local)) return false;
    const { callId } = mark;
    foreign.take({ message: ack, from: source, callId, place: mark, isHanded });
    return true;
  }

  #outOfDialog(request: SipRequest, source: PeerAddress): void {
    if (this.#open === undefined) return;
    const isDraining = this.#isDraining;
    answerOutOfDialog(this.#open.edge, request, { source, isDraining });
  }

  #newCall(transactionKey: string, invite: SipRequest, source: PeerAddress): void {
    if (this.#open === undefined) return;
    const { edge, around, foreign } = this.#open;
    if (this.#isDraining) {
      // It starts nothing.
      const callIdHeader = invite.headers.get('Call-ID') ?? '';
      const isGiven = foreign.giveAway({ message: invite, from: source }, callIdHeader);
      if (!isGiven) refuseForNow(edge, invite, source);
      return;
    }
    if (isTooBrief(invite)) {
      // RFC 4028 §8.1.
      const phrase = 'Session Interval Too Small';
      this.#answer(invite, source, { code: 422, phrase, minSeSeconds: SHORTEST_SESSION_S });
      return;
    }
    const origin = originOf(invite);
    if (this.#calls.byOrigin(origin)?.isPending === true) {
      // RFC 3261 §8.2.2.2: the same INVITE by another way.
      this.#answer(invite, source, { code: 482, phrase: 'Loop Detected' });
      return;
    }
    const arrival = { callId: edge.random(12), startedMs: edge.clock.now(), invite, source };
    const parts = { call: begin(arrival), span: new CallSpan(), transactionKey, origin };
    const mailbox = new CallMailbox(around, parts);
    this.#calls.add(mailbox);
    mailbox.begin();
  }

  #cancel(request: SipRequest, source: PeerAddress, isHanded: boolean): void {
    const key = cancelledTransactionKey(request);
    const mailbox = this.#calls.byTransaction(key);
    if (mailbox !== undefined) {
      this.#withdraw(mailbox, request, source);
    } else if (this.#open?.answered.byTransaction(key) !== undefined) {
      // RFC 3261 §9.2: too late, but the CANCEL itself is answered.
      this.refuse(request, source, { code: 200 });
    } else if (to(request).tag !== undefined) {
      this.#open?.relay.request(request, source);
    } else {
      this.#cancelElsewhere(key, request, { source, isHanded });
    }
  }

  /** CANCEL goes hop by hop (RFC 3261 §9.1): who did not send the INVITE may not take it back. */
  #withdraw(mailbox: CallMailbox, request: SipRequest, from: PeerAddress): void {
    if (mailbox.source.address === from.address) {
      mailbox.take({ kind: 'withdrawal', request, from });
      return;
    }
    messagesDropped.add(1, { cause: 'foreign-source' });
    this.refuse(request, from, { code: 481 });
  }

  /** The claim of its INVITE says which call it is, and which pod has it. */
  #cancelElsewhere(
    key: string,
    request: SipRequest,
    { source, isHanded }: { readonly source: PeerAddress; readonly isHanded: boolean },
  ): void {
    if (this.#open === undefined) return;
    const { edge, foreign } = this.#open;
    edge.store.findClaim(claimKey(key, request)).then(
      (claim) => {
        if (claim === undefined) {
          this.refuse(request, source, { code: 481 });
          return;
        }
        const { callId, owner } = claim;
        const place = ownerPlace(owner);
        foreign.take({ message: request, from: source, callId, place, isHanded });
      },
      (error: unknown) => {
        // Sent again by the caller, until the store is back or the INVITE has its final response.
        edge.logger.warn({ err: error }, 'claim of a cancelled INVITE not found');
      },
    );
  }

  /** A request in a dialog whose call is not answered, nor here. */
  #follow(callId: string, request: SipRequest, source: PeerAddress): void {
    if (this.#followed.has(request)) {
      if (request.method !== 'ACK') this.refuse(request, source, { code: 481 });
      return;
    }
    this.#followed.add(request);
    this.#open?.foreign.take({ message: request, from: source, callId, isHanded: false });
  }

  /** The pod's lease had run out: others may have taken its calls over (edge.md §5). */
  #onLost(edge: OpenEdge['edge'], { slot, epoch }: Place): void {
    const isSame = isSamePlace({ slot, epoch }, edge.local);
    edge.local = { ...edge.local, slot, epoch };
    for (const mailbox of this.#calls.all()) {
      // Of what auth is asked about nothing is in the store: other pods may be at work on the same INVITEs.
      if (isSame && !mailbox.isAsking) this.#verify(mailbox, edge);
      else mailbox.take({ kind: 'lost' });
    }
  }

  /** Whether the store still has a call under this pod's name; where nobody took it, it goes on. */
  #verify(mailbox: CallMailbox, { local, logger, store }: EdgeResources): void {
    const { callId } = mailbox;
    store.get(callId).then(
      (stored) => {
        if (stored === undefined || stored.owner === ownerName(local)) return;
        mailbox.take({ kind: 'lost', owner: stored.owner });
      },
      (error: unknown) => {
        // Its next write says so too.
        logger.debug({ err: error, callId }, 'owner of a call not known');
      },
    );
  }

  #answer(request: SipRequest, source: PeerAddress, answer: StatelessAnswer): void {
    if (this.#open !== undefined) answerStateless(this.#open.edge, request, { source, answer });
  }
}

/** Whether a request is the INVITE of a mailbox, or the ACK of its refusal. */
function isOfTransaction(request: SipRequest, mailbox: CallMailbox): boolean {
  return (
    (request.method === 'INVITE' || request.method === 'ACK') &&
    serverTransactionKey(request) === mailbox.transactionKey
  );
}

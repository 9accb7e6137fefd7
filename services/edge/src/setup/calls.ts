import { cancelledTransactionKey, cseq, serverTransactionKey, to } from '@tandem/sip';
import type { SipRequest, SipResponse } from '@tandem/sip';
import { newCall } from '../core/call/call-state.ts';
import { originOf } from '../core/call/invite-origin.ts';
import { isTooBrief } from '../core/dialog/session-timers.ts';
import { branchMark } from '../core/marks/call-mark.ts';
import type { CallMark } from '../core/marks/call-mark.ts';
import { ownerName } from '../core/marks/owner.ts';
import { tooBrief } from '../core/messages/request-answers.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import type { EdgeResources } from '../edge-resources.ts';
import { passed } from '../faults.ts';
import { messagesDropped } from '../telemetry.ts';
import { Admissions } from './admissions.ts';
import type { CancelMessage, OnAdmitted } from './admissions.ts';
import { adoptCall } from './adoption.ts';
import type { Adoption } from './adoption.ts';
import { AnsweredCalls } from './answered-calls.ts';
import type { AnsweredCall } from './answered-calls.ts';
import { CallDirectory } from './call-directory.ts';
import { CallSession } from './call-session.ts';
import type { CallSessionOwner } from './call-session.ts';
import { accepted, answerStateless, noCall } from './stateless-answers.ts';

export type { Adoption } from './adoption.ts';
export type { AnsweredCall } from './answered-calls.ts';
export { claimKey } from './call-inquiries.ts';
export type { PeerMessage } from './held-work.ts';
export { ownRequest } from './own-requests.ts';
export { accepted, answerStateless, noCall, refuseForNow } from './stateless-answers.ts';
export type { StatelessAnswer } from './stateless-answers.ts';
export { UnwantedAnswers } from './unwanted-answers.ts';

/** What calls need of the rest of the pod. */
export type CallsHost = Pick<CallSessionOwner, 'onAnswerAck' | 'onElsewhere'>;

/** A call of this pod, as the others see it. */
export type CallOfPod = Pick<
  CallSession,
  | 'callId'
  | 'isPending'
  | 'isSettled'
  | 'isCalling'
  | 'isHandable'
  | 'earlyTokens'
  | 'cancel'
  | 'freeze'
  | 'thaw'
  | 'drop'
  | 'saveAll'
>;

/**
 * The calls of this pod until they are answered, and for as long afterwards as their INVITEs may be repeated: by the
 * transactions of their callers, and by the branches that went to carriers.
 */
export class Calls {
  readonly #edge: EdgeResources;
  readonly #directory = new CallDirectory();
  readonly #admissions: Admissions;
  readonly #answered: AnsweredCalls;
  readonly #owner: CallSessionOwner;

  constructor(edge: EdgeResources, host: CallsHost) {
    this.#edge = edge;
    this.#admissions = new Admissions(edge, this.#admitted);
    this.#answered = new AnsweredCalls(edge.clock);
    this.#owner = {
      onCallId: (session, formerId) => {
        this.#directory.name(session, formerId);
      },
      onAnswerAck: (ack, source) => {
        host.onAnswerAck(ack, source);
      },
      onAnswered: (session, answered) => {
        this.#directory.remove(session);
        this.#answered.add(answered);
      },
      onOver: (session) => {
        this.#directory.remove(session);
      },
      onElsewhere: (callId, messages, owner) => {
        host.onElsewhere(callId, messages, owner);
      },
    };
  }

  /** How many have no final answer yet. */
  get pendingCount(): number {
    return this.#directory.pendingCalls + this.#admissions.size;
  }

  /** Whether auth is asked about INVITEs: what it lets in begins here. */
  get isAsking(): boolean {
    return this.#admissions.size > 0;
  }

  /** All that are in memory and not answered lately. */
  all(): readonly CallOfPod[] {
    return this.#directory.all();
  }

  /** Whether a call is in memory, with this INVITE or a later one, or was answered here lately. */
  has({ callId, sequence }: CallMark): boolean {
    const session = this.#directory.byCallId(callId);
    if (session !== undefined && sequence <= session.sequence) return true;
    return this.#answered.byCallId(callId) !== undefined;
  }

  /** A call that has no final answer yet. */
  pending(callId: string): CallOfPod | undefined {
    return this.#directory.pending(callId);
  }

  /** What the ACK of a call that was answered lately has to say again. */
  answered(callId: string): Pick<AnsweredCall, 'cseq' | 'authorization'> | undefined {
    return this.#answered.byCallId(callId) ?? this.#directory.byCallId(callId)?.answeredInvite;
  }

  /** Keeps what is left of a call that another pod answered. */
  keep(answered: AnsweredCall): void {
    this.#answered.add(answered);
  }

  /** Asks auth about a new INVITE; what it lets in, or knows nothing of, is a call. */
  begin(invite: SipRequest, source: PeerAddress): void {
    if (isTooBrief(invite)) {
      answerStateless(this.#edge, invite, { source, answer: tooBrief });
      return;
    }
    const origin = originOf(invite);
    if (
      this.#admissions.hasOrigin(origin) ||
      this.#directory.byOrigin(origin)?.isPending === true
    ) {
      // RFC 3261 §8.2.2.2: the same INVITE by another way.
      answerStateless(this.#edge, invite, { source, answer: { answer: 'Loop' } });
      return;
    }
    const transactionKey = serverTransactionKey(invite);
    this.#admissions.ask({ invite, source, transactionKey, origin });
  }

  /**
   * The INVITE again: of a call, of one that auth is asked about, or of a call that was answered, when the carrier's repeated
   * 2xx is the answer. @returns whether it is one
   */
  repeated(invite: SipRequest): boolean {
    const key = serverTransactionKey(invite);
    const session = this.#directory.byTransaction(key);
    session?.receive(invite);
    return (
      session !== undefined ||
      this.#admissions.byTransaction(key) !== undefined ||
      this.#answered.byTransaction(key) !== undefined
    );
  }

  /** The ACK of a refusal, which has the INVITE's own key (RFC 3261 §17.1.1.3). @returns whether it is one */
  acknowledged(ack: SipRequest): boolean {
    const session = this.#directory.byTransaction(serverTransactionKey(ack));
    session?.receive(ack);
    return session !== undefined;
  }

  /** CANCEL of an INVITE that is known here. @returns whether it is one */
  cancelled(cancel: SipRequest, from: PeerAddress): boolean {
    const key = cancelledTransactionKey(cancel);
    const message = { message: cancel, from };
    const session = this.#directory.byTransaction(key);
    if (session !== undefined) {
      this.#cancel(session, message);
    } else if (this.#admissions.byTransaction(key) !== undefined) {
      // Who else may take it back is known once auth has said who calls.
      this.#admissions.cancel(key, message);
    } else if (this.#answered.byTransaction(key) !== undefined) {
      // RFC 3261 §9.2: too late, but the CANCEL itself is answered.
      answerStateless(this.#edge, cancel, { source: from, answer: accepted });
    } else {
      return false;
    }
    return true;
  }

  /** A request for a call that was taken over meanwhile. @returns whether it is for its INVITE, so that it is dealt with */
  takenOver(callId: string, request: SipRequest, from: PeerAddress): boolean {
    const session = this.#directory.byCallId(callId);
    if (session === undefined) return false;
    if (request.method === 'CANCEL') {
      this.#cancel(session, { message: request, from });
      return true;
    }
    if (!isOfTransaction(request, session)) return false;
    session.receive(request);
    return true;
  }

  /** A response with the branch of an INVITE of ours, or of its CANCEL. @returns whether its call is in memory */
  carrierResponse(response: SipResponse, branch: string): boolean {
    const mark = branchMark(branch);
    if (mark === undefined) return false;
    const session = this.#directory.byCallId(mark.callId);
    if (session?.sent(mark.sequence, branch) === true) {
      session.carrierResponse(mark.sequence, response);
      return true;
    }
    const answered = this.#answered.byCallId(mark.callId);
    if (answered?.branch !== branch) return false;
    this.#repeatedAnswer(response, answered);
    return true;
  }

  /** Whether nobody waits for responses to this INVITE any more: a later one of the call has been sent, or was answered. */
  isPast({ callId, sequence }: CallMark): boolean {
    if (this.#answered.byCallId(callId) !== undefined) return true;
    return sequence < (this.#directory.byCallId(callId)?.sequence ?? 0);
  }

  /** A request with this branch did not leave. */
  undelivered(branch: string, method: string): void {
    const mark = branchMark(branch);
    if (mark === undefined) return;
    this.#directory.byCallId(mark.callId)?.undelivered(mark.sequence, method);
  }

  /** Goes on with a call of another pod, unless it is in memory already. @returns whether it is in memory now */
  adopt(adoption: Adoption): boolean {
    passed('after-adopt');
    return adoptCall(this.#edge, adoption, { calls: this.#directory, owner: this.#owner });
  }

  /**
   * The pod's lease had run out: others may have taken its calls over, or be at work on the same INVITEs (edge.md §5).
   * @param isSamePlace nobody has taken its slot: what the store has under its name is still its own
   */
  leaseLost(isSamePlace: boolean): void {
    this.#admissions.forget();
    for (const session of this.#directory.all()) {
      if (isSamePlace) this.#verify(session);
      else session.drop();
    }
  }

  /** Stops every timer: what is left of calls is in the store. */
  close(): void {
    for (const session of this.#directory.all()) session.close();
    this.#admissions.forget();
    this.#answered.close();
  }

  /** Auth knows who calls, or could not say: either way it is a call, that has one event at its end. */
  readonly #admitted: OnAdmitted = (admission, { verdict, cancel }) => {
    const { callId, invite, source, span, startedMs } = admission;
    const call = newCall(callId, startedMs);
    const session = new CallSession(this.#edge, { invite, source, owner: this.#owner, call, span });
    this.#directory.add(session);
    session.start(verdict);
    if (cancel !== undefined) this.#cancel(session, cancel);
  };

  /**
   * CANCEL goes hop by hop (RFC 3261 §9.1): who did not send the INVITE may not take it back. All nodes of a gateway that is
   * known by its addresses are one client.
   */
  #cancel(session: CallSession, { message, from }: CancelMessage): void {
    if (!session.isCaller(from.address)) {
      messagesDropped.add(1, { cause: 'foreign-source' });
      answerStateless(this.#edge, message, { source: from, answer: noCall });
      return;
    }
    session.cancel({ message, from }, () => {
      // RFC 3261 §9.2: with the tag of the INVITE's own answer.
      const answer = { ...accepted, toTag: session.toTag };
      answerStateless(this.#edge, message, { source: from, answer });
    });
  }

  /** The carrier has not seen the caller's ACK: it travels end to end, so the 2xx does too (edge.md §1.2). */
  #repeatedAnswer(response: SipResponse, answered: AnsweredCall): void {
    const { transport, unwanted } = this.#edge;
    const { status } = response;
    if (status < 200 || status > 299 || cseq(response).method !== 'INVITE') return;
    if (to(response).tag === answered.tag) transport.send(answered.answer, answered.source);
    // Another fork answered too; the caller has one dialog (RFC 3261 §13.2.2.4).
    else unwanted.hangUp(response, answered.carrier);
  }

  /** Whether the store still has a call under this pod's name; where nobody took it, it goes on. */
  #verify(session: CallSession): void {
    const { local, logger, store } = this.#edge;
    const { callId } = session;
    const own = ownerName(local);
    store.get(callId).then(
      (stored) => {
        if (stored !== undefined && stored.owner !== own) session.drop(stored.owner);
      },
      (error: unknown) => {
        // Its next write says so too.
        logger.debug({ err: error, callId }, 'owner of a call not known');
      },
    );
  }
}

/** Whether a request is the INVITE of a call, or the ACK of its refusal. */
function isOfTransaction(request: SipRequest, { transactionKey }: CallSession): boolean {
  return (
    (request.method === 'INVITE' || request.method === 'ACK') &&
    serverTransactionKey(request) === transactionKey
  );
}
